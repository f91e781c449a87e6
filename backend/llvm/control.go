package llvm

import (
	"fmt"

	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/ir"
)

// loop writes the blocks of an scf.for: a test, the body, the way back.
func (w *writer) loop(op *ir.Op) error {
	var bounds [3]value.Value
	for i := range bounds {
		v, err := w.use(op, op.Operand(i))
		if err != nil {
			return err
		}
		bounds[i] = v
	}
	var first []value.Value
	for i := range op.NumResults() {
		v, err := w.use(op, op.Operand(3+i))
		if err != nil {
			return err
		}
		first = append(first, v)
	}
	body := op.Body()
	last, err := w.repeat(bounds, first, cpp.Together(w.m, op), func(counter value.Value, carried []value.Value) ([]value.Value, error) {
		w.values[body.Arg(0)] = counter
		for i, v := range carried {
			w.values[body.Arg(1+i)] = v
		}
		if err := w.ops(body); err != nil {
			return nil, err
		}
		return w.yielded(op, body)
	})
	if err != nil {
		return err
	}
	for i, v := range last {
		w.values[op.Result(i)] = v
	}
	return nil
}

// repeat writes a loop from bounds[0] below bounds[1] by steps of bounds[2]. body gets the
// counter and what the turn before left, and gives what this turn leaves. together is how many turns of
// vectors to compute at once, 0: the compiler chooses.
func (w *writer) repeat(bounds [3]value.Value, first []value.Value, together int64, body func(counter value.Value, carried []value.Value) ([]value.Value, error)) ([]value.Value, error) {
	w.loops++
	n := w.loops
	head, inside, after := w.newBlock(fmt.Sprintf("loop%d", n)), w.newBlock(fmt.Sprintf("body%d", n)), w.newBlock(fmt.Sprintf("after%d", n))
	before := w.block
	w.jump(head)

	w.enter(head)
	counter := lir.NewPhi(lir.NewIncoming(bounds[0], before))
	counter.SetName(fmt.Sprintf("i%d", n))
	w.emit(counter)
	var phis []*lir.InstPhi
	var carried []value.Value
	for _, v := range first {
		p := lir.NewPhi(lir.NewIncoming(v, before))
		phis, carried = append(phis, p), append(carried, w.emit(p))
	}
	w.fork(w.emit(lir.NewICmp(enum.IPredSLT, counter, bounds[1])), inside, after)

	w.enter(inside)
	left, err := body(counter, carried)
	if err != nil {
		return nil, err
	}
	next := lir.NewAdd(counter, bounds[2])
	next.OverflowFlags = []enum.OverflowFlag{enum.OverflowFlagNSW}
	w.emit(next)
	counter.Incs = append(counter.Incs, lir.NewIncoming(next, w.block))
	for i, p := range phis {
		p.Incs = append(p.Incs, lir.NewIncoming(left[i], w.block))
	}
	back := lir.NewBr(head)
	back.Metadata = append(back.Metadata, &metadata.Attachment{Name: "llvm.loop", Node: w.loopNode(together)})
	w.block.Term = back
	w.enter(after)
	return carried, nil
}

// loopNode is the metadata of one loop: it refers to itself, so that each loop has its own.
func (w *writer) loopNode(together int64) *metadata.Tuple {
	node := &metadata.Tuple{MetadataID: -1, Distinct: true}
	node.Fields = []metadata.Field{node, w.mustProgress}
	if together > 0 {
		node.Fields = append(node.Fields, &metadata.Tuple{MetadataID: -1, Fields: []metadata.Field{
			&metadata.String{Value: "llvm.loop.interleave.count"}, constant.NewInt(types.I32, together)}})
	}
	if len(w.out.MetadataDefs) == 0 {
		w.out.MetadataDefs = append(w.out.MetadataDefs, w.mustProgress)
	}
	w.out.MetadataDefs = append(w.out.MetadataDefs, node)
	return node
}

// yielded is what the end of a block of op yields.
func (w *writer) yielded(op *ir.Op, b *ir.Block) ([]value.Value, error) {
	var out []value.Value
	for i := range op.NumResults() {
		v, err := w.use(op, b.Last().Operand(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// conditional writes the blocks of an scf.if.
func (w *writer) conditional(op *ir.Op) error {
	cond, err := w.use(op, op.Operand(0))
	if err != nil {
		return err
	}
	w.blocks++
	n := w.blocks
	sides := [2]*lir.Block{w.newBlock(fmt.Sprintf("then%d", n)), w.newBlock(fmt.Sprintf("else%d", n))}
	join := w.newBlock(fmt.Sprintf("join%d", n))
	w.fork(cond, sides[0], sides[1])
	phis := make([]*lir.InstPhi, op.NumResults())
	for i, side := range sides {
		w.enter(side)
		var left []value.Value
		if i < op.NumRegions() && len(op.Region(i).Blocks()) > 0 {
			b := op.Region(i).Blocks()[0]
			if err := w.ops(b); err != nil {
				return err
			}
			if left, err = w.yielded(op, b); err != nil {
				return err
			}
		}
		for k, v := range left {
			if phis[k] == nil {
				phis[k] = &lir.InstPhi{Typ: v.Type()}
			}
			phis[k].Incs = append(phis[k].Incs, lir.NewIncoming(v, w.block))
		}
		w.jump(join)
	}
	w.enter(join)
	for k, p := range phis {
		if types.IsFloat(p.Typ) {
			p.FastMathFlags = flags
		}
		w.values[op.Result(k)] = w.emit(p)
	}
	return nil
}

// assert leaves the function with the code of the assertion unless its condition holds.
func (w *writer) assert(op *ir.Op) error {
	cond, err := w.use(op, op.Operand(0))
	if err != nil {
		return err
	}
	w.unless(cond, constant.NewInt(types.I32, int64(abi.ErrorData+cpp.AssertionIndex(w.assertions, op))))
	return nil
}

// unless returns code if cond does not hold.
func (w *writer) unless(cond, code value.Value) {
	w.blocks++
	n := w.blocks
	fail, ok := w.newBlock(fmt.Sprintf("fail%d", n)), w.newBlock(fmt.Sprintf("ok%d", n))
	w.fork(cond, ok, fail)
	w.enter(fail)
	w.ret(code)
	w.enter(ok)
}
