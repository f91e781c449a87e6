package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

// A Program is a compiled graph that can be run.
type Program struct {
	Engine  string // the engine that made it
	Reason  string // why auto took it, "" if the engine was asked for by name
	Meta    abi.Meta
	Lowered *Lowered // nil for the interpreter
	lib     *native.Library
	run     func(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error)
}

// Result is what one run gives.
type Result struct {
	Outputs []tensor.Tensor
	// Gradients has an entry for each input, nil where it wants no gradient; it is nil
	// if no output adjoint was given.
	Gradients []*tensor.Tensor
}

// Run computes the outputs, and the gradients if gradOut, which has an entry for
// each output, holds any adjoint. Tensors are contiguous; those with strides in the
// graph's text are laid out here.
func (p *Program) Run(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error) {
	if err := checkData(p.Meta, inputs); err != nil {
		return nil, err
	}
	given := false
	for i, g := range gradOut {
		if g == nil {
			continue
		}
		if i >= len(p.Meta.Outputs) {
			return nil, fmt.Errorf("got an adjoint for output %d, the graph has %d outputs", i, len(p.Meta.Outputs))
		}
		want := p.Meta.Outputs[i]
		if g.DType != want.DType || !sameShape(g.Shape, want.Shape) {
			return nil, fmt.Errorf("grad_output.%d is %s%v, expected %s%v like the output", i, g.DType, g.Shape, want.DType, want.Shape)
		}
		given = true
	}
	if !given || !NeedsGradient(p.Meta) {
		gradOut = nil
	}
	return p.run(inputs, gradOut)
}

// interpProgram runs the graph on the reference interpreter.
func interpProgram(graph *ir.Module, o Options) (*Program, error) {
	o.Engine = Interp
	if err := o.CheckGEMM(); err != nil {
		return nil, err
	}
	meta, err := Signature(graph)
	if err != nil {
		return nil, err
	}
	meta.Engine, meta.Sources = Interp, o.Sources
	m := ir.CloneModule(graph)
	if err := o.run(m, forInterp, o.Manager); err != nil {
		return nil, err
	}
	backward := m.Symbol(passes.BackwardName)
	run := func(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error) {
		machine := interp.New(m)
		args := pointers(inputs)
		all, err := machine.Call(passes.GraphName, args)
		if err != nil {
			return nil, err
		}
		r := &Result{}
		for i := range meta.Outputs {
			r.Outputs = append(r.Outputs, *all[i])
		}
		if gradOut == nil {
			return r, nil
		}
		for _, i := range backward.Ints("cladopt.reads_results") {
			args = append(args, all[i])
		}
		for _, i := range backward.Ints("cladopt.adjoints_of") {
			g, err := adjoint(meta, gradOut, int(i))
			if err != nil {
				return nil, err
			}
			args = append(args, g)
		}
		grads, err := machine.Call(passes.BackwardName, args)
		if err != nil {
			return nil, err
		}
		r.Gradients = make([]*tensor.Tensor, len(inputs))
		for k, i := range backward.Ints("cladopt.gradients_of") {
			r.Gradients[i] = grads[k]
		}
		return r, nil
	}
	return &Program{Engine: Interp, Meta: meta, run: run}, nil
}

// adjoint is the adjoint of output i: zeros where none was given.
func adjoint(meta abi.Meta, gradOut []*tensor.Tensor, i int) (*tensor.Tensor, error) {
	if i < len(gradOut) && gradOut[i] != nil {
		return gradOut[i], nil
	}
	zero, err := tensor.New(meta.Outputs[i].DType, meta.Outputs[i].Shape)
	return &zero, err
}

func pointers(ts []tensor.Tensor) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(ts))
	for i := range ts {
		out[i] = &ts[i]
	}
	return out
}

// libraryProgram makes a library of the graph and loads it.
func libraryProgram(ctx context.Context, graph *ir.Module, o Options) (*Program, error) {
	l, err := Lower(graph, o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cladopt-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // a loaded library stays mapped without its file
	path := filepath.Join(dir, "graph.so")
	if err := l.Build(ctx, path); err != nil {
		return nil, err
	}
	lib, err := native.Open(path)
	if err != nil {
		return nil, err
	}
	return &Program{Engine: l.Meta.Engine, Meta: l.Meta, Lowered: l, lib: lib, run: func(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error) {
		s, err := newSession(lib, l.Meta, inputs, gradOut)
		if err != nil {
			return nil, err
		}
		if err := s.Forward(); err != nil {
			return nil, err
		}
		if gradOut != nil {
			if err := s.Backward(); err != nil {
				return nil, err
			}
		}
		return &s.Result, nil
	}}, nil
}

// Lend gives the program a table of functions of the caller's in the place of none. Of
// sessions and runs that have begun it must not be called.
func (p *Program) Lend(host abi.Host) error {
	if p.lib == nil {
		return fmt.Errorf("engine %s has no library to lend to", p.Engine)
	}
	p.lib.Host = host
	return nil
}

// Build compiles the text to a shared library at path, C++ with further flags.
func (l *Lowered) Build(ctx context.Context, path string, flags ...string) error {
	if l.via != nil {
		return l.via.build(ctx, l, path)
	}
	request := toolchain.Request{Source: l.Source, Output: path, Flags: flags, Timeout: l.options.Timeout}
	var result toolchain.Result
	var err error
	if l.Meta.Pipeline == gradClad || l.Meta.Pipeline == gradPlain {
		var c *toolchain.Clad
		if c, err = toolchain.FindClad(ctx, l.options.Clad); err != nil {
			return err
		}
		result, err = c.Compile(ctx, request)
	} else {
		var cxx *toolchain.Compiler
		if cxx, err = toolchain.Find(ctx); err != nil {
			return err
		}
		result, err = cxx.Compile(ctx, request)
	}
	l.Derived, l.CompileTime = result.Derived, result.Elapsed
	return l.placed(err)
}

// sourceLine is where a compiler says something about the emitted C++.
var sourceLine = regexp.MustCompile(`graph\.cpp:(\d+):\d+: (?:fatal )?(?:error|warning): (.*)`)

// placed tells which function and which lines of the graph a diagnostic of the C++
// compiler, or of Clad, belongs to: functions are printed under a comment that says so.
func (l *Lowered) placed(err error) error {
	if err == nil {
		return nil
	}
	m := sourceLine.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	n, _ := strconv.Atoi(m[1])
	lines := strings.Split(l.Source, "\n")
	for i := min(n, len(lines)) - 1; i >= 0; i-- {
		if where, ok := strings.CutPrefix(lines[i], "// "); ok && strings.Contains(where, ".graph:") {
			return fmt.Errorf("%s: %s\n%w", where, m[2], err)
		}
	}
	return err
}
