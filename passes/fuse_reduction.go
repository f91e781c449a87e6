package passes

import (
	"fmt"
	"sort"
	"strings"

	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// GroupMark numbers the kernel that an op of the graph will be part of.
const GroupMark = "cladopt.group"

// FuseReduction decides what becomes one kernel.
func FuseReduction() *Pass {
	return &Pass{
		Name: "fuse-reduction",
		Doc: "Decides which ops of the graph become one kernel, and marks them cladopt.group. Elementwise producers join " +
			"the reduction or row-wise op (softmax, norm, loss) that consumes them, elementwise consumers join the " +
			"reduction or contraction that feeds them, and reductions that follow each other join. A contraction is " +
			"never joined with another, nor with what feeds it. outline-kernels makes functions of the groups.",
		After: []string{"fuse-elementwise"},
		Options: []Option{
			{Name: "max", Default: "64", Doc: "most ops in a group, 0 for no limit"},
		},
		Run: func(p *Run) error {
			for _, f := range p.Module.Body().Ops() {
				if f.Name == funcs.OpFunc && f.Attr(KernelMark) == nil && f.Body() != nil && (p.Func == nil || p.Func == f) {
					for op := f.Body().First(); op != nil; op = op.Next() {
						op.SetAttr(GroupMark, nil) // of an earlier run
					}
					g := newGrouping(f, p.Int("max"))
					g.merge()
					g.mark()
				}
			}
			return nil
		},
	}
}

// role is how an op of the graph takes part in kernels.
type role int

const (
	outside     role = iota // stays in the graph: calls, reshapes of memory, the terminator
	shared                  // cloned into every kernel that uses it: constants, pure renamings
	elementwise             // a loop nest without reduction
	reduction               // reads its operands once, row by row
	contraction             // reads its operands many times
	loops                   // written as loops by itself
)

func roleOf(op *ir.Op) role {
	def := op.Def()
	switch {
	case def == nil || def.Traits&ir.Terminator != 0 || op.Name == funcs.OpCall || op.Name == aten.OpReshape:
		return outside
	case op.Name == linalg.OpFill:
		return shared // where reductions start from
	case op.Name == linalg.OpGeneric && len(linalg.Inputs(op)) == 0 && isElementwise(op) && !usesIndex(op):
		return shared // a constant
	case op.Name == linalg.OpGeneric && isElementwise(op):
		return elementwise
	case op.Name == linalg.OpGeneric:
		return reduction
	case def.Traits&ir.View != 0 && def.Lower != nil, def.Traits&ir.Pure != 0 && op.NumOperands() == 0:
		return shared
	case def.Traits&ir.Elementwise != 0:
		return elementwise
	case def.Traits&ir.Contraction != 0:
		return contraction
	case def.Lower != nil:
		return reduction
	case def.Loops != nil:
		return loops
	}
	return outside
}

// group is a set of ops that becomes one kernel.
type group struct {
	id     int
	ops    []*ir.Op // in the order of the graph
	heavy  int      // contractions in it
	rowOps int      // reductions and loops in it
	last   int      // greatest position
}

type grouping struct {
	max      int
	ops      []*ir.Op
	position map[*ir.Op]int
	of       map[*ir.Op]*group
}

func newGrouping(f *ir.Op, limit int) *grouping {
	g := &grouping{max: limit, position: map[*ir.Op]int{}, of: map[*ir.Op]*group{}}
	for op := f.Body().First(); op != nil; op = op.Next() {
		g.position[op] = len(g.ops)
		g.ops = append(g.ops, op)
		r := roleOf(op)
		if r == outside || r == shared {
			continue
		}
		gr := &group{id: len(g.ops), ops: []*ir.Op{op}, last: g.position[op]}
		switch r {
		case contraction:
			gr.heavy = 1
		case reduction, loops:
			gr.rowOps = 1
		}
		g.of[op] = gr
	}
	return g
}

// producers lists the grouped ops that op reads, looking through shared ones.
func (g *grouping) producers(op *ir.Op) []*ir.Op {
	var out []*ir.Op
	for _, v := range op.Operands() {
		p := v.Def()
		switch {
		case p == nil:
		case g.of[p] != nil:
			out = append(out, p)
		case roleOf(p) == shared:
			out = append(out, g.producers(p)...)
		}
	}
	return out
}

// users lists the ops that read op's results, looking through shared ones.
func (g *grouping) users(op *ir.Op) []*ir.Op {
	var out []*ir.Op
	for _, r := range op.Results() {
		for _, u := range r.Uses() {
			if owner := u.Owner(); roleOf(owner) == shared {
				out = append(out, g.users(owner)...)
			} else {
				out = append(out, owner)
			}
		}
	}
	return out
}

// merge joins groups until no two may be joined any more: first producers into the
// ops after them in program order, so that chains grow from their start.
func (g *grouping) merge() {
	for _, op := range g.ops {
		if g.of[op] == nil {
			continue
		}
		for _, p := range g.producers(op) {
			a, b := g.of[p], g.of[op]
			if a != b && g.may(a, b, p, op) {
				g.join(a, b)
			}
		}
	}
}

// may says whether the group a of producer p and the group b of its consumer may
// become one kernel.
func (g *grouping) may(a, b *group, p, consumer *ir.Op) bool {
	if g.max > 0 && len(a.ops)+len(b.ops) > g.max {
		return false
	}
	if a.heavy+b.heavy > 1 {
		return false
	}
	switch roleOf(consumer) {
	case contraction, loops:
		return false
	}
	switch roleOf(p) {
	case loops:
		return false
	}
	if b.heavy > 0 {
		return false // what feeds a contraction elsewhere in b stays apart from it
	}
	if a.heavy > 0 && (b.rowOps > 0 || !sameShape(p, consumer)) {
		return false // only an epilogue joins a contraction
	}
	if roleOf(p) == elementwise && a.rowOps+a.heavy == 0 && !g.staysInside(a, b) {
		return false // its result would have to be stored anyway
	}
	return !g.pathAround(a, b) && !g.pathAround(b, a)
}

// sameShape reports whether the results of both ops have one shape.
func sameShape(p, consumer *ir.Op) bool {
	x, y := ir.ShapeOf(p.Result(0).Type()), ir.ShapeOf(consumer.Result(0).Type())
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

// staysInside reports whether all that a computes is used in a or b only.
func (g *grouping) staysInside(a, b *group) bool {
	for _, op := range a.ops {
		for _, u := range g.users(op) {
			if g.of[u] != a && g.of[u] != b {
				return false
			}
		}
	}
	return true
}

// maxSearch bounds the search for a path around; past it the groups stay apart.
const maxSearch = 512

// pathAround reports whether an op outside of both groups reads a and is read, at
// any distance, by b: as one kernel they would wait for themselves. All of a group
// runs at once, so its results are ready only when everything it reads is.
func (g *grouping) pathAround(a, b *group) bool {
	limit := max(a.last, b.last)
	seen := map[*ir.Op]bool{}
	var stack []*ir.Op
	reached := false
	follow := func(op *ir.Op, first bool) {
		for _, u := range g.users(op) {
			gr := g.of[u]
			switch {
			case gr == b && gr != nil:
				reached = reached || !first
			case gr == a && gr != nil, seen[u]:
			case gr == nil && g.position[u] > limit, gr != nil && g.position[gr.ops[0]] > limit:
			default:
				seen[u] = true
				stack = append(stack, u)
			}
		}
	}
	for _, op := range a.ops {
		follow(op, true)
	}
	for steps := 0; len(stack) > 0 && !reached; steps++ {
		if steps > maxSearch {
			return true
		}
		op := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if gr := g.of[op]; gr != nil {
			for _, member := range gr.ops {
				follow(member, false)
			}
			continue
		}
		follow(op, false)
	}
	return reached
}

func (g *grouping) join(a, b *group) {
	if len(a.ops) > len(b.ops) {
		a, b = b, a
	}
	for _, op := range a.ops {
		g.of[op] = b
	}
	b.ops = append(b.ops, a.ops...)
	sort.Slice(b.ops, func(i, j int) bool { return g.position[b.ops[i]] < g.position[b.ops[j]] })
	b.heavy += a.heavy
	b.rowOps += a.rowOps
	b.last = max(a.last, b.last)
}

// mark numbers the groups in the order of their first op.
func (g *grouping) mark() {
	number := map[*group]int64{}
	for _, op := range g.ops {
		gr := g.of[op]
		if gr == nil {
			continue
		}
		if _, ok := number[gr]; !ok {
			number[gr] = int64(len(number))
		}
		op.SetAttr(GroupMark, ir.I64Attr(number[gr]))
	}
}

// opNames lists the ATen ops that a kernel holds, for names and remarks.
func opNames(ops []*ir.Op) string {
	var names []string
	for _, op := range ops {
		names = append(names, strings.TrimPrefix(string(op.Name), "aten."))
	}
	return fmt.Sprintf("{%s}", strings.Join(names, ", "))
}
