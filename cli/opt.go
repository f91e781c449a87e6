package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

type optCmd struct {
	File string `arg:"" help:"IR text (.mlir) or an observed graph (.graph), - for standard input."`

	Pipeline        string   `short:"p" help:"Passes to run: 'canonicalize,cse,func.func(fuse-elementwise{max=8})', or a pipeline by name."`
	PrintIRAfter    []string `name:"print-ir-after" help:"Print the module after these passes, or all."`
	PrintIRBefore   []string `name:"print-ir-before" help:"Print the module before these passes, or all."`
	VerifyEach      bool     `default:"true" negatable:"" help:"Verify the module after each pass."`
	Timing          bool     `help:"Print how long each pass took."`
	Generic         bool     `help:"Print ops in generic form."`
	Locations       bool     `name:"mlir-print-debuginfo" help:"Print locations."`
	StopAfter       string   `help:"End the pipeline after this pass."`
	CrashReproducer string   `help:"Where a pass fails, write the module before it and the rest of the pipeline to this file."`
	Generalize      string   `help:"Make sizes of an observed graph symbolic: INPUT:DIMENSION,..."`
	TraceRewrites   bool     `help:"Print each rewrite as it fires."`
	Remarks         bool     `help:"Print what the passes decided and why."`
	Output          string   `short:"o" help:"Where to write; standard output if absent."`
}

func (c *optCmd) Run(e *env) error {
	steps, err := e.registry.Parse(c.Pipeline)
	if err != nil {
		return usageError{err}
	}
	for _, name := range append(append([]string{c.StopAfter}, c.PrintIRAfter...), c.PrintIRBefore...) {
		if name != "" && name != "all" && e.registry.Pass(name) == nil {
			return usageError{fmt.Errorf("no pass is named %q", name)}
		}
	}
	m, err := e.load(c.File, c.Generalize)
	if err != nil {
		return err
	}
	pm := c.manager(e)
	before := ""
	if c.CrashReproducer != "" {
		show := pm.Before
		pm.Before = func(p *passes.Pass, m *ir.Module) {
			before = m.String()
			if show != nil {
				show(p, m)
			}
		}
	}
	err = pm.Run(m, steps)
	if c.Timing {
		printTiming(e, pm)
	}
	if c.Remarks {
		for _, r := range pm.Remarks {
			fmt.Fprintf(e.stderr, "%s: remark: %s: %s\n", r.Loc.Pos, r.Pass, r.Message)
		}
	}
	if err != nil {
		if c.CrashReproducer != "" {
			text := fmt.Sprintf("// RUN: cladopt opt %%s -p '%s'\n// %s\n%s", passes.FormatPipeline(steps),
				strings.ReplaceAll(firstLine(err), "\n", " "), before)
			if werr := writeAtomically(c.CrashReproducer, []byte(text)); werr != nil {
				return werr
			}
			fmt.Fprintf(e.stderr, "wrote %s\n", c.CrashReproducer)
		}
		return err
	}
	return e.write(c.Output, ir.Print(m.Op, ir.PrintOptions{Generic: c.Generic, Locations: c.Locations}))
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// manager runs passes and shows what the flags ask for.
func (c *optCmd) manager(e *env) *passes.Manager {
	pm := &passes.Manager{SkipVerify: !c.VerifyEach}
	show := func(when string, names []string) func(p *passes.Pass, m *ir.Module) {
		if len(names) == 0 {
			return nil
		}
		return func(p *passes.Pass, m *ir.Module) {
			if slices.Contains(names, p.Name) || slices.Contains(names, "all") {
				fmt.Fprintf(e.stderr, "// -----// IR Dump %s %s //----- //\n%s\n", when, p.Name,
					ir.Print(m.Op, ir.PrintOptions{Generic: c.Generic, Locations: c.Locations}))
			}
		}
	}
	pm.Before = show("Before", c.PrintIRBefore)
	pm.After = show("After", c.PrintIRAfter)
	if c.StopAfter != "" {
		pm.Stop = func(p *passes.Pass) bool { return p.Name == c.StopAfter }
	}
	if c.TraceRewrites {
		pm.Trace = func(line string) { fmt.Fprintln(e.stderr, line) }
	}
	return pm
}

func printTiming(e *env, pm *passes.Manager) {
	total := time.Duration(0)
	for _, t := range pm.Timings {
		total += t.Run + t.Verify
	}
	fmt.Fprintf(e.stderr, "%10s %10s  %s\n", "run", "verify", "pass")
	for _, t := range pm.Timings {
		fmt.Fprintf(e.stderr, "%8.3fms %8.3fms  %s\n", ms(t.Run), ms(t.Verify), t.Pass)
	}
	fmt.Fprintf(e.stderr, "%8.3fms             total\n", ms(total))
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
