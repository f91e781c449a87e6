package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Smooth activations. They are written so that neither the value nor the derivative
// overflows: exponentials of what cannot be positive only.
const (
	OpGelu       ir.OpName = "aten.gelu"
	OpSigmoid    ir.OpName = "aten.sigmoid"
	OpLogSigmoid ir.OpName = "aten.log_sigmoid"
	OpSilu       ir.OpName = "aten.silu"
	OpMish       ir.OpName = "aten.mish"
	OpSoftplus   ir.OpName = "aten.softplus"
)

// Sigmoid is the logistic function of x.
func Sigmoid(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSigmoid, x) }

// minusAbs is -|x| whose derivative at 0 is that of -x, and whether x >= 0.
func minusAbs(b *ir.Builder, x *ir.Value) (v, positive *ir.Value) {
	positive = arith.CmpF(b, arith.OGE, x, constant(b, 0, x))
	return arith.Select(b, positive, arith.NegF(b, x), x), positive
}

// logistic is 1 / (1 + exp(-x)), below 0 as exp(x) / (1 + exp(x)): with exp(-x) there
// the derivative would be 0 times infinity for x far below 0.
func logistic(b *ir.Builder, x *ir.Value) *ir.Value {
	v, positive := minusAbs(b, x)
	z := math.Exp(b, v)
	return arith.DivF(b, arith.Select(b, positive, constant(b, 1, x), z), arith.AddF(b, constant(b, 1, x), z))
}

// softLane is log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)).
func softLane(b *ir.Builder, x *ir.Value) *ir.Value {
	v, positive := minusAbs(b, x)
	return arith.AddF(b, guarded(b, positive, x, 0), math.Log1p(b, math.Exp(b, v)))
}

func smoothActivationDefs() []*ir.OpDef {
	gelu := parametrised(OpGelu, "x times the normal distribution function of x",
		"aten::gelu(Tensor self, *, str approximate='none') -> Tensor",
		[]ir.AttrParam{{Name: "approximate", Kind: stringAttr, Default: ir.StringAttr("none"), Doc: "none, or tanh"}},
		func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
			half, one := constant(b, 0.5, x), constant(b, 1, x)
			var inner *ir.Value
			if op.Str("approximate") == "tanh" {
				cubic := arith.MulF(b, constant(b, 0.044715, x), arith.MulF(b, x, arith.MulF(b, x, x)))
				inner = math.Tanh(b, arith.MulF(b, constant(b, gomath.Sqrt2/gomath.SqrtPi, x), arith.AddF(b, x, cubic)))
			} else {
				inner = math.Erf(b, arith.MulF(b, x, constant(b, 1/gomath.Sqrt2, x)))
			}
			return arith.MulF(b, arith.MulF(b, half, x), arith.AddF(b, one, inner))
		})
	gelu.Verify = func(op *ir.Op) error {
		if a := op.Str("approximate"); a != "" && a != "none" && a != "tanh" {
			return op.Errorf("approximate is %q, expected none or tanh", a)
		}
		return nil
	}
	return []*ir.OpDef{
		gelu,
		floatUnary(OpSigmoid, "logistic function", logistic),
		floatUnary(OpLogSigmoid, "logarithm of the logistic function", func(b *ir.Builder, x *ir.Value) *ir.Value {
			// min(x, 0) - log1p(exp(-|x|))
			v, positive := minusAbs(b, x)
			low := arith.Select(b, positive, constant(b, 0, x), x)
			return arith.SubF(b, low, math.Log1p(b, math.Exp(b, v)))
		}),
		floatUnary(OpSilu, "x times its sigmoid", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.MulF(b, x, logistic(b, x))
		}),
		floatUnary(OpMish, "x times the hyperbolic tangent of its softplus", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.MulF(b, x, math.Tanh(b, softLane(b, x)))
		}),
		parametrised(OpSoftplus, "log(1 + exp(beta x)) / beta, x itself where that is large",
			"aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
			[]ir.AttrParam{number1("beta", 1, "factor of x"), number1("threshold", 20, "where beta x exceeds it the function is x")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				beta := constant(b, op.Float("beta", 1), x)
				z := arith.MulF(b, x, beta)
				great := compare(b, isGT, z, constant(b, op.Float("threshold", 20), x))
				soft := arith.DivF(b, math.Log1p(b, math.Exp(b, arith.Select(b, great, constant(b, 0, x), z))), beta)
				return arith.Select(b, great, x, soft)
			}),
	}
}
