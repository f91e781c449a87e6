package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Quotients and remainders.
const (
	OpDiv       ir.OpName = "aten.div"
	OpFmod      ir.OpName = "aten.fmod"
	OpRemainder ir.OpName = "aten.remainder"
)

// Div is x / y in floats; integers are divided as f32.
func Div(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpDiv, x, y) }

// The rounding modes of Div.
const (
	roundFloor = "floor"
	roundTrunc = "trunc"
)

func divisionDefs() []*ir.OpDef {
	divDef := floatBinary(OpDiv, "quotient of two tensors, as it is or rounded", []string{
		"aten::div.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::div.Scalar(Tensor self, Scalar other) -> Tensor",
		"aten::divide.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::divide.Scalar(Tensor self, Scalar other) -> Tensor",
		"aten::true_divide.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::true_divide.Scalar(Tensor self, Scalar other) -> Tensor",
	}, nil)
	divDef.Description = "Without rounding_mode integers give floats; with it they stay integers. A rounded quotient has no gradient. " +
		"A divisor of integers must not be 0 (aten.checked_divisor)."
	divDef.Results = ir.Params(ir.P("out", anyTensor))
	divDef.Attrs = []ir.AttrParam{{Name: "rounding_mode", Kind: roundingAttr, Doc: "absent, or how to round: \"floor\" or \"trunc\""}}
	divDef.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		if in.Attrs.Str("rounding_mode") == "" {
			return inferFloat(in)
		}
		return inferNumber(in)
	}
	divDef.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		t := elemOf(op.Result(0))
		return []*ir.Value{quotient(b, op.Str("rounding_mode"), arith.Cast(b, args[0], t), arith.Cast(b, args[1], t))}
	}
	fmodDef := sameBinary(OpFmod, "remainder of a division, with the sign of the dividend", nil, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
		if ir.IsFloat(x.Type()) {
			return arith.RemF(b, x, y)
		}
		return wholeRemainder(b, x, y)
	})
	remainderDef := sameBinary(OpRemainder, "remainder of a division, with the sign of the divisor", nil, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
		rem, signsDiffer := remainderOf(b, x, y)
		return arith.Select(b, signsDiffer, add(b, rem, y), rem)
	})
	fmodDef.Infer, remainderDef.Infer = inferNumber, inferNumber
	return []*ir.OpDef{divDef, fmodDef, remainderDef}
}

// remainderOf is the truncating remainder, and whether it is not 0 and has another
// sign than the divisor.
func remainderOf(b *ir.Builder, x, y *ir.Value) (rem, signsDiffer *ir.Value) {
	zero := constant(b, 0, x)
	if ir.IsFloat(x.Type()) {
		rem = arith.RemF(b, x, y)
	} else {
		rem = wholeRemainder(b, x, y)
	}
	signs := arith.XOrI(b, compare(b, isLT, y, zero), compare(b, isLT, rem, zero))
	return rem, arith.AndI(b, compare(b, isNE, rem, zero), signs)
}

// wholeQuotient is divide(x, y) where that has a value, and wraps where it has none: the
// least integer by -1, at which processors trap.
func wholeQuotient(b *ir.Builder, divide lane2, x, y *ir.Value) *ir.Value {
	negates := arith.CmpI(b, arith.EQ, y, constant(b, -1, y))
	return arith.Select(b, negates, neg(b, x), divide(b, x, arith.Select(b, negates, constant(b, 1, y), y)))
}

// wholeRemainder is the truncating remainder of integers, 0 by 1 as by -1.
func wholeRemainder(b *ir.Builder, x, y *ir.Value) *ir.Value {
	negates := arith.CmpI(b, arith.EQ, y, constant(b, -1, y))
	return arith.RemSI(b, x, arith.Select(b, negates, constant(b, 1, y), y))
}

func quotient(b *ir.Builder, rounding string, x, y *ir.Value) *ir.Value {
	float := ir.IsFloat(x.Type())
	switch {
	case rounding == "":
		return arith.DivF(b, x, y)
	case rounding == roundTrunc && float:
		return math.Unary(b, math.OpTrunc, arith.DivF(b, x, y))
	case rounding == roundTrunc:
		return wholeQuotient(b, arith.DivSI, x, y)
	case !float:
		return wholeQuotient(b, arith.FloorDivSI, x, y)
	}
	// As Python's and ATen's floor_divide: exact where floor(x / y) would be fooled by
	// the rounding of x / y.
	rem, signsDiffer := remainderOf(b, x, y)
	zero, one := constant(b, 0, x), constant(b, 1, x)
	whole := arith.DivF(b, arith.SubF(b, x, rem), y)
	whole = arith.Select(b, signsDiffer, arith.SubF(b, whole, one), whole)
	down := math.Floor(b, whole)
	up := arith.CmpF(b, arith.OGT, arith.SubF(b, whole, down), constant(b, 0.5, x))
	down = arith.Select(b, up, arith.AddF(b, down, one), down)
	byZero := arith.CmpF(b, arith.OEQ, y, zero)
	// x / 0 is an infinity or NaN and stays so; rounding it down also drops its gradient.
	return arith.Select(b, byZero, math.Floor(b, arith.DivF(b, x, y)), down)
}

var roundingAttr = ir.AttrKind{Name: fmt.Sprintf("%q or %q", roundFloor, roundTrunc), Holds: func(a ir.Attr) bool {
	return a == ir.Attr(ir.StringAttr(roundFloor)) || a == ir.Attr(ir.StringAttr(roundTrunc))
}}

// divisionImports spells the divisions that integers have too, whose divisors are
// checked. floor_divide has rounded down since 1.13.
func divisionImports() []ir.Import {
	divide := func(op ir.OpName, rounding func(c *ir.ImportCall) ir.Attr) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, y, err := promotedPair(c, "self", "other")
			if err != nil {
				return nil, err
			}
			mode := rounding(c)
			if op != OpDiv || mode != nil {
				if y, err = checkedDivisor(c, x, y); err != nil {
					return nil, err
				}
			}
			return try(c, op, []*ir.Value{x, y}, attr("rounding_mode", mode))
		}
	}
	given := divide(OpDiv, func(c *ir.ImportCall) ir.Attr { return c.Args["rounding_mode"].Attr })
	floor := divide(OpDiv, func(*ir.ImportCall) ir.Attr { return ir.StringAttr(roundFloor) })
	none := func(*ir.ImportCall) ir.Attr { return nil }
	fmod, remainder := divide(OpFmod, none), divide(OpRemainder, none)
	return []ir.Import{
		{Schema: "aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor", Build: given},
		{Schema: "aten::div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor", Build: given},
		{Schema: "aten::divide.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor", Build: given},
		{Schema: "aten::divide.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor", Build: given},
		{Schema: "aten::floor_divide(Tensor self, Tensor other) -> Tensor", Build: floor},
		{Schema: "aten::floor_divide.Scalar(Tensor self, Scalar other) -> Tensor", Build: floor},
		{Schema: "aten::fmod.Tensor(Tensor self, Tensor other) -> Tensor", Build: fmod},
		{Schema: "aten::fmod.Scalar(Tensor self, Scalar other) -> Tensor", Build: fmod},
		{Schema: "aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor", Build: remainder},
		{Schema: "aten::remainder.Scalar(Tensor self, Scalar other) -> Tensor", Build: remainder},
	}
}
