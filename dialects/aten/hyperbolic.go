package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Hyperbolic functions and their inverses.
const (
	OpTanh  ir.OpName = "aten.tanh"
	OpSinh  ir.OpName = "aten.sinh"
	OpCosh  ir.OpName = "aten.cosh"
	OpAsinh ir.OpName = "aten.asinh"
	OpAcosh ir.OpName = "aten.acosh"
	OpAtanh ir.OpName = "aten.atanh"
)

// Tanh is the hyperbolic tangent of x.
func Tanh(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpTanh, x) }

func hyperbolicDefs() []*ir.OpDef {
	defs := []*ir.OpDef{
		floatUnary(OpTanh, "hyperbolic tangent of a tensor", math.Tanh),
		floatUnary(OpSinh, "hyperbolic sine of a tensor", sinhLane),
		floatUnary(OpCosh, "hyperbolic cosine of a tensor", coshLane),
		floatUnary(OpAsinh, "inverse hyperbolic sine of a tensor", asinhLane),
		floatUnary(OpAcosh, "inverse hyperbolic cosine of a tensor", acoshLane),
		floatUnary(OpAtanh, "inverse hyperbolic tangent of a tensor", atanhLane),
	}
	for i, alias := range []string{3: "arcsinh", 4: "arccosh", 5: "arctanh"} {
		if alias != "" {
			defs[i].Torch = append(defs[i].Torch, "aten::"+alias+"(Tensor self) -> Tensor")
		}
	}
	return defs
}

// A branch that is not taken still has a derivative, and 0 times an infinite one is
// NaN. So each branch below computes from an operand that is replaced by a harmless
// one where the branch is not taken; guarded does that.
func guarded(b *ir.Builder, taken, x *ir.Value, harmless float64) *ir.Value {
	return arith.Select(b, taken, x, constant(b, harmless, x))
}

// nearZero reports |x| < 1.
func nearZero(b *ir.Builder, x *ir.Value) *ir.Value {
	one := constant(b, 1, x)
	return arith.AndI(b, arith.CmpF(b, arith.OLT, x, one), arith.CmpF(b, arith.OGT, x, arith.NegF(b, one)))
}

// half is x / 2.
func half(b *ir.Builder, x *ir.Value) *ir.Value { return arith.MulF(b, x, constant(b, 0.5, x)) }

// sinhLane is (e^x - e^-x) / 2, near 0 through expm1: (u + u / (u + 1)) / 2.
func sinhLane(b *ir.Builder, x *ir.Value) *ir.Value {
	near := nearZero(b, x)
	u := math.ExpM1(b, guarded(b, near, x, 0))
	small := half(b, arith.AddF(b, u, arith.DivF(b, u, arith.AddF(b, u, constant(b, 1, u)))))
	large := half(b, arith.SubF(b, math.Exp(b, x), math.Exp(b, arith.NegF(b, x))))
	return arith.Select(b, near, small, large)
}

// coshLane is (e^x + e^-x) / 2, near 0 through expm1, 1 + u^2 / (2 (1 + u)), whose
// derivative has no cancellation.
func coshLane(b *ir.Builder, x *ir.Value) *ir.Value {
	near := nearZero(b, x)
	one := constant(b, 1, x)
	u := math.ExpM1(b, guarded(b, near, x, 0))
	small := arith.AddF(b, one, half(b, arith.DivF(b, arith.MulF(b, u, u), arith.AddF(b, one, u))))
	large := half(b, arith.AddF(b, math.Exp(b, x), math.Exp(b, arith.NegF(b, x))))
	return arith.Select(b, near, small, large)
}

// squareOverflow is where x^2 + 1 is x^2 in f32, long before x^2 overflows.
const squareOverflow = 1e8

// asinhLane is odd: log1p(a + a^2 / (1 + sqrt(a^2 + 1))) for a = |x|, log(2 a) for
// great a. The sign is taken by a comparison, since abs has derivative 0 at 0.
func asinhLane(b *ir.Builder, x *ir.Value) *ir.Value {
	one := constant(b, 1, x)
	positive := arith.CmpF(b, arith.OGE, x, constant(b, 0, x))
	a := arith.Select(b, positive, x, arith.NegF(b, x))
	great := arith.CmpF(b, arith.OGT, a, constant(b, squareOverflow, x))
	s := arith.Select(b, great, one, a)
	s2 := arith.MulF(b, s, s)
	root := math.Sqrt(b, arith.AddF(b, s2, one))
	small := math.Log1p(b, arith.AddF(b, s, arith.DivF(b, s2, arith.AddF(b, one, root))))
	large := arith.AddF(b, math.Log(b, guarded(b, great, a, 1)), constant(b, gomath.Ln2, x))
	v := arith.Select(b, great, large, small)
	return arith.Select(b, positive, v, arith.NegF(b, v))
}

// acoshLane is log1p(t + sqrt(2 t + t^2)) for t = x - 1, log(2 x) for great x.
func acoshLane(b *ir.Builder, x *ir.Value) *ir.Value {
	great := arith.CmpF(b, arith.OGT, x, constant(b, squareOverflow, x))
	t := arith.SubF(b, arith.Select(b, great, constant(b, 2, x), x), constant(b, 1, x))
	// Two roots and not one of the product, whose derivative at 1 would be NaN.
	root := arith.MulF(b, math.Sqrt(b, t), math.Sqrt(b, arith.AddF(b, t, constant(b, 2, x))))
	small := math.Log1p(b, arith.AddF(b, t, root))
	large := arith.AddF(b, math.Log(b, guarded(b, great, x, 1)), constant(b, gomath.Ln2, x))
	return arith.Select(b, great, large, small)
}

// atanhLane is (log1p(x) - log1p(-x)) / 2.
func atanhLane(b *ir.Builder, x *ir.Value) *ir.Value {
	return half(b, arith.SubF(b, math.Log1p(b, x), math.Log1p(b, arith.NegF(b, x))))
}
