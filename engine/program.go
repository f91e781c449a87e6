package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

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
	meta, err := Signature(graph)
	if err != nil {
		return nil, err
	}
	meta.Engine, meta.Sources = Interp, o.Sources
	m := ir.CloneModule(graph)
	if err := RunPipeline(m, interpPipeline, o.Manager); err != nil {
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

// builtinProgram compiles the graph with the system's C++ compiler and loads it.
func builtinProgram(ctx context.Context, graph *ir.Module, o Options) (*Program, error) {
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
	return &Program{Engine: Builtin, Meta: l.Meta, Lowered: l, run: func(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error) {
		return runNative(lib, l.Meta, inputs, gradOut)
	}}, nil
}

// Build compiles the C++ to a shared library at path.
func (l *Lowered) Build(ctx context.Context, path string) error {
	cxx, err := toolchain.Find(ctx)
	if err != nil {
		return err
	}
	_, err = cxx.Compile(ctx, toolchain.Request{Source: l.Source, Output: path})
	return err
}

// runNative calls a library by its contract.
func runNative(lib *native.Library, meta abi.Meta, inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Result, error) {
	// Buffers that C writes are kept alive by these slices until the calls return.
	var buffers [][]byte
	pointer := func(data []byte) unsafe.Pointer {
		buffers = append(buffers, data)
		return unsafe.Pointer(unsafe.SliceData(data))
	}
	in := make([]unsafe.Pointer, len(inputs))
	for i, t := range inputs {
		data, err := t.Strided(meta.Inputs[i].Strides)
		if err != nil {
			return nil, fmt.Errorf("input.%d: %w", i, err)
		}
		in[i] = pointer(data)
	}
	r := &Result{}
	out := make([]unsafe.Pointer, len(meta.Outputs))
	for i, v := range meta.Outputs {
		t, err := tensor.New(v.DType, v.Shape)
		if err != nil {
			return nil, fmt.Errorf("output.%d: %w", i, err)
		}
		r.Outputs = append(r.Outputs, t)
		out[i] = pointer(t.Data)
	}
	ws := native.Workspace(meta)
	if err := lib.Forward(in, out, ws); err != nil {
		return nil, err
	}
	if gradOut == nil {
		return r, nil
	}
	adjoints := make([]unsafe.Pointer, len(meta.Outputs))
	for i, v := range meta.Outputs {
		if !v.RequiresGrad {
			continue // an adjoint that was given reaches no input
		}
		g, err := adjoint(meta, gradOut, int(i))
		if err != nil {
			return nil, err
		}
		adjoints[i] = pointer(g.Data)
	}
	r.Gradients = make([]*tensor.Tensor, len(inputs))
	gradIn := make([]unsafe.Pointer, len(inputs))
	for i, v := range meta.Inputs {
		if !v.RequiresGrad {
			continue
		}
		t, err := tensor.New(v.DType, v.Shape)
		if err != nil {
			return nil, err
		}
		r.Gradients[i] = &t
		gradIn[i] = pointer(t.Data)
	}
	err := lib.Backward(in, out, adjoints, gradIn, ws)
	keep(buffers)
	return r, err
}

// keep stops the collector from freeing buffers before this point.
//
//go:noinline
func keep([][]byte) {}
