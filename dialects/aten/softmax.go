package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// Softmax and its logarithm. Both lower to nests that share their outer loops, so
// that a row is read once from memory.
const (
	OpSoftmax    ir.OpName = "aten.softmax"
	OpLogSoftmax ir.OpName = "aten.log_softmax"
)

// LogSoftmax is the logarithm of softmax along dim.
func LogSoftmax(b *ir.Builder, x *ir.Value, dim int64) *ir.Value {
	return b.Create(OpLogSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// Softmax is exp(x) scaled to sum to 1 along dim.
func Softmax(b *ir.Builder, x *ir.Value, dim int64) *ir.Value {
	return b.Create(OpSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(dim))).Result(0)
}

func softmaxDefs() []*ir.OpDef {
	def := func(name ir.OpName, summary string) *ir.OpDef {
		d := sameUnary(name, summary, nil)
		short := string(name)[len("aten."):]
		d.Example = "%out = " + string(name) + " %self {dim = 1 : i64} : tensor<4x8xf32>"
		d.Torch = []string{"aten::" + short + ".int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
			"aten::_" + short + "(Tensor self, int dim, bool half_to_float) -> Tensor"}
		d.Operands = ir.Params(ir.P("self", floatTensor))
		d.Attrs = []ir.AttrParam{{Name: "dim", Kind: intAttr, Required: true, Doc: "the dimension that sums to 1"}}
		d.Traits = ir.Pure
		d.Scalar = nil
		d.Infer = func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := ir.Dim(in.Attrs.Int("dim", 0), len(in.Shape(0))); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		}
		return d
	}
	soft := def(OpSoftmax, "exponentials scaled to sum to 1 along a dimension")
	soft.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), softDims(op)
		e := Exp(b, Sub(b, x, Amax(b, x, dims, true)))
		return []*ir.Value{Div(b, e, Sum(b, e, dims, true))}
	}
	// derivatives.yaml: _softmax_backward_data: (grad - sum(grad * result)) * result.
	soft.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		y := op.Result(0)
		return []*ir.Value{Mul(b, y, Sub(b, d[0], Sum(b, Mul(b, d[0], y), softDims(op), true)))}
	}
	log := def(OpLogSoftmax, "logarithm of softmax along a dimension")
	log.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), softDims(op)
		centred := Sub(b, x, Amax(b, x, dims, true))
		return []*ir.Value{Sub(b, centred, Log(b, Sum(b, Exp(b, centred), dims, true)))}
	}
	// derivatives.yaml: _log_softmax_backward_data: grad - exp(result) * sum(grad).
	log.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{Sub(b, d[0], Mul(b, Exp(b, op.Result(0)), Sum(b, d[0], softDims(op), true)))}
	}
	return []*ir.OpDef{soft, log}
}

// softDims is the dimension of a softmax as a list, empty in rank 0.
func softDims(op *ir.Op) []int64 {
	if len(shapeOf(op.Operand(0))) == 0 {
		return nil
	}
	return []int64{op.Int("dim", 0)}
}

// Normalisations.
const (
	OpLayerNorm ir.OpName = "aten.layer_norm"
	OpBatchNorm ir.OpName = "aten.batch_norm"
)

func normDefs() []*ir.OpDef {
	eps := number1("eps", 1e-5, "added to the variance")
	layer := &ir.OpDef{
		Name: OpLayerNorm, Summary: "centred and scaled to variance 1 over the last dimensions, then scaled and shifted",
		Example:  "%out = aten.layer_norm %x, %w, %b {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor"},
		Operands: ir.Params(ir.P("input", floatTensor), ir.Opt("weight", floatTensor), ir.Opt("bias", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    []ir.AttrParam{eps, {Name: "normalized_shape", Kind: intsAttr, Required: true, Doc: "sizes of the last dimensions"}, {Name: "cudnn_enable", Kind: boolAttr, Doc: "of no meaning here"}},
		Traits:   ir.Pure,
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
	}
	batch := &ir.OpDef{
		Name: OpBatchNorm, Summary: "scaled and shifted by running statistics of each channel",
		Example:  "%out = aten.batch_norm %x, %w, %b, %mean, %var : (tensor<4x3x5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3x5xf32>",
		Operands: ir.Params(ir.P("input", floatTensor), ir.P("weight", floatTensor), ir.P("bias", floatTensor), ir.P("running_mean", floatTensor), ir.P("running_var", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    []ir.AttrParam{eps},
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := sameElem(in, 0); err != nil {
				return nil, err
			}
			if len(in.Shape(0)) < 2 {
				return nil, fmt.Errorf("input has shape %s, expected at least 2 dimensions", in.Sizes.FormatShape(in.Shape(0)))
			}
			for i := 1; i < 5; i++ {
				if err := in.Sizes.SameShape(fmt.Sprintf("operand %d", i), in.Shape(i), in.Shape(0)[1:2]); err != nil {
					return nil, err
				}
			}
			return ir.Single(in.Operands[0])
		},
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			x := op.Operand(0)
			shape := make([]int64, len(shapeOf(x))-1)
			for i := range shape {
				shape[i] = 1
			}
			shape[0] = shapeOf(op.Operand(1))[0]
			channel := func(i int) *ir.Value { return Reshape(b, op.Operand(i), shape) }
			spread := b.Emit("aten.rsqrt", Add(b, channel(4), Full(b, number(op.Float("eps", 1e-5)), nil, elemOf(x))))
			h := Mul(b, Sub(b, x, channel(3)), spread)
			return []*ir.Value{Add(b, Mul(b, h, channel(1)), channel(2))}
		},
	}
	return []*ir.OpDef{layer, batch}
}

// normalised is the centred and scaled input of a layer_norm, 1 / its deviation, and
// the dimensions that were normalised over.
func normalised(b *ir.Builder, op *ir.Op) (h, rstd *ir.Value, dims []int64) {
	x := op.Operand(0)
	n := int64(len(op.Ints("normalized_shape")))
	for i := -n; i < 0; i++ {
		dims = append(dims, i)
	}
	centred := Sub(b, x, Mean(b, x, dims, true))
	variance := Mean(b, Mul(b, centred, centred), dims, true)
	rstd = b.Emit("aten.rsqrt", Add(b, variance, Full(b, number(op.Float("eps", 1e-5)), nil, elemOf(x))))
	return Mul(b, centred, rstd), rstd, dims
}

// normImports reads batch_norm, whose training form changes its running statistics.
func normImports() []ir.Import {
	return []ir.Import{{
		Schema: "aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
		Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			if boolArg(c, "training", true) {
				return nil, refused("training=True changes the running statistics in place; evaluate with training=False, or leave it to LibTorch")
			}
			x, err := tensorArg(c, "input")
			if err != nil {
				return nil, err
			}
			if len(shapeOf(x)) < 2 {
				return nil, fmt.Errorf("input has shape %v, expected at least 2 dimensions", shapeOf(x))
			}
			operands := []*ir.Value{x}
			for i, name := range []string{"weight", "bias", "running_mean", "running_var"} {
				v := c.Args[name].Value
				if v == nil { // absent: scale by 1, shift by 0
					v = Full(c.Builder, number([]float64{1, 0, 0, 1}[i]), shapeOf(x)[1:2], elemOf(x))
				}
				operands = append(operands, v)
			}
			return try(c, OpBatchNorm, operands, attr("eps", ir.F64Attr(numberArg(c, "eps", 1e-5))))
		},
	}}
}
