package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// OpLayerNorm names the normalisation over the last dimensions, which has a
// derivative of its own; the others are spelled by it or by means.
const OpLayerNorm ir.OpName = "aten.layer_norm"

// LayerNorm brings x to mean 0 and variance 1 over its last dims dimensions.
func LayerNorm(b *ir.Builder, x *ir.Value, dims int, eps float64) *ir.Value {
	shape := shapeOf(x)
	return b.Create(OpLayerNorm, []*ir.Value{x}, attr("normalized_shape", ir.I64Array(shape[len(shape)-dims:]...)),
		attr("eps", ir.F64Attr(eps))).Result(0)
}

func normDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpLayerNorm, Summary: "centred and scaled to variance 1 over the last dimensions, then scaled and shifted",
		Description: "The variance is that of the centred elements, in a second pass, so that it does not cancel.",
		Example:     "%out = aten.layer_norm %x, %w, %b {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Operands:    ir.Params(ir.P("input", floatTensor), ir.Opt("weight", floatTensor), ir.Opt("bias", floatTensor)),
		Results:     ir.Params(ir.P("out", floatTensor)),
		Attrs:       []ir.AttrParam{number1("eps", 1e-5, "added to the variance"), {Name: "normalized_shape", Kind: intsAttr, Required: true, Doc: "sizes of the last dimensions"}},
		Traits:      ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := sameElem(in, 0); err != nil {
				return nil, err
			}
			shape, tail := in.Shape(0), in.Attrs.Ints("normalized_shape")
			if len(tail) == 0 || len(tail) > len(shape) {
				return nil, fmt.Errorf("normalized_shape %v does not fit a tensor of shape %s", tail, in.Sizes.FormatShape(shape))
			}
			if err := in.Sizes.SameShape("the end of input", shape[len(shape)-len(tail):], tail); err != nil {
				return nil, err
			}
			for i := 1; i < len(in.Operands); i++ {
				if err := in.Sizes.SameShape("weight or bias", in.Shape(i), tail); err != nil {
					return nil, err
				}
			}
			return ir.Single(in.Operands[0])
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			x, _, _ := normalised(b, op)
			if op.NumOperands() > 1 {
				x = Mul(b, x, op.Operand(1))
			}
			if op.NumOperands() > 2 {
				x = Add(b, x, op.Operand(2))
			}
			return []*ir.Value{x}
		},
		// derivatives.yaml: native_layer_norm_backward. With h = (x - mean) / std and
		// g = grad * weight: dx = (g - mean(g) - h * mean(g * h)) / std.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			h, rstd, dims := normalised(b, op)
			g := d[0]
			if op.NumOperands() > 1 {
				g = Mul(b, g, op.Operand(1))
			}
			inner := Sub(b, Sub(b, g, Mean(b, g, dims, true)), Mul(b, h, Mean(b, Mul(b, g, h), dims, true)))
			out := []*ir.Value{Mul(b, inner, rstd)}
			if op.NumOperands() > 1 {
				out = append(out, SumTo(b, Mul(b, d[0], h), shapeOf(op.Operand(1))))
			}
			if op.NumOperands() > 2 {
				out = append(out, SumTo(b, d[0], shapeOf(op.Operand(2))))
			}
			return out
		},
	}, batchNormDef()}
}

// normalised is the centred and scaled input of a layer_norm, 1 / its deviation, and
// the dimensions that were normalised over.
func normalised(b *ir.Builder, op *ir.Op) (h, rstd *ir.Value, dims []int64) {
	dims = lastDims(len(op.Ints("normalized_shape")))
	h, _, rstd = standardised(b, op.Operand(0), dims, op.Float("eps", 1e-5))
	return h, rstd, dims
}

// lastDims is the last n dimensions, counted from the end.
func lastDims(n int) []int64 {
	var dims []int64
	for i := -n; i < 0; i++ {
		dims = append(dims, int64(i))
	}
	return dims
}

// standardised brings x to mean 0 and variance 1 over dims, in two passes.
func standardised(b *ir.Builder, x *ir.Value, dims []int64, eps float64) (h, mean, rstd *ir.Value) {
	mean = Mean(b, x, dims, true)
	centred := Sub(b, x, mean)
	rstd = inverseDeviation(b, Mean(b, Mul(b, centred, centred), dims, true), eps)
	return Mul(b, centred, rstd), mean, rstd
}

// inverseDeviation is 1 / sqrt(variance + eps).
func inverseDeviation(b *ir.Builder, variance *ir.Value, eps float64) *ir.Value {
	return Rsqrt(b, Add(b, variance, Full(b, number(eps), nil, elemOf(variance))))
}
