package torchscript

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
)

// A storage is memory that tensors of the graph share, as the value it holds now.
type storage struct {
	base    *ir.Value
	version int  // how often it was written to
	input   int  // which input it is, -1 for none
	grad    bool // a gradient flows through it: as in LibTorch, one that a write brings to a view is seen by all views
	lent    []lent
	used    bool // what has a gradient was computed from it
}

// lent says that an op gave a storage of its own what is memory of another, as it was then.
type lent struct {
	op       string
	from, to *storage
	version  int
}

// A view is a tensor variable: a way to read a storage. Its value is computed again
// after a write to the storage through another view.
type view struct {
	st      *storage
	path    []*ir.Op  // the renamings, and detachments, from the storage's value to this tensor
	value   *ir.Value // as of version
	version int
	shared  bool // it is another name for memory that the graph already had
}

// newView is a tensor with a storage of its own.
func newView(v *ir.Value, grad bool) *view {
	return &view{st: &storage{base: v, input: -1, grad: grad}, value: v}
}

// grad reports whether a gradient flows through the tensor.
func (t *view) grad() bool {
	return t.st.grad && !slices.ContainsFunc(t.path, func(op *ir.Op) bool { return op.Name == aten.OpDetach })
}

// detach makes the tensor one without a gradient. What shares memory with others goes
// on to do so.
func (t *view) detach(b *ir.Builder) {
	t.value = aten.Detach(b, t.read(b))
	if t.shared {
		t.path = append(slices.Clone(t.path), t.value.Def())
		return
	}
	t.st, t.version = &storage{base: t.value, input: -1}, 0
}

// read is the value of the tensor now.
func (t *view) read(b *ir.Builder) *ir.Value {
	if t.version != t.st.version {
		t.value = t.replay(b)[len(t.path)]
		t.version = t.st.version
	}
	return t.value
}

// replay applies the path to the storage's value: all values on the way.
func (t *view) replay(b *ir.Builder) []*ir.Value {
	values := []*ir.Value{t.st.base}
	for _, op := range t.path {
		v := values[len(values)-1]
		values = append(values, b.Clone(op, ir.Mapping{op.Operand(0): v}).Result(0))
	}
	return values
}

// write makes v the elements of the tensor and with that changes the storage: each
// renaming of the path is undone in turn.
func (t *view) write(b *ir.Builder, v *ir.Value) error {
	if op := t.st.usedBeside(); op != "" {
		return fmt.Errorf("writes to memory that was computed with through, or beside, the result of %s, of which autograd keeps no account: use the op without unsafe", op)
	}
	values := t.replay(b)
	written := v
	for i := len(t.path) - 1; i >= 0; i-- {
		var err error
		if t.path[i].Name == aten.OpDetach && !t.st.grad {
			continue
		}
		if written, err = scatter(b, t.path[i], values[i], written); err != nil {
			return err
		}
	}
	t.st.base = written
	t.st.version++
	t.value, t.version = v, t.st.version
	return nil
}

// scatter is base with the elements that op names replaced by those of v.
func scatter(b *ir.Builder, op *ir.Op, base, v *ir.Value) (*ir.Value, error) {
	shape := ir.ShapeOf(base.Type())
	switch op.Name {
	case aten.OpReshape:
		return aten.Reshape(b, v, shape), nil
	case aten.OpPermute:
		dims := op.Ints("dims")
		inverse := make([]int64, len(dims))
		for i, d := range dims {
			if d < 0 {
				d += int64(len(dims))
			}
			inverse[d] = int64(i)
		}
		return aten.Permute(b, v, inverse), nil
	case aten.OpSlice:
		made, err := b.Try(ir.State{Name: aten.OpSliceScatter, Operands: []*ir.Value{base, v}, Attrs: op.Attrs()})
		if err != nil {
			return nil, err
		}
		return made.Result(0), nil
	case aten.OpExpand:
		if n, ok := ir.NumElements(ir.ShapeOf(v.Type())); ok {
			if m, _ := ir.NumElements(shape); m == n {
				return aten.Reshape(b, v, shape), nil
			}
		}
		// Places that are one element all get one number.
		if source := unexpanded(v); source.Def() != nil && source.Def().Name == aten.OpFull && len(ir.ShapeOf(source.Type())) == 0 {
			return aten.Expand(b, source, shape), nil
		}
		return nil, fmt.Errorf("writes several values to one element of an expanded tensor, which is not supported: write to a clone()")
	case aten.OpDetach:
		return nil, fmt.Errorf("writes to a detached tensor whose memory has a gradient, which is not supported: write to a clone()")
	}
	return nil, fmt.Errorf("writes through %s, which is not supported", op.Name)
}

