package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Activations. At a kink the derivative is ATen's, and NaN stays NaN: comparisons
// are written so that a NaN takes the branch that keeps it.
const (
	OpRelu      ir.OpName = "aten.relu"
	OpRelu6     ir.OpName = "aten.relu6"
	OpLeakyRelu ir.OpName = "aten.leaky_relu"
	OpElu       ir.OpName = "aten.elu"
	OpHardtanh  ir.OpName = "aten.hardtanh"
	OpGelu      ir.OpName = "aten.gelu"
	OpSigmoid   ir.OpName = "aten.sigmoid"
	OpSilu      ir.OpName = "aten.silu"
	OpSoftplus  ir.OpName = "aten.softplus"
)

// number1 is an attribute parameter that is a number with a default.
func number1(name string, def float64, doc string) ir.AttrParam {
	return ir.AttrParam{Name: name, Kind: numberAttr, Default: ir.F64Attr(def), Doc: doc}
}

// parametrised defines an activation with numbers as attributes.
func parametrised(name ir.OpName, summary, torch string, params []ir.AttrParam,
	f func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value) *ir.OpDef {
	def := floatUnary(name, summary, nil)
	def.Operands = ir.Params(ir.P("self", floatTensor))
	def.Torch = []string{torch}
	def.Attrs = params
	def.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{f(b, op, args[0])}
	}
	return def
}

func piecewiseActivationDefs() []*ir.OpDef {
	relu := sameUnary(OpRelu, "x where positive, else 0", func(b *ir.Builder, x *ir.Value) *ir.Value {
		return arith.Select(b, compare(b, isLE, x, constant(b, 0, x)), constant(b, 0, x), x)
	})
	relu.Infer = inferNumber
	return []*ir.OpDef{
		relu,
		sameUnary(OpRelu6, "x between 0 and 6, the nearer of them outside", func(b *ir.Builder, x *ir.Value) *ir.Value {
			// hardtanh_backward lets the gradient through strictly inside only.
			zero, six := constant(b, 0, x), constant(b, 6, x)
			return arith.Select(b, compare(b, isLE, x, zero), zero, arith.Select(b, compare(b, isGE, x, six), six, x))
		}),
		parametrised(OpLeakyRelu, "x where positive, else x times a slope",
			"aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
			[]ir.AttrParam{number1("negative_slope", 0.01, "factor of negative elements")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				slope := constant(b, op.Float("negative_slope", 0.01), x)
				return arith.Select(b, compare(b, isGT, x, constant(b, 0, x)), x, arith.MulF(b, x, slope))
			}),
		parametrised(OpElu, "x where positive, else alpha (exp(x) - 1), scaled",
			"aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
			[]ir.AttrParam{number1("alpha", 1, "factor of the exponential"), number1("scale", 1, "factor of the result"), number1("input_scale", 1, "factor of x in the exponential")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				scale := op.Float("scale", 1)
				below := math.ExpM1(b, arith.MulF(b, x, constant(b, op.Float("input_scale", 1), x)))
				return arith.Select(b, compare(b, isLE, x, constant(b, 0, x)),
					arith.MulF(b, below, constant(b, op.Float("alpha", 1)*scale, x)), arith.MulF(b, x, constant(b, scale, x)))
			}),
		parametrised(OpHardtanh, "x between two bounds, the nearer of them outside",
			"aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
			[]ir.AttrParam{number1("min_val", -1, "lower bound"), number1("max_val", 1, "upper bound")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				low, high := constant(b, op.Float("min_val", -1), x), constant(b, op.Float("max_val", 1), x)
				return arith.Select(b, compare(b, isLE, x, low), low, arith.Select(b, compare(b, isGE, x, high), high, x))
			}),
	}
}

// logistic is 1 / (1 + exp(-x)).
func logistic(b *ir.Builder, x *ir.Value) *ir.Value {
	one := constant(b, 1, x)
	return arith.DivF(b, one, arith.AddF(b, one, math.Exp(b, arith.NegF(b, x))))
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
		floatUnary("aten.log_sigmoid", "logarithm of the logistic function", func(b *ir.Builder, x *ir.Value) *ir.Value {
			// min(x, 0) - log1p(exp(-|x|)) overflows nowhere.
			low := arith.Select(b, compare(b, isLT, x, constant(b, 0, x)), x, constant(b, 0, x))
			return arith.SubF(b, low, math.Log1p(b, math.Exp(b, arith.NegF(b, math.AbsF(b, x)))))
		}),
		floatUnary(OpSilu, "x times its sigmoid", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.MulF(b, x, logistic(b, x))
		}),
		parametrised(OpSoftplus, "log(1 + exp(beta x)) / beta, x itself where that is large",
			"aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
			[]ir.AttrParam{number1("beta", 1, "factor of x"), number1("threshold", 20, "where beta x exceeds it the function is x")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				beta := constant(b, op.Float("beta", 1), x)
				z := arith.MulF(b, x, beta)
				soft := arith.DivF(b, math.Log1p(b, math.Exp(b, z)), beta)
				return arith.Select(b, compare(b, isGT, z, constant(b, op.Float("threshold", 20), x)), x, soft)
			}),
	}
}
