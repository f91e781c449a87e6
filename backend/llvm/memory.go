package llvm

import (
	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

func (w *writer) loadOp(op *ir.Op) (value.Value, error) {
	p, elem, err := w.element(op, op.Operand(0), op.Operands()[1:])
	if err != nil {
		return nil, err
	}
	v := w.load(elem, p)
	if ir.IsBool(op.Result(0).Type()) {
		v = w.emit(lir.NewICmp(enum.IPredNE, v, constant.NewInt(types.I8, 0)))
	}
	return v, nil
}

func (w *writer) storeOp(op *ir.Op) error {
	v, err := w.use(op, op.Operand(0))
	if err != nil {
		return err
	}
	p, _, err := w.element(op, op.Operand(1), op.Operands()[2:])
	if err != nil {
		return err
	}
	if ir.IsBool(op.Operand(0).Type()) {
		v = w.emit(lir.NewZExt(v, types.I8))
	}
	w.store(v, p)
	return nil
}

// element is the place of an element of memory m, and its type there.
func (w *writer) element(op *ir.Op, m *ir.Value, indices []*ir.Value) (value.Value, types.Type, error) {
	t := m.Type().(*ir.MemRefType)
	elem, err := w.memory(op, t.Elem())
	if err != nil {
		return nil, nil, err
	}
	base, err := w.use(op, m)
	if err != nil {
		return nil, nil, err
	}
	strides, offset, ok := memref.Layout(t)
	if !ok || !ir.Static(strides) || offset == ir.Dynamic {
		return nil, nil, op.Errorf("memory of type %s has no LLVM IR form: its layout is not of known numbers", t)
	}
	var sum value.Value
	for k, iv := range indices {
		if c, ok := arith.ConstantValue(iv); ok {
			offset += c.I * strides[k]
			continue
		}
		if strides[k] == 0 {
			continue
		}
		x, err := w.use(op, iv)
		if err != nil {
			return nil, nil, err
		}
		if strides[k] != 1 {
			x = w.mul(x, i64(strides[k]))
		}
		sum = w.plus(sum, x)
	}
	if offset != 0 || sum == nil {
		sum = w.plus(sum, i64(offset))
	}
	return w.offset(elem, base, sum), elem, nil
}

// plus and mul compute places, which do not overflow.
func (w *writer) plus(x, y value.Value) value.Value {
	if x == nil {
		return y
	}
	i := lir.NewAdd(x, y)
	i.OverflowFlags = []enum.OverflowFlag{enum.OverflowFlagNSW}
	return w.emit(i)
}

func (w *writer) mul(x, y value.Value) value.Value {
	i := lir.NewMul(x, y)
	i.OverflowFlags = []enum.OverflowFlag{enum.OverflowFlagNSW}
	return w.emit(i)
}

// view is memory of another type in bytes.
func (w *writer) view(op *ir.Op, args []value.Value) (value.Value, error) {
	elem, err := w.memory(op, ir.ElemType(op.Result(0).Type()))
	if err != nil {
		return nil, err
	}
	return w.cast(w.offset(types.I8, args[0], args[1]), elem), nil
}

// row is memory on the stack.
func (w *writer) row(op *ir.Op) error {
	t := op.Result(0).Type().(*ir.MemRefType)
	n, ok := ir.NumElements(t.Shape())
	if !ok || t.Layout() != nil {
		return op.Errorf("type %s has no LLVM IR form on the stack", t)
	}
	elem, err := w.memory(op, t.Elem())
	if err != nil {
		return err
	}
	a := lir.NewAlloca(types.NewArray(uint64(max(n, 1)), elem))
	a.Align = workspaceAlignment
	first := &lir.InstGetElementPtr{ElemType: a.ElemType, Src: a, Indices: []value.Value{i64(0), i64(0)}, Typ: w.pointer(elem), InBounds: true}
	if w.usesOpaque() {
		first.Src = &opaqueRow{a}
	}
	w.rows = append(w.rows, a, first)
	w.values[op.Result(0)] = first
	return nil
}

// opaqueRow is memory on the stack by its address of type ptr.
type opaqueRow struct{ *lir.InstAlloca }

func (r *opaqueRow) Type() types.Type { return opaque{} }
func (r *opaqueRow) String() string   { return "ptr " + r.Ident() }