// unexpanded is what v is expanded from.
func unexpanded(v *ir.Value) *ir.Value {
	for v.Def() != nil && v.Def().Name == aten.OpExpand {
		v = v.Def().Operand(0)
	}
	return v
}

// viewPath finds the renamings that lead from one of from to v; ok is false if v is
// computed rather than renamed.
func viewPath(v *ir.Value, from []*view) (t *view, path []*ir.Op, ok bool) {
	for {
		for _, f := range from {
			if f.value == v {
				return f, path, true
			}
		}
		op := v.Def()
		if op == nil || !(op.Has(ir.View) || op.Name == aten.OpDetach) || op.NumOperands() != 1 {
			return nil, nil, false
		}
		path = append([]*ir.Op{op}, path...)
		v = op.Operand(0)
	}
}

// unaccounted are the ATen ops whose results lie in their operand's memory without
// autograd's knowledge. They are taken for copies, and what would tell a copy from that
// memory is refused.
var unaccounted = map[string]bool{
	"aten::_unsafe_view": true, "aten::unsafe_chunk": true, "aten::unsafe_split": true, "aten::unsafe_split_with_sizes": true,
}

// lend notes that the result of such an op is memory of its operand.
func lend(op string, from, to *storage) {
	l := lent{op, from, to, from.version}
	from.lent = append(from.lent, l)
	to.lent = append(to.lent, l)
}

// writtenBeside is the op that took memory of st, or gave it, if the other side was
// written to since.
func (st *storage) writtenBeside() string {
	for _, l := range st.lent {
		if st == l.to && l.from.version != l.version || st == l.from && l.to.version > 0 {
			return l.op
		}
	}
	return ""
}

// usedBeside is the op that took memory of st, or gave it, if the other side was computed
// with: autograd may keep that memory for the gradient, and does not see a write to it.
func (st *storage) usedBeside() string {
	for _, l := range st.lent {
		if st == l.to && l.from.used || st == l.from && l.to.used {
			return l.op
		}
	}
	return ""
}

// use notes what a node with such results was computed from.
func use(op string, args []*entry, results []*view) {
	if unaccounted[op] {
		return
	}
	for _, r := range results {
		for _, a := range args {
			for _, t := range a.views() {
				t.st.used = t.st.used || r.grad() && t.st != r.st
			}
		}
	}
}

// clobbered is the op that makes reading an argument one cannot answer for, "" if none.
func (e *entry) clobbered() string {
	for _, t := range e.views() {
		if op := t.st.writtenBeside(); op != "" {
			return op
		}
	}
	return ""
}

// clobberedText says why, with the op's name to come.
const clobberedText = "whose memory was written to through, or beside, the result of %s, of which autograd keeps no account: use the op without unsafe"

// mayCopy are the ATen ops that return a view of their operand or a copy of it,
// depending on strides.
var mayCopy = map[string]bool{
	"aten::reshape": true, "aten::flatten": true, "aten::contiguous": true, "aten::ravel": true, "aten::reshape_as": true,
}

// renamesItself are the ATen ops that end in _ and write no element: the tensor gets
// another shape, or no gradient, in the memory that it has.
var renamesItself = map[string]bool{
	"aten::squeeze_": true, "aten::unsqueeze_": true, "aten::transpose_": true, "aten::swapaxes_": true, "aten::swapdims_": true,
	"aten::t_": true, "aten::detach_": true,
}

// sharesMemory reports whether the result of such an op is a view, from the strides
// that were recorded.
func sharesMemory(op string, from, to *Type) (bool, error) {
	if from == nil || from.Strides == nil && len(from.Dims) > 0 || to == nil {
		return false, fmt.Errorf("may be a view or a copy, and the text has no strides to tell which")
	}
	if op == "aten::contiguous" {
		return ir.StridedTensor(from.Dims, ir.F32, from.Strides).Encoding() == nil, nil
	}
	return viewable(from.Dims, from.Strides, to.Dims), nil
}

// viewable reports whether a tensor can be reshaped without a copy: ATen's
// computeStride. Runs of dimensions that lie in memory as one are matched with the
// dimensions of the result.
func viewable(shape, strides, to []int64) bool {
	for _, n := range shape {
		if n == 0 {
			return true
		}
	}
	at := len(to) - 1
	run := int64(1)
	for i := len(shape) - 1; i >= 0; i-- {
		run *= shape[i]
		if i > 0 && (shape[i-1] == 1 || strides[i-1] == shape[i]*strides[i]) {
			continue
		}
		if i > 0 && run == 1 {
			continue
		}
		filled := int64(1)
		for at >= 0 && (filled < run || to[at] == 1) {
			filled *= to[at]
			at--
		}
		if filled != run {
			return false
		}
		run = 1
	}
	return true
}
