package passes

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// maxFusedOps bounds the body of a fused loop: what is longer runs out of registers.
const maxFusedOps = 256

// FuseLoops joins innermost loops of kernels.
func FuseLoops() *Pass {
	return &Pass{
		Name: "fuse-loops",
		Doc: "Joins innermost loops of a kernel that follow each other and take the same turns, where each turn needs of the " +
			"first loop only what its own turn there has made. What a turn stores and loads again stays a value, and " +
			"memory of the kernel that is only written goes. Pointers of a kernel are taken for distinct, as the back ends do.",
		After: []string{"lower-to-loops"},
		Run: func(p *Run) error {
			for _, f := range p.Module.Body().Ops() {
				if f.Name == funcs.OpFunc && f.Body() != nil && f.Attr(KernelMark) != nil {
					z := &loopFuser{ctx: p.Module.Ctx}
					z.block(f.Body())
					eraseWriteOnly(f)
				}
			}
			return nil
		},
	}
}

type loopFuser struct{ ctx *ir.Context }

// block joins the loops of a block and of the blocks in it.
func (z *loopFuser) block(b *ir.Block) {
	var first *ir.Op // a loop that may yet move to the next one
	var effects *loopAccesses
	for op := b.First(); op != nil; op = op.Next() {
		if op.Name == scf.OpFor {
			if now := accessesOf(op); now != nil {
				if first != nil && sameTurns(first, op) && effects.fitsBefore(now) && bodyLength(first)+bodyLength(op) <= maxFusedOps {
					op = z.join(first, op)
					now = accessesOf(op)
				}
				first, effects = op, now
				continue
			}
		}
		for i := 0; i < op.NumRegions(); i++ {
			for _, inner := range op.Region(i).Blocks() {
				z.block(inner)
			}
		}
		if first != nil && !mayPass(op, first, effects) {
			first = nil
		}
	}
}

func bodyLength(loop *ir.Op) int { return loop.Body().Len() }

// mayPass reports whether loop can move from before op to behind it.
func mayPass(op, loop *ir.Op, of *loopAccesses) bool {
	if uses(op, loop) {
		return false
	}
	switch {
	case op.Name == memref.OpAlloc, op.Name == memref.OpAlloca, op.Has(ir.Pure) && op.NumRegions() == 0:
		return true
	case op.Name == memref.OpLoad:
		return !of.written[memoryOf(op.Operand(0))]
	}
	return false
}

// uses reports whether a result of def is an operand of op.
func uses(op, def *ir.Op) bool {
	return slices.ContainsFunc(op.Operands(), func(v *ir.Value) bool { return v.Def() == def })
}

// sameTurns reports whether two loops count alike, and may run side by side alike.
func sameTurns(a, b *ir.Op) bool {
	for i := 0; i < 3; i++ {
		x, y := a.Operand(i), b.Operand(i)
		if x == y {
			continue
		}
		m, ok := arith.ConstantValue(x)
		n, okToo := arith.ConstantValue(y)
		if !ok || !okToo || m.I != n.I {
			return false
		}
	}
	return (a.Attr(scf.ParallelMark) == nil) == (b.Attr(scf.ParallelMark) == nil)
}

// memoryOf is the memory that v is, seen through ops that make one memref of another.
func memoryOf(v *ir.Value) *ir.Value {
	for d := v.Def(); d != nil && d.NumOperands() > 0 && isMemory(d.Operand(0)); d = v.Def() {
		v = d.Operand(0)
	}
	return v
}

func isMemory(v *ir.Value) bool {
	_, is := v.Type().(*ir.MemRefType)
	return is
}

// An access is a load or store in a loop.
type access struct {
	mem     *ir.Value
	indices []*ir.Value
	loop    *ir.Op
}

// loopAccesses are what an innermost loop does with memory.
type loopAccesses struct {
	loop    *ir.Op
	all     map[*ir.Value][]access // by the memory that is behind
	written map[*ir.Value]bool
	// plain says that each turn reads and writes next to what the one before did, or always
	// the same: such loops become vectors, and do not if they are joined with others.
	plain bool
}

// accessesOf is nil if op has loops in it, or ops of which nothing is known.
func accessesOf(loop *ir.Op) *loopAccesses {
	a := &loopAccesses{loop: loop, all: map[*ir.Value][]access{}, written: map[*ir.Value]bool{}, plain: true}
	for op := loop.Body().First(); op != nil; op = op.Next() {
		switch {
		case op.Name == memref.OpLoad:
			a.add(op.Operand(0), op.Operands()[1:], false)
		case op.Name == memref.OpStore:
			a.add(op.Operand(1), op.Operands()[2:], true)
		case op.Name == scf.OpYield, op.Has(ir.Pure) && op.NumRegions() == 0, callsScalars(op):
		default:
			return nil
		}
	}
	return a
}

