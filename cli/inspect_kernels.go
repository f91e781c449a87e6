package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
)

type inspectCmd struct {
	Graph       string   `arg:"" help:"The observed graph, - for standard input."`
	After       string   `default:"final" enum:"simplify,vectorize,final" help:"The IR to look at: simplify, before the loop vectoriser; vectorize, after both vectorisers; final."`
	Kernel      string   `help:"Only this kernel and its pullback." placeholder:"NAME"`
	Engine      string   `default:"auto" enum:"auto,clad,builtin,interp" help:"auto, clad or builtin."`
	Pipeline    string   `default:"grad-pairs" enum:"grad-pairs,grad-joint" help:"grad-pairs or grad-joint."`
	Generalize  string   `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes       string   `help:"Bind symbolic sizes: s0=12,s1=4"`
	Facts       bool     `help:"Print facts only, a line each, for CHECK lines."`
	JSON        bool     `name:"json" help:"Print facts and IR as JSON."`
	BeforeAfter string   `help:"Print the IR of kernels before and after this pass of LLVM." placeholder:"LLVM-PASS"`
	Hook        []string `help:"Run these checks on the facts, or all; a finding is a failure." placeholder:"NAME,..."`
	AsBuilt     bool     `help:"Let the compiler inline kernels, as in the library."`
	cladFlags
}

func (c *inspectCmd) Run(e *env) error {
	hooks, err := c.hooks(e)
	if err != nil {
		return err
	}
	low, err := c.lower(e)
	if err != nil {
		return err
	}
	wanted, err := c.wanted(low)
	if err != nil {
		return err
	}
	done := e.progress("compiling C++")
	facts, err := c.observe(low, wanted)
	done()
	if err != nil {
		return err
	}
	return c.show(e, facts, hooks)
}

func (c *inspectCmd) hooks(e *env) ([]*inspect.Hook, error) {
	var out []*inspect.Hook
	var names []string
	for _, h := range e.hooks {
		names = append(names, h.Name)
		if slices.Contains(c.Hook, h.Name) || slices.Contains(c.Hook, "all") {
			out = append(out, h)
		}
	}
	for _, n := range c.Hook {
		if n != "all" && !slices.Contains(names, n) {
			return nil, usageError{fmt.Errorf("there is no hook %q, expected %s or all", n, strings.Join(names, ", "))}
		}
	}
	return out, nil
}

func (c *inspectCmd) lower(e *env) (*engine.Lowered, error) {
	if c.Engine == engine.Interp {
		return nil, usageError{fmt.Errorf("--engine=interp makes no LLVM IR; it only runs graphs")}
	}
	m, err := e.loadSized(c.Graph, c.Generalize, c.Sizes)
	if err != nil {
		return nil, err
	}
	if c.Engine == engine.Auto {
		c.Engine = engine.Builtin
		if _, err := toolchain.FindClad(context.Background(), c.paths()); err == nil {
			c.Engine = engine.Clad
		}
	}
	return engine.Lower(m, engine.Options{Engine: c.Engine, Pipeline: c.Pipeline, Sources: []string{base(c.Graph)}, Clad: c.paths(),
		CladStyle: c.CladStyle, Traced: true, Apart: !c.AsBuilt})
}

// wanted are the names of the kernels to show.
func (c *inspectCmd) wanted(low *engine.Lowered) ([]string, error) {
	var all, out []string
	for _, k := range low.Meta.Kernels {
		all = append(all, k.Name)
		if c.Kernel == k.Name {
			out = append(out, k.Name)
			if k.Pullback != "" {
				out = append(out, k.Pullback)
			}
		}
	}
	if c.Kernel == "" {
		return all, nil
	}
	if out == nil {
		return nil, fmt.Errorf("%s: there is no kernel %q, expected one of %s", c.Graph, c.Kernel, strings.Join(all, ", "))
	}
	return out, nil
}

func (c *inspectCmd) observe(low *engine.Lowered, wanted []string) (*inspect.Facts, error) {
	o, err := low.Observe(context.Background(), toolchain.Watch{Machine: true})
	if err != nil {
		return nil, err
	}
	facts := low.Facts(o, c.After)
	if c.Kernel != "" {
		facts.Functions = slices.DeleteFunc(facts.Functions, func(f *inspect.Function) bool {
			return !slices.Contains(wanted, f.Name) && !slices.ContainsFunc(f.For, func(k string) bool { return slices.Contains(wanted, k) })
		})
	}
	return facts, nil
}

func (c *inspectCmd) show(e *env, facts *inspect.Facts, hooks []*inspect.Hook) error {
	findings := []inspect.Finding{}
	for _, h := range hooks {
		findings = append(findings, inspect.Run(h, facts)...)
	}
	switch {
	case c.JSON:
		e.writeJSON(struct {
			*inspect.Facts
			Findings []inspect.Finding `json:"findings"`
		}{facts, findings})
	case c.Facts:
		facts.WriteFacts(e.stdout)
	default:
		for _, f := range facts.Functions {
			if f.Role == inspect.Forward || f.Role == inspect.Pullback {
				f.WriteIR(e.stdout)
			}
		}
		facts.WriteTable(e.stdout)
	}
	for _, f := range findings {
		if !c.JSON {
			where := f.Function
			if f.Loop != nil {
				where += fmt.Sprintf(", loop at line %d of the C++", f.Line)
			}
			if f.Places != "" {
				where += " (" + f.Places + ")"
			}
			fmt.Fprintf(e.stdout, "finding %s: %s: %s\n", f.Hook, where, f.Message)
		}
	}
	if len(findings) > 0 {
		return exit(ExitFailure)
	}
	return nil
}
