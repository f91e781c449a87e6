package inspect

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/cladopt/cladopt/clad/llvmir"
)

// WriteFacts writes a line for each function, then one for each of its loops, then
// what was not understood: key=value, made for CHECK lines. A value with spaces is the
// last of its line.
func (f *Facts) WriteFacts(w io.Writer) {
	b := bufio.NewWriter(w)
	defer b.Flush()
	for _, x := range f.Functions {
		fmt.Fprintf(b, "function %s role=%s places=%s ops=%s depth=%d loops=%d allocas=%d alloca-bytes=%d heap=%d tape=%d",
			nameless(x.Name), x.Role, nameless(x.Places), nameless(strings.Join(x.Ops, ",")), x.MaxDepth, len(x.Loops), x.Allocas, x.AllocaBytes, x.Heap, x.Tape)
		writeCounts(b, &x.Counts, x.Machine)
		for i, l := range x.Loops {
			fmt.Fprintf(b, "loop %s/%d line=%d places=%s ops=%s depth=%d state=%s width=%s interleave=%d unroll=%d", nameless(x.Name), i, l.Line,
				nameless(l.Places), nameless(strings.Join(l.Ops, ",")), l.Depth, l.State, l.width(), l.Interleave, l.Unroll)
			writeCounts(b, &l.Counts, l.Machine)
			if l.scalar() {
				fmt.Fprintf(b, "reason %s/%d %s\n", nameless(x.Name), i, l.reason())
			}
		}
	}
	for _, k := range f.Absent {
		fmt.Fprintf(b, "absent %s\n", k)
	}
	for _, n := range f.Notes {
		fmt.Fprintf(b, "note %s\n", n)
	}
	fmt.Fprintf(b, "unknown %d\n", f.Unknown)
}

func (l *Loop) width() string {
	if l.Scalable {
		return fmt.Sprintf("vscale*%d", l.Width)
	}
	return fmt.Sprint(l.Width)
}

// nameless makes a value without spaces.
func nameless(s string) string {
	if s == "" {
		return "-"
	}
	return strings.ReplaceAll(s, " ", "")
}

func writeCounts(w io.Writer, n *Counts, m *Machine) {
	fmt.Fprintf(w, " ir=%d fp=%d vector-fp=%d loads=%d stores=%d gathers=%d scatters=%d", n.Instructions, n.FP, n.VectorFP, n.Loads, n.Stores, n.Gathers, n.Scatters)
	if m != nil {
		fmt.Fprintf(w, " machine=%d fma=%d stack=%d spills=%d reloads=%d", m.Instructions, m.FMA, m.Stack, m.Spills, m.Reloads)
	} else {
		fmt.Fprintf(w, " fma=%d", n.FMA)
	}
	fmt.Fprintf(w, " calls=%s\n", dash(list(n.Calls)))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// WriteTable writes a table of functions and one of loops.
func (f *Facts) WriteTable(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, c)
		}
		fmt.Fprintln(tw)
	}
	row("function", "role", "graph", "ops", "IR", "machine", "fp", "fma", "loads", "stores", "gathers", "scatters", "allocas", "stack", "spills", "reloads", "heap", "tape", "calls")
	for _, x := range f.Functions {
		m, fma := x.Machine, any(x.FMA)
		machine, stack, spills, reloads := any("-"), any("-"), any("-"), any("-")
		if m != nil {
			machine, stack, spills, reloads, fma = m.Instructions, m.Stack, m.Spills, m.Reloads, m.FMA
		}
		graph := x.Places
		if len(x.For) > 0 {
			graph = "for " + strings.Join(x.For, ", ")
		}
		row(x.Name, x.Role, short(dash(graph)), short(dash(strings.Join(x.Ops, ", "))), x.Instructions, machine, x.FP, fma, x.Loads, x.Stores,
			x.Gathers, x.Scatters, x.Allocas, stack, spills, reloads, x.Heap, x.Tape, short(dash(list(x.Calls))))
	}
	row()
	row("loop", "C++", "graph", "ops", "depth", "state", "width", "interleave", "unroll", "fp", "fma", "loads", "stores", "gathers", "scatters", "spills", "calls", "why it is not vectorised")
	for _, x := range f.Functions {
		for i, l := range x.Loops {
			spills, fma := any("-"), any(l.FMA)
			if l.Machine != nil {
				spills, fma = l.Machine.Spills+l.Machine.Reloads, l.Machine.FMA
			}
			why := "-"
			if l.scalar() {
				why = l.reason()
			}
			row(fmt.Sprintf("%s/%d", x.Name, i), l.Line, short(dash(l.Places)), short(dash(strings.Join(l.Ops, ", "))), l.Depth, l.State, l.width(), l.Interleave, l.Unroll,
				l.FP, fma, l.Loads, l.Stores, l.Gathers, l.Scatters, spills, short(dash(list(l.Calls))), why)
		}
	}
	tw.Flush()
	if len(f.Absent) > 0 {
		fmt.Fprintf(w, "\nno function is left of %s: inlined, or without effect\n", strings.Join(f.Absent, ", "))
	}
	if f.Unknown > 0 {
		fmt.Fprintf(w, "\nnot understood: %d\n", f.Unknown)
		for _, n := range f.Notes {
			fmt.Fprintln(w, "  "+n)
		}
	}
}

// short cuts what is too long for a column.
func short(s string) string {
	const most = 48
	if len(s) > most {
		return s[:most-2] + ".."
	}
	return s
}

var debugRefs = regexp.MustCompile(`, !dbg !\d+| !dbg !\d+`)

// WriteIR writes the IR of a function for a reader: without debug information, and
// with the places of its loops.
func (f *Function) WriteIR(w io.Writer) {
	title := fmt.Sprintf("; %s, %s", f.Name, f.Role)
	if f.Places != "" {
		title += ", " + f.Places
	}
	if len(f.Ops) > 0 {
		title += ": " + strings.Join(f.Ops, ", ")
	}
	fmt.Fprintln(w, title)
	for line := range strings.Lines(WithoutDebug(f.IR)) {
		line = strings.TrimRight(line, "\n")
		if l := f.headers[blockLabel(line)]; l != nil {
			fmt.Fprintf(w, "; loop, C++ line %d: %s\n", l.Line, strings.TrimSpace(l.Source+" "+dash(l.Places)))
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
}

// WithoutDebug is IR without what debug information adds to it.
func WithoutDebug(ir string) string {
	var b strings.Builder
	for line := range strings.Lines(ir) {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "#dbg_") || strings.Contains(text, " @llvm.dbg.") {
			continue
		}
		b.WriteString(debugRefs.ReplaceAllString(line, ""))
	}
	return b.String()
}

// blockLabel is the label that a line of IR starts with, "" if it has none.
func blockLabel(line string) string {
	if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "define") || strings.HasPrefix(line, "}") {
		return ""
	}
	label, _ := llvmir.Label(line)
	return label
}
