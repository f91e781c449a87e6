package aten

import "github.com/cladopt/cladopt/ir"

// SupportedElem reports whether tensors of the element type can be compiled: f32,
// f64, signless integers of 8 to 64 bits, and booleans.
func SupportedElem(t ir.Type) bool {
	switch t {
	case ir.Type(ir.F32), ir.Type(ir.F64), ir.Type(ir.I64), ir.Type(ir.I32), ir.Type(ir.I16), ir.Type(ir.I8), ir.Type(ir.I1):
		return true
	}
	return false
}

// tensorOf is the constraint of being a tensor whose element type holds.
func tensorOf(name string, holds func(elem ir.Type) bool) ir.Constraint {
	return ir.Constraint{Name: name, Holds: func(t ir.Type) bool {
		tensor, ok := t.(*ir.TensorType)
		return ok && SupportedElem(tensor.Elem()) && holds(tensor.Elem())
	}}
}

// The constraints that ops share.
var (
	anyTensor   = tensorOf("a tensor of f32, f64, i64, i32, i16, i8 or i1", func(ir.Type) bool { return true })
	floatTensor = tensorOf("a tensor of f32 or f64", ir.IsFloat)
	boolTensor  = tensorOf("a tensor of i1", ir.IsBool)
	// intTensor holds integers and booleans.
	intTensor = tensorOf("a tensor of i64, i32, i16, i8 or i1", ir.IsInteger)
	// indexTensor holds indices into another tensor.
	indexTensor = tensorOf("a tensor of i64 or i32", func(t ir.Type) bool {
		return t == ir.Type(ir.I64) || t == ir.Type(ir.I32)
	})
)

// The kinds of attribute that ops share.
var (
	numberAttr = ir.AttrKind{Name: "a number", Holds: func(a ir.Attr) bool {
		switch a.(type) {
		case ir.FloatAttr, ir.IntegerAttr:
			return true
		}
		return false
	}}
	intAttr = ir.AttrKind{Name: "an integer", Holds: func(a ir.Attr) bool {
		_, ok := a.(ir.IntegerAttr)
		return ok
	}}
	boolAttr = ir.AttrKind{Name: "a boolean", Holds: func(a ir.Attr) bool {
		i, ok := a.(ir.IntegerAttr)
		return ok && i.Type == ir.Type(ir.I1)
	}}
	intsAttr = ir.AttrKind{Name: "a list of integers", Holds: func(a ir.Attr) bool {
		d, ok := a.(*ir.DenseArrayAttr)
		return ok && ir.IsInteger(d.Elem)
	}}
	// dimsAttr also takes one dimension without a list around it.
	dimsAttr = ir.AttrKind{Name: "a dimension or a list of them", Holds: func(a ir.Attr) bool {
		return intAttr.Holds(a) || intsAttr.Holds(a)
	}}
	stringAttr = ir.AttrKind{Name: "a string", Holds: func(a ir.Attr) bool {
		_, ok := a.(ir.StringAttr)
		return ok
	}}
	elemAttr = ir.AttrKind{Name: "an element type", Holds: func(a ir.Attr) bool {
		t, ok := a.(ir.TypeAttr)
		return ok && SupportedElem(t.Type)
	}}
)

// attr is a named attribute.
func attr(name string, a ir.Attr) ir.NamedAttr { return ir.NamedAttr{Name: name, Attr: a} }

// elemOf is the element type of a value.
func elemOf(v *ir.Value) ir.Type { return ir.ElemType(v.Type()) }

// shapeOf is the sizes of a value.
func shapeOf(v *ir.Value) []int64 { return ir.ShapeOf(v.Type()) }
