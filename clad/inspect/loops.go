package inspect

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/llvmir"
)

// A loop of the C++ is several in IR, or none: the vectoriser leaves a loop for the
// rest of the iterations behind, and may make a second, narrower one; small loops are
// unrolled. So loops are told apart by the place where the C++ starts them, and by the
// calls through which they were inlined.

// origin is the place of a loop, with the calls that brought it into a function.
type origin struct {
	spot
	chain string
}

// sourceLoops finds the inner loops of the C++ that f computes.
func (c *collector) sourceLoops(out *Function, f *llvmir.Function, loops *llvmir.Loops) {
	bodies := map[origin][]*llvmir.Loop{}
	var order []origin
	for _, l := range loops.All {
		if !l.Innermost() {
			continue
		}
		o := c.originOf(l)
		if bodies[o] == nil {
			order = append(order, o)
		}
		bodies[o] = append(bodies[o], l)
	}
	if placeless := slices.DeleteFunc(slices.Clone(order), func(o origin) bool { return o.line > 0 }); len(placeless) > 1 {
		// Without debug information records say no place either: of one loop they are, of
		// several they may be of any.
		c.loops[f.Name] = maps.Clone(c.loops[f.Name])
		if c.loops[f.Name] == nil {
			c.loops[f.Name] = map[spot]*advice{}
		}
		c.loops[f.Name][spot{}] = &advice{reasons: []string{noPlace}}
	}
	covered := map[spot]bool{}
	var rows []*Loop
	for _, o := range order {
		row := c.remaining(f, o, bodies[o])
		rows = append(rows, row)
		for _, l := range bodies[o] {
			out.headers[l.Header.Label] = row
		}
		covered[o.spot] = covered[o.spot] || c.isOwn(start(bodies[o][0]))
	}
	texts := c.texts(f)
	for _, t := range c.trace.Functions {
		if out.Role == Helper && texts[t.First] && c.isKernel(&t) {
			out.Role = Entry
		}
	}
	for _, function := range slices.Sorted(maps.Keys(c.loops)) {
		if function != f.Name && c.module.Function(function) != nil {
			continue
		}
		for _, at := range slices.SortedFunc(maps.Keys(c.loops[function]), spot.compare) {
			a := c.loops[function][at]
			// What was said of a function that is inlined now belongs where its text is.
			if t, _ := c.trace.At(at.line); covered[at] || function != f.Name && (t == nil || !texts[t.First]) {
				continue
			}
			if row := c.vanished(f, at, a); row != nil {
				rows = append(rows, row)
				covered[at] = true
			}
		}
	}
	if !slices.ContainsFunc(rows, func(l *Loop) bool { return l.Line == 0 }) { // these may be any
		rows = append(rows, c.unsaid(f, texts, covered)...)
	}
	slices.SortStableFunc(rows, func(a, b *Loop) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	c.inherit(rows)
	c.machineLoops(out, rows)
	out.Loops = append(out.Loops, rows...)
}

const noPlace = "clang's records do not say which loop they are about: there is no debug information"

// originOf is where a loop comes from.
func (c *collector) originOf(l *llvmir.Loop) origin {
	at := start(l)
	if at == nil {
		return origin{chain: l.Header.Label}
	}
	o := origin{spot: spot{at.Line, at.Column}}
	if !c.isOwn(at) {
		o.chain = at.File
	}
	for up := at.InlinedAt; up != nil; up = up.InlinedAt {
		o.chain += fmt.Sprintf("<%d:%d", up.Line, up.Column)
	}
	return o
}

// start is where the C++ starts a loop, nil if nothing says so.
func start(l *llvmir.Loop) *llvmir.Location {
	if l.Node != nil && l.Node.Start != nil {
		return l.Node.Start
	}
	// The jump back has the place of the loop, as a rule.
	for _, b := range append(append([]*llvmir.Block{}, l.Latches...), l.Header) {
		for i := len(b.Instructions) - 1; i >= 0; i-- {
			if at := b.Instructions[i].Location; at != nil && at.Line > 0 {
				return at
			}
		}
	}
	return nil
}

// isOwn reports whether a place is in the emitted text, not in a header.
func (c *collector) isOwn(at *llvmir.Location) bool {
	return at != nil && (c.SourceName == "" || at.File == c.SourceName)
}

// describe is a loop with what its place says.
func (c *collector) describe(at spot, own bool) *Loop {
	l := &Loop{Line: at.line, Column: at.column, Width: 1, Interleave: 1, Unroll: 1, Ops: []string{}}
	l.Calls = map[string]int{}
	if !own {
		return l
	}
	l.Source = c.text(at.line)
	if text, places := c.trace.At(at.line); text != nil {
		if places == "" {
			places = c.trace.Called(text.Name)
		}
		l.Places, l.Ops = places, c.opsOf(places)
	}
	return l
}

// remaining is a loop of which bodies are left.
func (c *collector) remaining(f *llvmir.Function, o origin, bodies []*llvmir.Loop) *Loop {
	at := start(bodies[0])
	row := c.describe(o.spot, c.isOwn(at))
	if at != nil && (f.Program == nil || at.Function != f.Program.Name) {
		row.In = at.Function
	}
	for up := at; up != nil && row.Places == ""; up = up.InlinedAt {
		if _, places := c.trace.At(up.Line); places != "" && c.isOwn(up) {
			row.Places, row.Ops = places, c.opsOf(places)
		}
	}
	if row.Places == "" && f.Program != nil { // code that Clad derived says no lines
		row.Places = c.trace.Called(f.Program.Name)
		row.Ops = c.opsOf(row.Places)
	}
	// The main body is the widest; the others do what is left over.
	best := -1
	lanes := 1
	for _, l := range bodies {
		n, width := c.count(l.Own), 1
		for _, b := range l.Own {
			for i := range b.Instructions {
				width = max(width, lanesOf(&b.Instructions[i]))
			}
		}
		if score := width<<20 + n.Instructions; score > best {
			best, lanes = score, width
			row.Counts, row.Depth = n, l.Depth
		}
	}
	a := c.said(f.Name, o.spot)
	row.Unroll = max(1, a.partly)
	row.Interleave = max(1, a.interleave)
	switch {
	case a.width > 1 && (lanes > 1 || isRest(bodies)): // else it was this loop inlined elsewhere
		row.State, row.Width, row.Scalable = Vectorized, a.width, a.scalable
		if lanes == 1 { // the vectors were unrolled in full; the rest of the iterations are a loop
			row.Counts, _ = c.countLines(f, o.line, c.lastLine(o.line))
			row.Unroll = max(1, a.unroll)
		}
	case row.vectors():
		row.State, row.Width = Vector, lanes
	case c.isOwn(at) && c.hasInner(o.line):
		row.State = Outer
	default:
		row.State = Scalar
		row.Reason = strings.Join(a.reasons, "; ")
	}
	return row
}

// isRest reports whether loops only do what a vectorised one leaves over.
func isRest(bodies []*llvmir.Loop) bool {
	return !slices.ContainsFunc(bodies, func(l *llvmir.Loop) bool {
		return l.Node == nil || !slices.Contains(l.Node.Attributes, "llvm.loop.isvectorized")
	})
}

var vectorIntrinsic = regexp.MustCompile(`^llvm\..*\.(?:nx)?v(\d+)[a-z]`)

// lanesOf is the width that in computes with.
func lanesOf(in *llvmir.Instruction) int {
	switch in.Op {
	case "insertelement", "extractelement", "shufflevector", "bitcast", "getelementptr":
		return 1 // these put vectors together and take them apart
	}
	if m := vectorIntrinsic.FindStringSubmatch(in.Callee); m != nil { // a reduction's result is a scalar
		n, _ := strconv.Atoi(m[1])
		return max(1, n)
	}
	return max(1, in.Type.Lanes)
}

// countLines counts what is left of some lines of the C++, by debug information.
func (c *collector) countLines(f *llvmir.Function, first, last int) (n Counts, lanes int) {
	n.Calls = map[string]int{}
	lanes = 1
	for _, b := range f.Blocks {
		for i := range b.Instructions {
			in := &b.Instructions[i]
			for at := in.Location; at != nil; at = at.InlinedAt {
				if c.isOwn(at) && at.Line >= first && at.Line <= last {
					c.countOne(&n, in)
					lanes = max(lanes, lanesOf(in))
					break
				}
			}
		}
	}
	return n, lanes
}

// unjoined is why the SLP vectoriser joined nothing of a loop that was unrolled.
func (c *collector) unjoined(function string, line, unroll int) string {
	why := "its scalars were not joined to vectors"
	for _, r := range c.records[function] {
		if r.Pass == "slp-vectorizer" && r.Kind == "Missed" && r.Line >= line && r.Line <= c.lastLine(line) {
			why, _, _ = strings.Cut(r.Message(), " with cost ")
			break
		}
	}
	return fmt.Sprintf("unrolled in full, %d times; %s", unroll, why)
}

// said is what clang says of the loops at a place: in this function, or, where a loop
// was worked on before it was inlined, in any other.
func (c *collector) said(function string, at spot) *advice {
	if a := c.loops[function][at]; a != nil {
		return a
	}
	for _, other := range slices.Sorted(maps.Keys(c.loops)) {
		if a := c.loops[other][at]; a != nil && c.module.Function(other) == nil {
			return a
		}
	}
	return &advice{}
}

// vectors reports whether most of what is computed, or else moved, is vectors.
func (n *Counts) vectors() bool {
	if n.FP > 0 {
		return 2*n.VectorFP >= n.FP && n.VectorFP > 0
	}
	vector := n.VectorMemory + n.Gathers + n.Scatters
	return 2*vector >= n.Loads+n.Stores+n.Gathers+n.Scatters && vector > 0
}

// vanished is an inner loop of which no loop is left, nil if at is none.
func (c *collector) vanished(f *llvmir.Function, at spot, a *advice) *Loop {
	if c.hasInner(at.line) || !c.isLoop(at.line) || a.unroll == 0 && !a.idiom && !a.deleted {
		return nil
	}
	row := c.describe(at, true)
	var lanes int
	row.Counts, lanes = c.countLines(f, at.line, c.lastLine(at.line))
	switch {
	case a.idiom:
		row.State = Idiom
	case a.unroll > 0:
		row.State, row.Unroll = Unrolled, a.unroll
		if a.width > 1 {
			row.State, row.Width, row.Interleave = Vectorized, a.width, max(1, a.interleave)
		} else if row.vectors() {
			row.State, row.Width = Vector, lanes
		} else if row.scalar() {
			row.Reason = c.unjoined(f.Name, at.line, a.unroll)
		}
	case runsOnce.MatchString(row.Source):
		row.State = Once
	case row.FP+row.Loads+row.Stores == 0:
		row.State = Deleted
	case row.vectors():
		row.State, row.Width = Vector, lanes
	default:
		row.State, row.Reason = Unrolled, "no loop is left, and clang does not say what became of it"
	}
	return row
}

// inherit gives loops that were unrolled the width of a loop around them that was
// vectorised then: its lanes are other iterations of the outer loop.
func (c *collector) inherit(rows []*Loop) {
	for _, l := range rows {
		for _, around := range rows {
			if l.State == Unrolled && around.State == Vectorized && around.Line < l.Line && l.Line <= c.lastLine(around.Line) {
				l.State, l.Width, l.Interleave, l.Reason = Vector, around.Width, around.Interleave, ""
			}
		}
	}
}

// texts are the functions of the C++, by their first line, that f has code of.
func (c *collector) texts(f *llvmir.Function) map[int]bool {
	out := map[int]bool{}
	seen := map[*llvmir.Location]bool{}
	for _, b := range f.Blocks {
		for i := range b.Instructions {
			for at := b.Instructions[i].Location; at != nil && !seen[at]; at = at.InlinedAt {
				seen[at] = true
				if t, _ := c.trace.At(at.Line); t != nil && c.isOwn(at) {
					out[t.First] = true
				}
			}
		}
	}
	return out
}

// isKernel reports whether a function of the C++ is a kernel: what only calls one has
// its name in another namespace, and no lines of the graph.
func (c *collector) isKernel(t *cpp.TracedFunction) bool {
	return t.Places != "" && c.roles[cpp.KernelOf(t.Name)] != ""
}

var runsOnce = regexp.MustCompile(`^for \(int64_t (\w+) = 0; \w+ < 1; \+\+`)

// unsaid are the inner loops in the text of kernels that left neither a loop nor a
// record in f, which has code of these kernels.
func (c *collector) unsaid(f *llvmir.Function, texts map[int]bool, covered map[spot]bool) []*Loop {
	lines := map[int]bool{}
	for at := range covered {
		lines[at.line] = true
	}
	var out []*Loop
	for _, text := range c.trace.Functions {
		if !texts[text.First] || !c.isKernel(&text) {
			continue
		}
		for l := text.First; l <= text.Last; l++ {
			if c.isLoop(l) && !lines[l] && !c.hasInner(l) {
				out = append(out, c.vanished(f, spot{l, c.column(l)}, &advice{deleted: true}))
			}
		}
	}
	return out
}

// machineLoops gives each row the innermost loops of machine code whose instructions
// come from its lines, for the most part.
func (c *collector) machineLoops(f *Function, rows []*Loop) {
	code := c.code[f.Symbol]
	if code == nil {
		return
	}
	if n := len(slices.DeleteFunc(slices.Clone(rows), func(l *Loop) bool { return l.Line > 0 })); n > 1 {
		return // nothing says which is which
	}
	for _, l := range code.loops {
		var best *Loop
		most, size := 0, 0
		for _, row := range rows {
			last := c.lastLine(row.Line)
			n := 0
			for line, count := range l.lines {
				if line >= row.Line && line <= last {
					n += count
				}
			}
			if n > most || n == most && n > 0 && last-row.Line < size {
				best, most, size = row, n, last-row.Line
			}
		}
		if best == nil {
			continue
		}
		if best.Machine == nil {
			best.Machine = &Machine{Calls: map[string]int{}}
			a := c.said(f.Symbol, spot{best.Line, best.Column})
			best.Machine.Spills, best.Machine.Reloads = a.spills, a.reloads
		}
		if int64(l.instructions) > best.Machine.Instructions { // the main body is the longest
			best.Machine.Instructions, best.Machine.FMA = int64(l.instructions), l.fma
		}
	}
}
