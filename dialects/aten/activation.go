package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Activations with kinks. At a kink the derivative is ATen's, and NaN stays NaN:
// comparisons are written so that a NaN takes the branch that keeps it.
const (
	OpRelu        ir.OpName = "aten.relu"
	OpRelu6       ir.OpName = "aten.relu6"
	OpLeakyRelu   ir.OpName = "aten.leaky_relu"
	OpElu         ir.OpName = "aten.elu"
	OpHardtanh    ir.OpName = "aten.hardtanh"
	OpThreshold   ir.OpName = "aten.threshold"
	OpHardshrink  ir.OpName = "aten.hardshrink"
	OpSoftshrink  ir.OpName = "aten.softshrink"
	OpHardswish   ir.OpName = "aten.hardswish"
	OpHardsigmoid ir.OpName = "aten.hardsigmoid"
)

// Relu is x where positive, else 0.
func Relu(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpRelu, x) }

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

// numbers lets an activation take integers too, and give them.
func numbers(def *ir.OpDef) *ir.OpDef {
	def.Operands, def.Results = ir.Params(ir.P("self", anyTensor)), ir.Params(ir.P("out", anyTensor))
	def.Infer = inferNumber
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
			return between(b, x, 0, 6, x)
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
				negative := compare(b, isLE, x, constant(b, 0, x))
				below := math.ExpM1(b, arith.MulF(b, guarded(b, negative, x, 0), constant(b, op.Float("input_scale", 1), x)))
				return arith.Select(b, negative,
					arith.MulF(b, below, constant(b, op.Float("alpha", 1)*scale, x)), arith.MulF(b, x, constant(b, scale, x)))
			}),
		numbers(parametrised(OpHardtanh, "x between two bounds, the nearer of them outside",
			"aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
			[]ir.AttrParam{number1("min_val", -1, "lower bound"), number1("max_val", 1, "upper bound")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				return between(b, x, op.Float("min_val", -1), op.Float("max_val", 1), x)
			})),
		numbers(parametrised(OpThreshold, "x where above a threshold, else a value",
			"aten::threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
			[]ir.AttrParam{number1("threshold", 0, "where x does not exceed it the result is value"), number1("value", 0, "the value")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				low := compare(b, isLE, x, constant(b, op.Float("threshold", 0), x))
				return arith.Select(b, low, constant(b, op.Float("value", 0), x), x)
			})),
		parametrised(OpHardshrink, "x outside of -lambd to lambd, else 0",
			"aten::hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
			[]ir.AttrParam{number1("lambd", 0.5, "half the width of the gap")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				l := op.Float("lambd", 0.5)
				outside := arith.OrI(b, compare(b, isLT, x, constant(b, -l, x)), compare(b, isGT, x, constant(b, l, x)))
				return arith.Select(b, outside, x, zeroOrNaN(b, x))
			}),
		parametrised(OpSoftshrink, "x moved towards 0 by lambd, 0 where that would cross it",
			"aten::softshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
			[]ir.AttrParam{number1("lambd", 0.5, "half the width of the gap"), convention("zero_of_nan", "NaN gives 0")},
			func(b *ir.Builder, op *ir.Op, x *ir.Value) *ir.Value {
				l := constant(b, op.Float("lambd", 0.5), x)
				between := zeroOrNaN(b, x)
				if op.Bool("zero_of_nan", false) {
					between = constant(b, 0, x)
				}
				below := arith.Select(b, compare(b, isLT, x, arith.NegF(b, l)), arith.AddF(b, x, l), between)
				return arith.Select(b, compare(b, isGT, x, l), arith.SubF(b, x, l), below)
			}),
		floatUnary(OpHardsigmoid, "x / 6 + 1/2 between 0 and 1, the nearer of them outside", func(b *ir.Builder, x *ir.Value) *ir.Value {
			// hardsigmoid_backward lets the gradient through strictly inside -3 to 3.
			line := arith.DivF(b, arith.AddF(b, x, constant(b, 3, x)), constant(b, 6, x))
			if x.Type() == ir.Type(ir.F64) {
				// There too it multiplies by 1/6 as f32 has it.
				slope := arith.MulF(b, x, constant(b, float64(float32(1./6)), x))
				line = arith.AddF(b, slope, arith.Stop(b, arith.SubF(b, line, slope)))
			}
			inside := arith.AndI(b, compare(b, isGT, x, constant(b, -3, x)), compare(b, isLT, x, constant(b, 3, x)))
			return arith.Select(b, inside, line,
				arith.Select(b, compare(b, isGE, x, constant(b, 3, x)), constant(b, 1, x), zeroOrNaN(b, x)))
		}),
		// hardswish_backward: 0 up to -3, 1 from 3 on.
		withConvention(floatUnary(OpHardswish, "x times its hardsigmoid", hardswish(isLE, isGE)),
			convention("through_ends", "the gradient at -3 and 3 is that between them, -1/2 and 3/2"),
			func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return hardswish(isLT, isGT)(b, x) }),
	}
}

