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
		"aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
		"aten::div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor",
		"aten::divide.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::divide.Scalar(Tensor self, Scalar other) -> Tensor",
		"aten::divide.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
		"aten::divide.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor",
		"aten::true_divide.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::true_divide.Scalar(Tensor self, Scalar other) -> Tensor",
	}, nil)
	divDef.Description = "Without rounding_mode integers give floats; with it they stay integers. A rounded quotient has no gradient."
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
	fmodDef := sameBinary(OpFmod, "remainder of a division, with the sign of the dividend", []string{
		"aten::fmod.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::fmod.Scalar(Tensor self, Scalar other) -> Tensor",
	}, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
		if ir.IsFloat(x.Type()) {
			return arith.RemF(b, x, y)
		}
		return arith.RemSI(b, x, y)
	})
	remainderDef := sameBinary(OpRemainder, "remainder of a division, with the sign of the divisor", []string{
		"aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::remainder.Scalar(Tensor self, Scalar other) -> Tensor",
	}, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
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
		rem = arith.RemSI(b, x, y)
	}
	signs := arith.XOrI(b, compare(b, isLT, y, zero), compare(b, isLT, rem, zero))
	return rem, arith.AndI(b, compare(b, isNE, rem, zero), signs)
}

func quotient(b *ir.Builder, rounding string, x, y *ir.Value) *ir.Value {
	float := ir.IsFloat(x.Type())
	switch {
	case rounding == "":
		return arith.DivF(b, x, y)
	case rounding == roundTrunc && float:
		return math.Unary(b, math.OpTrunc, arith.DivF(b, x, y))
	case rounding == roundTrunc:
		return arith.DivSI(b, x, y)
	case !float:
		return arith.FloorDivSI(b, x, y)
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

// divisionImports spells floor_divide, which has rounded down since 1.13.
func divisionImports() []ir.Import {
	floorDivide := func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, y, err := promotedPair(c, "self", "other")
		if err != nil {
			return nil, err
		}
		return try(c, OpDiv, []*ir.Value{x, y}, attr("rounding_mode", ir.StringAttr(roundFloor)))
	}
	return []ir.Import{
		{Schema: "aten::floor_divide(Tensor self, Tensor other) -> Tensor", Build: floorDivide},
		{Schema: "aten::floor_divide.Scalar(Tensor self, Scalar other) -> Tensor", Build: floorDivide},
	}
}
