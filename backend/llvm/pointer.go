package llvm

import (
	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// Pointers have two forms. llir knows the typed one, float*, which LLVM read as its own
// up to version 16. The opaque one, ptr, is a type of this package: llir prints a type by
// asking it, so what differs is made here and nowhere else.

// opaque is the type ptr.
type opaque struct{}

func (opaque) String() string          { return "ptr" }
func (opaque) LLString() string        { return "ptr" }
func (opaque) Name() string            { return "" }
func (opaque) SetName(string)          {}
func (opaque) Equal(u types.Type) bool { return u == types.Type(opaque{}) }
func (w *writer) usesOpaque() bool     { return w.options.Version >= firstOpaque }
func elemAlign(t types.Type) lir.Align { return lir.Align(byteSize(t)) }
func (n named) Type() types.Type       { return n.typ }
func (n named) Ident() string          { return n.ident }
func (n named) String() string         { return n.typ.String() + " " + n.ident }
func (n named) IsConstant()            {}

// named is a constant pointer whose type llir would print as a typed one.
type named struct {
	typ   types.Type
	ident string
}

// pointer is the type of pointers to elem.
func (w *writer) pointer(elem types.Type) types.Type {
	if w.usesOpaque() {
		return opaque{}
	}
	return types.NewPointer(elem)
}

// null is the null pointer of type i8*.
func (w *writer) null() value.Value { return named{w.pointer(types.I8), "null"} }

// cast is the pointer p as one to elem.
func (w *writer) cast(p value.Value, elem types.Type) value.Value {
	return w.castTo(p, w.pointer(elem))
}

// castTo is the pointer p as one of type to.
func (w *writer) castTo(p value.Value, to types.Type) value.Value {
	if p.Type().Equal(to) {
		return p
	}
	return w.emit(lir.NewBitCast(p, to))
}

// offset is the place index elements after p.
func (w *writer) offset(elem types.Type, p, index value.Value) value.Value {
	if c, ok := index.(*constant.Int); ok && c.X.Sign() == 0 {
		return p
	}
	return w.emit(&lir.InstGetElementPtr{ElemType: elem, Src: p, Indices: []value.Value{index}, Typ: w.pointer(elem), InBounds: true})
}

// load reads a value of type elem at p.
func (w *writer) load(elem types.Type, p value.Value) value.Value {
	i := lir.NewLoad(elem, p)
	i.Align = elemAlign(elem)
	return w.emit(i)
}

// loadPointer reads a pointer of type i8* at p.
func (w *writer) loadPointer(p value.Value) value.Value {
	i := lir.NewLoad(w.pointer(types.I8), p)
	i.Align = pointerBytes
	return w.emit(i)
}

// store writes v at p.
func (w *writer) store(v, p value.Value) {
	w.block.Insts = append(w.block.Insts, &lir.InstStore{Src: v, Dst: p, Align: elemAlign(v.Type())})
}

// isNull compares a pointer with null.
func (w *writer) isNull(p value.Value) value.Value {
	return w.emit(&lir.InstICmp{Pred: enum.IPredEQ, X: p, Y: w.null(), Typ: types.I1})
}

const pointerBytes = 8 // of the 64-bit machines that compilers here make libraries for

func byteSize(t types.Type) int64 {
	switch t := t.(type) {
	case *types.IntType:
		return max(int64(t.BitSize)/8, 1)
	case *types.FloatType:
		if t.Kind == types.FloatKindFloat {
			return 4
		}
	}
	return 8
}