// between is inner where x lies strictly between two bounds, the nearer of them
// outside, and NaN where x is: hardtanh_backward lets no gradient through but inside.
func between(b *ir.Builder, x *ir.Value, low, high float64, inner *ir.Value) *ir.Value {
	l, h := constant(b, low, x), constant(b, high, x)
	inside := arith.AndI(b, compare(b, isGT, x, l), compare(b, isLT, x, h))
	outside := arith.Select(b, compare(b, isLE, x, l), l, arith.Select(b, compare(b, isGE, x, h), h, arith.Stop(b, x)))
	return arith.Select(b, inside, inner, outside)
}

// hardswish is a parabola but where x is beyond -3 or 3.
func hardswish(isBelow, isAbove comparison) lane1 {
	return func(b *ir.Builder, x *ir.Value) *ir.Value {
		below, above := compare(b, isBelow, x, constant(b, -3, x)), compare(b, isAbove, x, constant(b, 3, x))
		t := arith.Select(b, arith.OrI(b, below, above), constant(b, 0, x), x)
		inner := arith.DivF(b, arith.MulF(b, t, arith.AddF(b, t, constant(b, 3, x))), constant(b, 6, x))
		least := arith.MulF(b, arith.Stop(b, x), constant(b, 0, x)) // -inf times 0 is NaN
		return arith.Select(b, below, least, arith.Select(b, above, x, inner))
	}
}

// zeroOrNaN is 0, and NaN where x is, without a derivative.
func zeroOrNaN(b *ir.Builder, x *ir.Value) *ir.Value {
	return arith.Select(b, isNaN(b, x), arith.Stop(b, x), constant(b, 0, x))
}

// activationImports are the activations that are spelled by others.
func activationImports() []ir.Import {
	elu := func(alpha, scale float64, inputScale func(c *ir.ImportCall) float64) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			return try(c, OpElu, []*ir.Value{x}, attr("alpha", ir.F64Attr(numberArg(c, "alpha", alpha))),
				attr("input_scale", ir.F64Attr(inputScale(c))), attr("scale", ir.F64Attr(scale)))
		}
	}
	return []ir.Import{
		{Schema: "aten::celu(Tensor self, Scalar alpha=1.0) -> Tensor",
			Build: elu(1, 1, func(c *ir.ImportCall) float64 { return 1 / numberArg(c, "alpha", 1) })},
		{Schema: "aten::selu(Tensor self) -> Tensor",
			Build: elu(1.6732632423543772848170429916717, 1.0507009873554804934193349852946, func(*ir.ImportCall) float64 { return 1 })},
		{Schema: "aten::prelu(Tensor self, Tensor weight) -> Tensor", Build: prelu},
		{Schema: "aten::glu(Tensor self, int dim=-1) -> Tensor", Build: glu},
	}
}

// prelu is x where positive, else x times a weight, one for all or one for each
// place of dimension 1.
func prelu(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	w, err := tensorArg(c, "weight")
	if err != nil {
		return nil, err
	}
	if rank := len(shapeOf(x)); rank != 1 && len(shapeOf(w)) == 1 {
		to := make([]int64, rank)
		for i := range to {
			to[i] = 1
		}
		if rank > 1 {
			to[1] = shapeOf(w)[0]
		}
		if w, err = one(c, OpReshape, []*ir.Value{w}, attr("shape", ir.I64Array(wild(to)...))); err != nil {
			return nil, err
		}
	}
	product, err := one(c, OpMul, []*ir.Value{x, w})
	if err != nil {
		return nil, err
	}
	zero := Full(c.Builder, ir.Scalar{}, nil, elemOf(x))
	return try(c, OpWhere, []*ir.Value{Gt(c.Builder, x, zero), x, product})
}

// glu is the first half of x along a dimension times the sigmoid of the second.
func glu(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	d, n, err := splitDim(c, x)
	if err != nil {
		return nil, err
	}
	if n%2 != 0 {
		return nil, fmt.Errorf("dimension %d has size %d, expected an even size", d, n)
	}
	first := Slice(c.Builder, x, int64(d), 0, n/2, 1)
	second := Slice(c.Builder, x, int64(d), n/2, n, 1)
	gate, err := one(c, OpSigmoid, []*ir.Value{second})
	if err != nil {
		return nil, err
	}
	return try(c, OpMul, []*ir.Value{first, gate})
}
