package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/pmezard/go-difflib/difflib"
	"golang.org/x/term"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// inspectFlags show what passes do. All of it goes to standard error.
type inspectFlags struct {
	PrintIRBefore      []string   `name:"print-ir-before" help:"Print the module before these passes, or all." placeholder:"PASS,..."`
	PrintIRAfter       []string   `name:"print-ir-after" help:"Print the module after these passes, or all." placeholder:"PASS,..."`
	PrintIRBeforeAll   bool       `name:"print-ir-before-all" help:"Print the module before each pass."`
	PrintIRAfterAll    bool       `name:"print-ir-after-all" help:"Print the module after each pass."`
	PrintIRAfterChange bool       `name:"print-ir-after-change" help:"Print the module after each pass that changed it."`
	PrintIRDiff        bool       `name:"print-ir-diff" help:"Print what each pass changed as a unified diff."`
	Color              string     `default:"auto" enum:"auto,always,never" help:"Colour diffs: auto, on a terminal; always; never."`
	Timing             timingFlag `help:"Print how long each pass took, as a tree or with --timing=json as JSON." placeholder:"tree|json"`
	Statistics         bool       `help:"Print how many ops, rewrites and remarks each pass brought."`
	TraceRewrites      bool       `help:"Print each rewrite as it fires."`
	Remarks            bool       `help:"Print what the passes decided and why."`
}

// timingFlag is "", "tree" or "json"; --timing alone means tree.
type timingFlag string

// IsBool lets the flag stand alone.
func (*timingFlag) IsBool() bool { return true }

// Decode reads the flag.
func (f *timingFlag) Decode(ctx *kong.DecodeContext) error {
	*f = "tree"
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	if text != "tree" && text != "json" {
		return fmt.Errorf("got %q, expected tree or json", text)
	}
	*f = timingFlag(text)
	return nil
}

// watch makes pm show what the flags ask for; finish, called after the run, shows what
// is known only then.
func (f *inspectFlags) watch(e *env, pm *passes.Manager, style printFlags) (finish func()) {
	var before, after []func(p *passes.Pass, m *ir.Module)
	dump := func(when string, p *passes.Pass, m *ir.Module) {
		fmt.Fprintf(e.stderr, "// -----// IR Dump %s %s //----- //\n%s\n", when, p.Name, style.print(m))
	}
	before = append(before, func(p *passes.Pass, m *ir.Module) {
		if f.PrintIRBeforeAll || wants(f.PrintIRBefore, p) {
			dump("Before", p, m)
		}
	})
	after = append(after, func(p *passes.Pass, m *ir.Module) {
		if f.PrintIRAfterAll || wants(f.PrintIRAfter, p) {
			dump("After", p, m)
		}
	})
	if f.PrintIRAfterChange || f.PrintIRDiff {
		old := ""
		before = append(before, func(_ *passes.Pass, m *ir.Module) { old = style.print(m) })
		after = append(after, func(p *passes.Pass, m *ir.Module) {
			text := style.print(m)
			if text == old {
				return
			}
			if f.PrintIRAfterChange && !f.PrintIRAfterAll && !wants(f.PrintIRAfter, p) {
				dump("After", p, m)
			}
			if f.PrintIRDiff {
				writeDiff(e.stderr, "before "+p.Name, "after "+p.Name, old, text, f.colored(e.stderr))
			}
		})
	}
	if f.TraceRewrites {
		pm.Trace = func(line string) { fmt.Fprintln(e.stderr, line) }
	}
	stats := &statistics{}
	if f.Statistics {
		trace := pm.Trace
		pm.Trace = func(line string) {
			stats.rewrites++
			if trace != nil {
				trace(line)
			}
		}
		before = append(before, func(_ *passes.Pass, m *ir.Module) { stats.before(pm, m) })
		after = append(after, func(p *passes.Pass, m *ir.Module) { stats.after(p, pm, m) })
	}
	pm.Before = func(p *passes.Pass, m *ir.Module) {
		for _, show := range before {
			show(p, m)
		}
	}
	pm.After = func(p *passes.Pass, m *ir.Module) {
		for _, show := range after {
			show(p, m)
		}
	}
	return func() {
		switch f.Timing {
		case "tree":
			writeTimingTree(e.stderr, pm.Timings)
		case "json":
			writeTimingJSON(e.stderr, pm.Timings)
		}
		if f.Statistics {
			stats.write(e.stderr)
		}
		if f.Remarks {
			for _, r := range pm.Remarks {
				fmt.Fprintf(e.stderr, "%s: remark: %s: %s\n", r.Loc.Pos, r.Pass, r.Message)
			}
		}
	}
}

func wants(names []string, p *passes.Pass) bool {
	return slices.Contains(names, p.Name) || slices.Contains(names, "all")
}

// colored reports whether a diff to w has colours; NO_COLOR in the environment means not.
func (f *inspectFlags) colored(w io.Writer) bool {
	if f.Color != "auto" {
		return f.Color == "always"
	}
	return os.Getenv("NO_COLOR") == "" && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// writeDiff writes the unified diff of two texts.
func writeDiff(w io.Writer, fromName, toName, from, to string, color bool) {
	diff := difflib.UnifiedDiff{A: slices.Collect(strings.Lines(from)), B: slices.Collect(strings.Lines(to)),
		FromFile: fromName, ToFile: toName, Context: 3}
	text, err := difflib.GetUnifiedDiffString(diff)
	if err != nil {
		panic(err) // it writes to memory
	}
	for line := range strings.Lines(text) {
		if paint := diffColor(line); color && paint != "" {
			line = paint + strings.TrimSuffix(line, "\n") + "\x1b[0m\n"
		}
		io.WriteString(w, line)
	}
}

// diffColor is the terminal's sequence for a line of a diff, as git's: "" for none.
func diffColor(line string) string {
	switch {
	case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return "\x1b[1m"
	case strings.HasPrefix(line, "@@"):
		return "\x1b[36m"
	case strings.HasPrefix(line, "+"):
		return "\x1b[32m"
	case strings.HasPrefix(line, "-"):
		return "\x1b[31m"
	}
	return ""
}

// statistics counts what each pass did.
type statistics struct {
	rows     []statisticsRow
	ops      int // before the pass that runs
	rewrites int // of the pass that runs
	remarks  int // before it
}

type statisticsRow struct {
	pass                             string
	opsBefore, opsAfter, fired, told int
}

func (s *statistics) before(pm *passes.Manager, m *ir.Module) {
	s.ops, s.rewrites, s.remarks = countOps(m), 0, len(pm.Remarks)
}

func (s *statistics) after(p *passes.Pass, pm *passes.Manager, m *ir.Module) {
	s.rows = append(s.rows, statisticsRow{p.Name, s.ops, countOps(m), s.rewrites, len(pm.Remarks) - s.remarks})
}

func (s *statistics) write(w io.Writer) {
	fmt.Fprintf(w, "%10s %10s %10s %10s  %s\n", "ops before", "ops after", "rewrites", "remarks", "pass")
	for _, r := range s.rows {
		fmt.Fprintf(w, "%10d %10d %10d %10d  %s\n", r.opsBefore, r.opsAfter, r.fired, r.told, r.pass)
	}
}

// countOps is the number of ops in m, without the module itself.
func countOps(m *ir.Module) int {
	n := -1
	m.Op.Walk(func(*ir.Op) { n++ })
	return n
}
