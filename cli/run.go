package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/tensor"
	"github.com/cladopt/cladopt/tensor/safetensors"
)

// engineFlags choose how a graph is run.
type engineFlags struct {
	Engine     string `default:"auto" help:"auto, clad, builtin or interp; for check also all."`
	Pipeline   string `default:"grad-pairs" enum:"grad-pairs,grad-joint" help:"Of the builtin engine: grad-pairs or grad-joint."`
	Via        string `default:"cpp" help:"Of the builtin engine, the way from loops to a library: ${routes}."`
	Generalize string `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes      string `help:"Bind symbolic sizes: s0=12,s1=4"`
	JSON       bool   `name:"json" help:"Print results and errors as JSON."`
	cladFlags
	blasFlags
}

var engineNames = []string{engine.Auto, engine.Clad, engine.Builtin, engine.Interp}

// program compiles the graph and reads its data.
func (f *engineFlags) program(e *env, graph, data, name string) (*engine.Program, *engine.Data, error) {
	if !slices.Contains(engineNames, name) {
		return nil, nil, usageError{fmt.Errorf("--engine: got %q, expected one of %v", name, engineNames)}
	}
	m, err := e.loadSized(graph, f.Generalize, f.Sizes)
	if err != nil {
		return nil, nil, err
	}
	meta, err := engine.Signature(m)
	if err != nil {
		return nil, nil, err
	}
	d, err := engine.ReadData(data, meta)
	if err != nil {
		return nil, nil, err
	}
	o := engine.Options{Engine: name, Pipeline: f.Pipeline, Via: f.Via, Sources: []string{base(graph)}, Registry: e.registry, Clad: f.paths(), CladStyle: f.CladStyle, GEMM: f.GEMM}
	if err := f.check(o); err != nil {
		return nil, nil, err
	}
	done := e.progress("compiling with engine " + name)
	p, err := engine.Compile(context.Background(), m, o)
	done()
	if err != nil {
		return nil, nil, err
	}
	return p, d, f.lend(e, p)
}

type runCmd struct {
	Graph string `arg:"" help:"The observed graph."`
	Data  string `arg:"" help:"The tensors: input.I, and grad_output.I for gradients."`
	engineFlags
	Output string `short:"o" help:"Write outputs and gradients to this safetensors file."`
}

func (c *runCmd) Run(e *env) error {
	p, d, err := c.program(e, c.Graph, c.Data, c.Engine)
	if err != nil {
		return err
	}
	r, err := p.Run(d.Inputs, d.GradOut)
	if err != nil {
		return err
	}
	f := r.File()
	if c.Output != "" {
		if err := safetensors.Write(c.Output, f); err != nil {
			return err
		}
	}
	if c.JSON {
		tensors := map[string]any{}
		for _, entry := range f.Entries {
			tensors[entry.Name] = map[string]any{
				"dtype": entry.Tensor.DType.String(), "shape": entry.Tensor.Shape,
				"data": base64.StdEncoding.EncodeToString(entry.Tensor.Data),
			}
		}
		e.writeJSON(map[string]any{"engine": p.Engine, "reason": p.Reason, "pipeline": p.Meta.Pipeline, "tensors": tensors})
		return nil
	}
	e.engineLine(p)
	if c.Output == "" {
		for _, entry := range f.Entries {
			fmt.Fprintf(e.stdout, "%s %s%v %s\n", entry.Name, entry.Tensor.DType, entry.Tensor.Shape, preview(entry.Tensor))
		}
	}
	return nil
}

func (e *env) engineLine(p *engine.Program) {
	line := "engine " + p.Engine
	if p.Meta.Pipeline != "" {
		line += ", pipeline " + p.Meta.Pipeline
	}
	if p.Reason != "" {
		line += " (" + p.Reason + ")"
	}
	fmt.Fprintln(e.stderr, line)
}

// preview is the first elements of a tensor.
func preview(t tensor.Tensor) string {
	text := ""
	for i := int64(0); i < t.Len() && i < 8; i++ {
		text += fmt.Sprintf("%v ", t.At(i))
	}
	if t.Len() > 8 {
		text += "..."
	}
	return text
}

type checkCmd struct {
	Graph string `arg:"" help:"The observed graph."`
	Data  string `arg:"" help:"The recorded tensors."`
	engineFlags
}

func (c *checkCmd) Run(e *env) error {
	ways := []engineFlags{c.engineFlags}
	if c.Engine == "all" {
		ways = c.allWays(e)
	}
	failed, compared := 0, 0
	var rows []map[string]any
	look := func(p *engine.Program, d *engine.Data, r *engine.Result, against string) {
		for _, cmp := range engine.Compare(p.Meta, d, r) {
			compared++
			verdict := "ok  "
			if !cmp.OK {
				failed++
				verdict = "FAIL"
			}
			if c.JSON {
				rows = append(rows, map[string]any{"engine": p.Engine, "pipeline": p.Meta.Pipeline, "against": against, "tensor": cmp.Name, "ok": cmp.OK, "detail": cmp.Mismatch.String()})
			} else if against == "" || !cmp.OK {
				fmt.Fprintf(e.stdout, "%s %s %s: %s%s\n", verdict, p.Engine, cmp.Name, cmp.Mismatch, against)
			}
		}
	}
	var first *engine.Data // what the first engine computed
	for _, way := range ways {
		p, d, err := way.program(e, c.Graph, c.Data, way.Engine)
		if err != nil {
			return err
		}
		r, err := p.Run(d.Inputs, d.GradOut)
		if err != nil {
			return err
		}
		if !c.JSON {
			e.engineLine(p)
		}
		look(p, d, r, "")
		if first == nil {
			first = d.With(r)
		} else {
			look(p, first, r, ", against "+ways[0].Engine)
		}
	}
	if c.JSON {
		e.writeJSON(map[string]any{"ok": failed == 0 && compared > 0, "tensors": rows})
	}
	switch {
	case compared == 0:
		return fmt.Errorf("%s records no output.I or grad_input.I: there is nothing to compare with", c.Data)
	case failed > 0:
		return exit(ExitFailure)
	}
	return nil
}

// allWays are all engines with their pipelines and styles; the interpreter comes first.
func (c *checkCmd) allWays(e *env) []engineFlags {
	var ways []engineFlags
	way := func(name, pipeline, style string) {
		w := c.engineFlags
		w.Engine, w.Pipeline, w.CladStyle = name, pipeline, style
		if name == engine.Interp || style == engine.CladPlain {
			w.GEMM, w.BLAS = engine.GEMMLoops, "" // they have no products to lend a BLAS for
		}
		ways = append(ways, w)
	}
	way(engine.Interp, engine.GradPairs, "")
	if _, err := toolchain.Find(context.Background()); err != nil {
		fmt.Fprintf(e.stderr, "SKIPPED: engine builtin: %v\n", err)
		return ways
	}
	way(engine.Builtin, engine.GradPairs, "")
	way(engine.Builtin, engine.GradJoint, "")
	if _, err := toolchain.FindClad(context.Background(), c.paths()); err != nil {
		fmt.Fprintf(e.stderr, "SKIPPED: engine clad: %v\n", err)
		return ways
	}
	way(engine.Clad, engine.GradPairs, engine.CladKernels)
	way(engine.Clad, engine.GradPairs, engine.CladPlain)
	return ways
}

// progress shows a line on a terminal while something takes longer than a second; done
// ends it.
func (e *env) progress(what string) (done func()) {
	if f, ok := e.stderr.(*os.File); !ok {
		return func() {}
	} else if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func() {}
	}
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
		bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription(what),
			progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14))
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				_ = bar.Finish()
				return
			case <-tick.C:
				_ = bar.Add(1)
			}
		}
	}()
	return func() { close(stop); <-stopped }
}
