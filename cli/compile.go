package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cladopt/cladopt/backend/llvm"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

type compileCmd struct {
	Graph      string `arg:"" help:"The observed graph, - for standard input."`
	Emit       string `default:"cpp" enum:"aten,kernels,loops,mlir,llvm,cpp,clad,clad-derived,so,guards,package" help:"Which stage to write: aten, kernels, loops, mlir (what --via=mlir hands to mlir-opt), llvm (LLVM IR), cpp, clad (C++ for Clad), clad-derived (what Clad derives), so, guards, package (a folder for programs without LibTorch)."`
	Engine     string `default:"auto" enum:"auto,clad,builtin,interp" help:"auto, clad or builtin."`
	Pipeline   string `default:"grad-pairs" enum:"grad-pairs,grad-joint" help:"grad-pairs or grad-joint."`
	Via        string `default:"cpp" help:"Of the builtin engine, the way from loops to a library: ${routes}."`
	LLVM       int    `name:"llvm-version" default:"16" help:"Of --emit=llvm, the version of LLVM that reads it, 14 to 22: typed pointers up to 16, then opaque ones."`
	Generalize string `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes      string `help:"Bind symbolic sizes: s0=12,s1=4"`
	Generic    bool   `help:"Print ops in generic form."`
	Timing     bool   `help:"Print how long each pass took."`
	JSON       bool   `name:"json" help:"Print errors as JSON."`
	Output     string `short:"o" help:"Where to write; standard output if absent."`
	cladFlags
	gemmFlag
}

func (c *compileCmd) Run(e *env) error {
	m, err := e.loadSized(c.Graph, c.Generalize, c.Sizes)
	if err != nil {
		return err
	}
	print := func(m *ir.Module) error {
		return e.write(c.Output, ir.Print(m.Op, ir.PrintOptions{Generic: c.Generic}))
	}
	switch c.Emit {
	case "aten":
		return print(m)
	case "guards":
		var b strings.Builder
		if g, ok := m.Symbol(passes.GraphName).Attr(passes.GuardsMark).(*ir.ArrayAttr); ok {
			for _, a := range g.Elems {
				s, _ := a.(ir.StringAttr)
				fmt.Fprintln(&b, string(s))
			}
		}
		return e.write(c.Output, b.String())
	case "kernels":
		pm := &passes.Manager{Stop: stopBefore("lower-to-loops", e.registry, c.pipeline(m))}
		if err := e.registry.Run(m, c.pipeline(m), pm); err != nil {
			return err
		}
		return print(m)
	}
	if c.Emit == "cpp" && c.Via != engine.ViaCPP || c.Emit == "package" && c.Via == engine.ViaMLIR {
		return usageError{fmt.Errorf("--emit=%s is a stage of --via=%s, not of --via=%s", c.Emit, engine.ViaCPP, c.Via)}
	}
	if (c.Emit == "so" || c.Emit == "package") && c.Output == "" {
		return usageError{fmt.Errorf("--emit=%s needs -o", c.Emit)}
	}
	if c.Engine == engine.Interp {
		return usageError{fmt.Errorf("--engine=interp makes no %s; it only runs graphs", c.Emit)}
	}
	switch c.Emit {
	case "clad", "clad-derived":
		c.Engine = engine.Clad
	case "mlir":
		if c.Engine == engine.Clad {
			return usageError{fmt.Errorf("--emit=mlir is a stage of --engine=builtin; --emit=loops shows what engine clad makes")}
		}
		c.Engine, c.Via = engine.Builtin, engine.ViaMLIR
	}
	version := 0 // of the clang that is there
	if c.Emit == "llvm" {
		if c.Engine == engine.Clad {
			return usageError{fmt.Errorf("--emit=llvm is of engine builtin; engine clad makes C++")}
		}
		if c.LLVM < llvm.OldestVersion || c.LLVM > llvm.NewestVersion {
			return usageError{fmt.Errorf("--llvm-version: got %d, expected %d to %d", c.LLVM, llvm.OldestVersion, llvm.NewestVersion)}
		}
		c.Engine, c.Via, version = engine.Builtin, engine.ViaLLVM, c.LLVM
	}
	if c.Engine == engine.Auto {
		c.Engine = engine.Builtin
		if _, err := toolchain.FindClad(context.Background(), c.paths()); err == nil && (c.Emit == "so" || c.Emit == "package") {
			c.Engine = engine.Clad
		}
	}
	pm := &passes.Manager{SkipVerify: true}
	o := engine.Options{Engine: c.Engine, Pipeline: c.Pipeline, Via: c.Via, LLVMVersion: version, Sources: []string{base(c.Graph)}, Registry: e.registry, Manager: pm, Clad: c.paths(), CladStyle: c.CladStyle, GEMM: c.GEMM}
	if err := c.check(o); err != nil {
		return err
	}
	if c.Emit == "package" {
		o.Name = packageName(c.Graph)
	}
	low, err := engine.Lower(m, o)
	if c.Timing {
		writeTimingTree(e.stderr, pm.Timings)
	}
	if err != nil {
		return err
	}
	switch c.Emit {
	case "loops":
		return print(low.Module)
	case "mlir":
		return print(low.Prepared)
	case "cpp", "clad", "llvm":
		return e.write(c.Output, low.Source)
	}
	done := e.progress("compiling")
	defer done()
	if c.Emit == "clad-derived" {
		return c.derived(e, low)
	}
	if c.Emit == "package" {
		return c.writePackage(m, low)
	}
	err = low.Build(context.Background(), c.Output)
	if c.Timing {
		compiler := "C++ compiler"
		if c.Via == engine.ViaLLVM {
			compiler = "LLVM"
		}
		fmt.Fprintf(e.stderr, "%8.3fms             %s\n", 1e3*low.CompileTime.Seconds(), compiler)
	}
	return err
}

// derived writes what Clad derives of the graph.
func (c *compileCmd) derived(e *env, low *engine.Lowered) error {
	dir, err := os.MkdirTemp("", "cladopt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := low.Build(context.Background(), filepath.Join(dir, "graph.so")); err != nil {
		return err
	}
	return e.write(c.Output, low.Derived)
}

func (c *compileCmd) pipeline(m *ir.Module) string {
	meta, err := engine.Signature(m)
	if err == nil && !engine.NeedsGradient(meta) {
		return "default"
	}
	return c.Pipeline
}

// stopBefore ends a pipeline after the pass that comes before name.
func stopBefore(name string, r *passes.Registry, pipeline string) func(*passes.Pass) bool {
	steps, err := r.Parse(pipeline)
	if err != nil {
		return nil
	}
	left := 0
	for i, s := range steps {
		if s.Pass != nil && s.Pass.Name == name {
			left = i
		}
	}
	return func(*passes.Pass) bool {
		left--
		return left == 0
	}
}

func base(path string) string { return path[strings.LastIndexByte(path, os.PathSeparator)+1:] }

// loadSized loads a graph and binds its symbolic sizes.
func (e *env) loadSized(path, generalize, sizes string) (*ir.Module, error) {
	m, err := e.load(path, generalize)
	if err != nil {
		return nil, err
	}
	if m.Symbol(passes.GraphName) == nil {
		return nil, fmt.Errorf("%s: the module has no function @%s", path, passes.GraphName)
	}
	if sizes == "" {
		return m, nil
	}
	p := e.registry.Pass("specialize-shapes")
	step := passes.Step{Pass: p, Options: map[string]string{"sizes": sizes}}
	if err := p.CheckOptions(step.Options); err != nil {
		return nil, usageError{err}
	}
	return m, (&passes.Manager{}).Run(m, []passes.Step{step})
}
