package aten

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// The normalisations over the last dimensions. The native one gives what its derivative
// reads as well; the others are spelled by it or by means.
const (
	OpLayerNorm       ir.OpName = "aten.layer_norm"
	OpNativeLayerNorm ir.OpName = "aten.native_layer_norm"
)

// LayerNorm brings x to mean 0 and variance 1 over its last dims dimensions.
func LayerNorm(b *ir.Builder, x *ir.Value, dims int, eps float64) *ir.Value {
	shape := shapeOf(x)
	return b.Create(OpLayerNorm, []*ir.Value{x}, attr("normalized_shape", ir.I64Array(shape[len(shape)-dims:]...)),
		attr("eps", ir.F64Attr(eps))).Result(0)
}

func normDefs() []*ir.OpDef { return []*ir.OpDef{layerNormDef(), nativeLayerNormDef(), batchNormDef()} }

func layerNormDef() *ir.OpDef {
	def := nativeLayerNormDef()
	return &ir.OpDef{
		Name: OpLayerNorm, Summary: "centred and scaled to variance 1 over the last dimensions, then scaled and shifted",
		Example:  "%out = aten.layer_norm %x, %w, %b {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Operands: def.Operands, Results: def.Results[:1], Attrs: def.Attrs, Traits: ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			all, err := def.Infer(in)
			if err != nil {
				return nil, err
			}
			return all[:1], nil
		},
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			return b.Create(OpNativeLayerNorm, op.Operands(), op.Attrs()...).Results()[:1]
		},
	}
}

func nativeLayerNormDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpNativeLayerNorm, Summary: "layer_norm, the mean, and 1 / the standard deviation",
		Description: "The variance is that of the centred elements, in a second pass, so that it does not cancel.",
		Example:     "%out:3 = aten.native_layer_norm %x, %w, %b {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>)",
		Operands:    ir.Params(ir.P("input", floatTensor), ir.Opt("weight", floatTensor), ir.Opt("bias", floatTensor)),
		Results:     ir.Params(ir.P("out", floatTensor), ir.P("mean", floatTensor), ir.P("rstd", floatTensor)),
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
			reduced := slices.Clone(shape)
			for i := len(shape) - len(tail); i < len(shape); i++ {
				reduced[i] = 1
			}
			stat := ir.Tensor(reduced, ir.ElemType(in.Operands[0]))
			return []ir.Type{in.Operands[0], stat, stat}, nil
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			h, mean, _, rstd := standardised(b, op.Operand(0), normalisedDims(op), op.Float("eps", 1e-5))
			if op.NumOperands() > 1 {
				h = Mul(b, h, op.Operand(1))
			}
			if op.NumOperands() > 2 {
				h = Add(b, h, op.Operand(2))
			}
			return []*ir.Value{h, mean, rstd}
		},
		VJP: nativeLayerNormVJP,
	}
}

// nativeLayerNormVJP is native_layer_norm_backward of derivatives.yaml, and what the
// adjoints of mean and rstd add to it. With h = (x - mean) * rstd, g = grad * weight and
// n elements in a row, dx = (g - mean(g) - h * mean(g * h)) * rstd + dmean / n - drstd * rstd² * h / n.
func nativeLayerNormVJP(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
	x, mean, rstd, dims := op.Operand(0), op.Result(1), op.Result(2), normalisedDims(op)
	h := Mul(b, Sub(b, x, mean), rstd)
	out := make([]*ir.Value, op.NumOperands())
	plus := func(v *ir.Value) {
		if out[0] != nil {
			v = Add(b, out[0], v)
		}
		out[0] = v
	}
	if d[0] != nil {
		g := d[0]
		if op.NumOperands() > 1 {
			g = Mul(b, g, op.Operand(1))
			out[1] = SumTo(b, Mul(b, d[0], h), shapeOf(op.Operand(1)))
		}
		if op.NumOperands() > 2 {
			out[2] = SumTo(b, d[0], shapeOf(op.Operand(2)))
		}
		plus(Mul(b, Sub(b, Sub(b, g, Mean(b, g, dims, true)), Mul(b, h, Mean(b, Mul(b, g, h), dims, true))), rstd))
	}
	share := func(v *ir.Value) *ir.Value {
		n, _ := ir.NumElements(op.Ints("normalized_shape"))
		return Expand(b, Div(b, v, Full(b, number(float64(n)), nil, elemOf(v))), shapeOf(x))
	}
	if d[1] != nil {
		plus(share(d[1]))
	}
	if d[2] != nil {
		plus(Neg(b, Mul(b, share(Mul(b, d[2], Mul(b, rstd, rstd))), h)))
	}
	return out
}

// normalisedDims is the dimensions that a layer_norm normalises over.
func normalisedDims(op *ir.Op) []int64 { return lastDims(len(op.Ints("normalized_shape"))) }

// lastDims is the last n dimensions, counted from the end.
func lastDims(n int) []int64 {
	var dims []int64
	for i := -n; i < 0; i++ {
		dims = append(dims, int64(i))
	}
	return dims
}

// standardised brings x to mean 0 and variance 1 over dims, in two passes.
func standardised(b *ir.Builder, x *ir.Value, dims []int64, eps float64) (h, mean, variance, rstd *ir.Value) {
	mean = Mean(b, x, dims, true)
	centred := Sub(b, x, mean)
	variance = Mean(b, Mul(b, centred, centred), dims, true)
	rstd = inverseDeviation(b, variance, eps)
	return Mul(b, centred, rstd), mean, variance, rstd
}

// inverseDeviation is 1 / sqrt(variance + eps).
func inverseDeviation(b *ir.Builder, variance *ir.Value, eps float64) *ir.Value {
	return Rsqrt(b, Add(b, variance, Full(b, number(eps), nil, elemOf(variance))))
}