// callsScalars reports whether op calls a function that has numbers alone to work with.
func callsScalars(op *ir.Op) bool {
	return op.Name == funcs.OpCall && !slices.ContainsFunc(op.Operands(), isMemory)
}

func (a *loopAccesses) add(mem *ir.Value, indices []*ir.Value, writes bool) {
	behind := memoryOf(mem)
	a.all[behind] = append(a.all[behind], access{mem, indices, a.loop})
	a.written[behind] = a.written[behind] || writes
	for i, index := range indices {
		last := i == len(indices)-1
		switch {
		case definedOutside(index, a.loop):
		case index == a.loop.Body().Arg(0) && last && hasUnitStride(mem):
		default:
			a.plain = false
		}
	}
}

func definedOutside(v *ir.Value, loop *ir.Op) bool {
	if d := v.Def(); d != nil {
		return d.Block() != loop.Body()
	}
	return v.Block() != loop.Body()
}

// hasUnitStride reports whether elements along the last dimension of mem are neighbours.
func hasUnitStride(mem *ir.Value) bool {
	t := mem.Type().(*ir.MemRefType)
	strides, _, ok := memref.Layout(t)
	return ok && len(strides) > 0 && (strides[len(strides)-1] == 1 || t.Shape()[len(strides)-1] == 1)
}

// fitsBefore reports whether each turn of b can run right after the same turn of a.
func (a *loopAccesses) fitsBefore(b *loopAccesses) bool {
	if a.plain != b.plain {
		return false
	}
	if uses(b.loop, a.loop) {
		return false
	}
	for op := b.loop.Body().First(); op != nil; op = op.Next() {
		if uses(op, a.loop) {
			return false
		}
	}
	for mem, of := range a.all {
		if len(b.all[mem]) == 0 || !a.written[mem] && !b.written[mem] {
			continue
		}
		for _, x := range append(of[:len(of):len(of)], b.all[mem]...) {
			if !x.sameElement(of[0]) {
				return false
			}
		}
	}
	return true
}

// sameElement reports whether x and y are, in each turn, one element that no other turn touches.
func (x access) sameElement(y access) bool {
	if x.mem != y.mem {
		return false
	}
	own := false
	for i := range x.indices {
		p, q := x.indices[i], y.indices[i]
		if p == x.loop.Body().Arg(0) && q == y.loop.Body().Arg(0) {
			own = true
		} else if p != q || !definedOutside(p, x.loop) || !definedOutside(q, y.loop) {
			return false
		}
	}
	return own
}

// join makes one loop of two, in the place of the second.
func (z *loopFuser) join(first, second *ir.Op) *ir.Op {
	b := ir.BuilderBefore(z.ctx, second)
	b.Loc = ir.Fuse(first.Loc, second.Loc)
	inits := append(first.Operands()[3:], second.Operands()[3:]...)
	loop := scf.For(b, second.Operand(0), second.Operand(1), second.Operand(2), inits, func(b *ir.Builder, iv *ir.Value, carried []*ir.Value) []*ir.Value {
		stored := map[*ir.Value]*ir.Value{}
		var next []*ir.Value
		for _, from := range []*ir.Op{first, second} {
			m := ir.Mapping{from.Body().Arg(0): iv}
			for i, a := range from.Body().Args()[1:] {
				m[a] = carried[len(next)+i]
			}
			for op := from.Body().First(); op != from.Body().Last(); op = op.Next() {
				// What both loops touch and one writes is one element in each turn.
				if op.Name == memref.OpLoad && stored[op.Operand(0)] != nil && from == second {
					m[op.Result(0)] = stored[op.Operand(0)]
					continue
				}
				c := b.Clone(op, m)
				if op.Name == memref.OpStore && from == first {
					stored[op.Operand(1)] = c.Operand(0)
				} else if op.Name == memref.OpStore {
					delete(stored, op.Operand(1))
				}
			}
			for _, v := range from.Body().Last().Operands() {
				next = append(next, m.Of(v))
			}
		}
		return next
	})
	if mark := first.Int(scf.ParallelMark, 0); mark > 0 {
		loop.SetAttr(scf.ParallelMark, ir.I64Attr(mark+second.Int(scf.ParallelMark, 0)))
	}
	n := first.NumResults()
	results := loop.Results()
	first.Replace(results[:n]...)
	second.Replace(results[n:]...)
	return loop
}

// eraseWriteOnly erases memory that f allocates and nothing reads.
func eraseWriteOnly(f *ir.Op) {
	var memory []*ir.Op
	f.Walk(func(op *ir.Op) {
		if op.Name == memref.OpAlloc || op.Name == memref.OpAlloca {
			memory = append(memory, op)
		}
	})
	for _, op := range memory {
		uses := op.Result(0).Uses()
		if slices.ContainsFunc(uses, func(u *ir.Use) bool { return u.Owner().Name != memref.OpStore || u.Index() != 1 }) {
			continue
		}
		for _, u := range uses {
			u.Owner().Erase()
		}
		op.Erase()
	}
}
