package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Sums and products.
const (
	OpAdd     ir.OpName = "aten.add"
	OpSub     ir.OpName = "aten.sub"
	OpRsub    ir.OpName = "aten.rsub"
	OpMul     ir.OpName = "aten.mul"
	OpNeg     ir.OpName = "aten.neg"
	OpAddcmul ir.OpName = "aten.addcmul"
	OpAddcdiv ir.OpName = "aten.addcdiv"
	OpLerp    ir.OpName = "aten.lerp"
)

// Add is x + y.
func Add(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpAdd, x, y) }

// Sub is x - y.
func Sub(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpSub, x, y) }

// Mul is x * y.
func Mul(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMul, x, y) }

// Neg is -x.
func Neg(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpNeg, x) }

// Scale is c * x for a number c, which takes the element type of x.
func Scale(b *ir.Builder, x *ir.Value, c float64) *ir.Value {
	return Mul(b, x, Full(b, number(c), nil, elemOf(x)))
}

var alphaAttr = ir.AttrParam{Name: "alpha", Kind: numberAttr, Default: ir.I64Attr(1), Doc: "factor of the second operand"}

func arithmeticDefs() []*ir.OpDef {
	addDef := sameBinary(OpAdd, "sum of two tensors, the second times alpha", []string{
		"aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
		"aten::add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
	}, nil)
	addDef.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{add(b, args[0], scaled(b, op.Attr("alpha"), args[1]))}
	}
	subDef := sameBinary(OpSub, "difference of two tensors, the second times alpha", []string{
		"aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
		"aten::sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
		"aten::subtract.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
		"aten::subtract.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
	}, nil)
	subDef.Infer = inferNumber
	subDef.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{sub(b, args[0], scaled(b, op.Attr("alpha"), args[1]))}
	}
	rsubDef := sameBinary(OpRsub, "difference of two tensors, second minus alpha times first", []string{
		"aten::rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
		"aten::rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
	}, nil)
	rsubDef.Infer = inferNumber
	rsubDef.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{sub(b, args[1], scaled(b, op.Attr("alpha"), args[0]))}
	}
	for _, def := range []*ir.OpDef{addDef, subDef, rsubDef} {
		def.Attrs = []ir.AttrParam{alphaAttr}
	}
	// add is not marked Commutative: with alpha it is not.

	mulDef := sameBinary(OpMul, "elementwise product of two tensors", []string{
		"aten::mul.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::mul.Scalar(Tensor self, Scalar other) -> Tensor",
		"aten::multiply.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::multiply.Scalar(Tensor self, Scalar other) -> Tensor",
	}, mul)
	mulDef.Traits |= ir.Commutative

	negDef := sameUnary(OpNeg, "negation of a tensor", neg)
	negDef.Torch = append(negDef.Torch, "aten::negative(Tensor self) -> Tensor")
	negDef.Infer = inferNumber
	return []*ir.OpDef{addDef, subDef, rsubDef, mulDef, negDef,
		scaledTernary(OpAddcmul, "tensor plus value times the product of two tensors", mul),
		scaledTernary(OpAddcdiv, "tensor plus value times the quotient of two tensors", arith.DivF),
		lerpDef(),
	}
}

// scaledTernary defines self + value * f(tensor1, tensor2).
func scaledTernary(name ir.OpName, summary string, f lane2) *ir.OpDef {
	infer, elem := inferSame, anyTensor
	if name == OpAddcdiv {
		elem = floatTensor // ATen refuses integers here since 1.5
	}
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %self, %tensor1, %tensor2 {value = 0.5 : f64} : tensor<4x8xf32>",
		Torch:    []string{schema(name, "Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1")},
		Operands: ir.Params(ir.P("self", elem), ir.P("tensor1", elem), ir.P("tensor2", elem)),
		Results:  ir.Params(ir.P("out", elem)),
		Attrs:    []ir.AttrParam{{Name: "value", Kind: numberAttr, Default: ir.I64Attr(1), Doc: "factor of the second term"}},
		Traits:   ir.Pure | ir.Elementwise,
		Infer:    infer,
		Scalar: func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
			// In ATen's order, value times tensor1 first.
			return []*ir.Value{add(b, args[0], f(b, scaled(b, op.Attr("value"), args[1]), args[2]))}
		},
	}
}

func lerpDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpLerp, Summary: "linear interpolation between two tensors",
		Description: "self + weight * (end - self); from the other side where |weight| >= 0.5, which hits end exactly at 1.",
		Example:     "%out = aten.lerp %self, %end, %weight : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>",
		Torch: []string{
			"aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
			"aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
		},
		Operands: ir.Params(ir.P("self", floatTensor), ir.P("end", floatTensor), ir.P("weight", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Traits:   ir.Pure | ir.Elementwise,
		Infer:    inferSame,
		Scalar: func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			self, end, w := args[0], args[1], args[2]
			half := constant(b, 0.5, w)
			near := arith.AndI(b, arith.CmpF(b, arith.OLT, w, half), arith.CmpF(b, arith.OGT, w, arith.NegF(b, half)))
			span := arith.SubF(b, end, self)
			rest := arith.SubF(b, constant(b, 1, w), w)
			return []*ir.Value{arith.Select(b, near,
				arith.AddF(b, self, arith.MulF(b, w, span)),
				arith.SubF(b, end, arith.MulF(b, span, rest)))}
		},
	}
}
