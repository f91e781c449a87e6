package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Trigonometric functions and their inverses.
const (
	OpSin   ir.OpName = "aten.sin"
	OpCos   ir.OpName = "aten.cos"
	OpTan   ir.OpName = "aten.tan"
	OpAsin  ir.OpName = "aten.asin"
	OpAcos  ir.OpName = "aten.acos"
	OpAtan  ir.OpName = "aten.atan"
	OpAtan2 ir.OpName = "aten.atan2"
)

// Sin is the sine of x.
func Sin(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSin, x) }

// Cos is the cosine of x.
func Cos(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpCos, x) }

// atan2NaN is the angle, whose derivative at the origin is that of the radius: 0 / 0.
func atan2NaN(b *ir.Builder, y, x *ir.Value) *ir.Value {
	zero := constant(b, 0, x)
	origin := arith.AndI(b, compare(b, isEQ, x, zero), compare(b, isEQ, y, zero))
	square := arith.AddF(b, arith.MulF(b, x, x), arith.MulF(b, y, y))
	radius := math.Sqrt(b, arith.Select(b, origin, square, constant(b, 1, x)))
	// The negative zero that is added changes no angle, not even a negative zero.
	return arith.AddF(b, math.Atan2(b, y, x), arith.NegF(b, arith.SubF(b, radius, arith.Stop(b, radius))))
}

func trigonometricDefs() []*ir.OpDef {
	// other is the cathetus sqrt(1 - x^2), without cancellation near 1, and as two
	// roots since the derivative of one of the product would be NaN at 1.
	other := func(b *ir.Builder, x *ir.Value) *ir.Value {
		one := constant(b, 1, x)
		return arith.MulF(b, math.Sqrt(b, arith.SubF(b, one, x)), math.Sqrt(b, arith.AddF(b, one, x)))
	}
	defs := []*ir.OpDef{
		floatUnary(OpSin, "sine of a tensor", math.Sin),
		floatUnary(OpCos, "cosine of a tensor", math.Cos),
		floatUnary(OpTan, "tangent of a tensor", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return math.Unary(b, math.OpTan, x)
		}),
		floatUnary(OpAsin, "arc sine of a tensor", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return math.Atan2(b, x, other(b, x))
		}),
		floatUnary(OpAcos, "arc cosine of a tensor", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return math.Atan2(b, other(b, x), x)
		}),
		floatUnary(OpAtan, "arc tangent of a tensor", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return math.Unary(b, math.OpAtan, x)
		}),
		withConvention(floatBinary(OpAtan2, "angle of the points whose ordinate comes first", []string{
			schema(OpAtan2, "Tensor self, Tensor other"),
			"aten::arctan2(Tensor self, Tensor other) -> Tensor",
		}, math.Atan2), convention("nan_at_origin", "the gradient at the origin is NaN, not 0"), atan2NaN),
	}
	for i, alias := range []string{3: "arcsin", 4: "arccos", 5: "arctan"} {
		if alias != "" {
			defs[i].Torch = append(defs[i].Torch, "aten::"+alias+"(Tensor self) -> Tensor")
		}
	}
	return defs
}
