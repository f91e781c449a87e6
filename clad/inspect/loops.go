package inspect

import (
	"fmt"
	"slices"
	"strings"

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
		o := originOf(l)
		if bodies[o] == nil {
			order = append(order, o)
		}
		bodies[o] = append(bodies[o], l)
	}
	covered := map[spot]bool{}
	var rows []*Loop
	for _, o := range order {
		row := c.remaining(f, o, bodies[o])
		rows = append(rows, row)
		for _, l := range bodies[o] {
			out.headers[l.Header.Label] = row
		}
		covered[o.spot] = true
	}
	for at, a := range c.loops[f.Name] {
		if covered[at] {
			continue
		}
		if row := c.vanished(at, a); row != nil {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b *Loop) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	c.machineLoops(out, rows)
	out.Loops = append(out.Loops, rows...)
}

// originOf is where a loop comes from.
func originOf(l *llvmir.Loop) origin {
	at := start(l)
	if at == nil {
		return origin{chain: l.Header.Label}
	}
	o := origin{spot: spot{at.Line, at.Column}}
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
	for _, in := range l.Header.Instructions {
		if in.Location != nil && in.Location.Line > 0 {
			return in.Location
		}
	}
	return nil
}

// describe is a loop with what its place says.
func (c *collector) describe(at spot) *Loop {
	l := &Loop{Line: at.line, Column: at.column, Width: 1, Interleave: 1, Unroll: 1, Source: c.text(at.line), Ops: []string{}}
	l.Calls = map[string]int{}
	if _, places := c.trace.At(at.line); places != "" {
		l.Places, l.Ops = places, c.opsOf(places)
	}
	return l
}

// remaining is a loop of which bodies are left.
func (c *collector) remaining(f *llvmir.Function, o origin, bodies []*llvmir.Loop) *Loop {
	row := c.describe(o.spot)
	at := start(bodies[0])
	if at != nil && (f.Program == nil || at.Function != f.Program.Name) {
		row.In = at.Function
	}
	for up := at; up != nil && row.Places == ""; up = up.InlinedAt {
		if _, places := c.trace.At(up.Line); places != "" {
			row.Places, row.Ops = places, c.opsOf(places)
		}
	}
	// The main body is the widest; the others do what is left over.
	best := -1
	lanes := 1
	for _, l := range bodies {
		n := c.count(l.Own)
		width := 1
		for _, b := range l.Own {
			for _, in := range b.Instructions {
				if computes(&in) {
					width = max(width, in.Type.Lanes)
				}
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
	case a.width > 1:
		row.State, row.Width = Vectorized, a.width
	case row.VectorFP > 0 && 2*row.VectorFP >= row.FP || row.FP == 0 && 2*row.VectorMemory >= row.Loads+row.Stores && row.VectorMemory > 0:
		row.State, row.Width = Vector, lanes
	default:
		row.State = Scalar
		row.Reason = strings.Join(a.reasons, "; ")
	}
	return row
}

// computes reports whether in is where the width of a loop shows.
func computes(in *llvmir.Instruction) bool {
	switch in.Op {
	case "load", "store", "fadd", "fsub", "fmul", "fdiv", "fneg", "fcmp", "add", "sub", "mul", "call":
		return in.Type.Lanes > 1
	}
	return false
}

// said is what clang says of the loops at a place: in this function, or, where a loop
// was worked on before it was inlined, in any other.
func (c *collector) said(function string, at spot) *advice {
	if a := c.loops[function][at]; a != nil {
		return a
	}
	for _, of := range c.loops {
		if a := of[at]; a != nil {
			return a
		}
	}
	return &advice{}
}

// vanished is an inner loop of which no loop is left, nil if at is none.
func (c *collector) vanished(at spot, a *advice) *Loop {
	if inner, _ := c.hasInner(at.line); inner || !c.isLoop(at.line) || a.unroll == 0 && !a.idiom && !a.deleted {
		return nil
	}
	row := c.describe(at)
	switch {
	case a.idiom:
		row.State = Idiom
	case a.unroll > 0:
		row.State, row.Unroll = Unrolled, a.unroll
		if a.width > 1 {
			row.State, row.Width, row.Interleave = Vectorized, a.width, max(1, a.interleave)
		}
	default:
		row.State = Deleted
	}
	return row
}

// machineLoops gives each row the innermost loops of machine code whose instructions
// come from its lines, for the most part.
func (c *collector) machineLoops(f *Function, rows []*Loop) {
	code := c.code[f.Symbol]
	if code == nil {
		return
	}
	for _, l := range code.loops {
		var best *Loop
		most, size := 0, 0
		for _, row := range rows {
			_, last := c.hasInner(row.Line)
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
