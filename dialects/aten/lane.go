package aten

import (
	"math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// The arithmetic of one lane: float, integer or boolean by the type of the values.

func number(v float64) ir.Scalar { return ir.Scalar{F: v, I: int64(v)} }

// constant is a number in the type of like.
func constant(b *ir.Builder, v float64, like *ir.Value) *ir.Value {
	return arith.ConstantOf(b, number(v), like.Type())
}

// attrScalar is the number that an attribute holds, as a constant of type t: floats
// are rounded towards zero where t is an integer type; as a boolean, not zero.
func attrScalar(b *ir.Builder, a ir.Attr, t ir.Type) *ir.Value {
	return arith.ConstantOf(b, scalarAs(a, t), t)
}

// scalarAs is the number that an attribute holds, for a constant of type t.
func scalarAs(a ir.Attr, t ir.Type) ir.Scalar {
	var v ir.Scalar
	switch a := a.(type) {
	case ir.IntegerAttr:
		v = ir.Scalar{F: float64(a.Value), I: a.Value}
	case ir.FloatAttr:
		v.F = a.Value
		if !math.IsNaN(a.Value) && !math.IsInf(a.Value, 0) {
			v.I = int64(a.Value)
		}
	}
	if ir.IsBool(t) && (v.I != 0 || v.F != 0) {
		v.I = 1
	}
	return v
}

func add(b *ir.Builder, x, y *ir.Value) *ir.Value {
	switch {
	case ir.IsFloat(x.Type()):
		return arith.AddF(b, x, y)
	case ir.IsBool(x.Type()):
		return arith.OrI(b, x, y)
	}
	return arith.AddI(b, x, y)
}

func sub(b *ir.Builder, x, y *ir.Value) *ir.Value {
	if ir.IsFloat(x.Type()) {
		return arith.SubF(b, x, y)
	}
	return arith.SubI(b, x, y)
}

func mul(b *ir.Builder, x, y *ir.Value) *ir.Value {
	switch {
	case ir.IsFloat(x.Type()):
		return arith.MulF(b, x, y)
	case ir.IsBool(x.Type()):
		return arith.AndI(b, x, y)
	}
	return arith.MulI(b, x, y)
}

func neg(b *ir.Builder, x *ir.Value) *ir.Value {
	if ir.IsFloat(x.Type()) {
		return arith.NegF(b, x)
	}
	return arith.SubI(b, arith.ConstantI(b, 0, x.Type()), x)
}

// scaled is c * x, and x itself where c is 1.
func scaled(b *ir.Builder, c ir.Attr, x *ir.Value) *ir.Value {
	if v := scalarAs(c, ir.F64); c == nil || v.F == 1 {
		return x
	}
	return mul(b, x, attrScalar(b, c, x.Type()))
}

// comparison is one of the six, for each kind of number.
type comparison struct {
	float arith.Predicate
	int   arith.IntPredicate
	bool  arith.IntPredicate // i1 as a signed integer would have true < false
}

var (
	isEQ = comparison{arith.OEQ, arith.EQ, arith.EQ}
	isNE = comparison{arith.UNE, arith.NE, arith.NE}
	isLT = comparison{arith.OLT, arith.SLT, arith.ULTI}
	isLE = comparison{arith.OLE, arith.SLE, arith.ULEI}
	isGT = comparison{arith.OGT, arith.SGT, arith.UGTI}
	isGE = comparison{arith.OGE, arith.SGE, arith.UGEI}
)

func compare(b *ir.Builder, c comparison, x, y *ir.Value) *ir.Value {
	switch {
	case ir.IsFloat(x.Type()):
		return arith.CmpF(b, c.float, x, y)
	case ir.IsBool(x.Type()):
		return arith.CmpI(b, c.bool, x, y)
	}
	return arith.CmpI(b, c.int, x, y)
}

// isNaN is false for integers.
func isNaN(b *ir.Builder, x *ir.Value) *ir.Value {
	if ir.IsFloat(x.Type()) {
		return arith.CmpF(b, arith.UNO, x, x)
	}
	return arith.ConstantI(b, 0, ir.I1)
}

func not(b *ir.Builder, x *ir.Value) *ir.Value {
	return arith.XOrI(b, x, arith.ConstantI(b, 1, ir.I1))
}

// truth is x != 0.
func truth(b *ir.Builder, x *ir.Value) *ir.Value { return arith.Cast(b, x, ir.I1) }

// lowest is the start of a maximum: -inf, or the least integer.
func lowest(t ir.Type) ir.Scalar {
	switch t := t.(type) {
	case *ir.FloatType:
		return ir.Scalar{F: math.Inf(-1)}
	case *ir.IntegerType:
		if t.Bits() > 1 {
			return ir.Scalar{I: -1 << (t.Bits() - 1)}
		}
	}
	return ir.Scalar{}
}

// highest is the start of a minimum: inf, or the greatest integer.
func highest(t ir.Type) ir.Scalar {
	switch t := t.(type) {
	case *ir.FloatType:
		return ir.Scalar{F: math.Inf(1)}
	case *ir.IntegerType:
		if t.Bits() > 1 {
			return ir.Scalar{I: 1<<(t.Bits()-1) - 1}
		}
	}
	return ir.Scalar{I: 1}
}
