package aten

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// OpBatchNorm names the normalisation by running statistics.
const OpBatchNorm ir.OpName = "aten.batch_norm"

func batchNormDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpBatchNorm, Summary: "scaled and shifted by running statistics of each channel",
		Example:  "%out = aten.batch_norm %x, %w, %b, %mean, %var : (tensor<4x3x5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3x5xf32>",
		Operands: ir.Params(ir.P("input", floatTensor), ir.P("weight", floatTensor), ir.P("bias", floatTensor), ir.P("running_mean", floatTensor), ir.P("running_var", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    []ir.AttrParam{number1("eps", 1e-5, "added to the variance")},
		Traits:   ir.Pure,
		Sample: func(_ *ir.Op, i int) (lo, hi float64) {
			if i == 4 {
				return 0.5, 2 // a variance
			}
			return -2, 2
		},
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
			shape := channelShape(x, shapeOf(op.Operand(1))[0])
			channel := func(i int) *ir.Value { return Reshape(b, op.Operand(i), shape) }
			h := Mul(b, Sub(b, x, channel(3)), inverseDeviation(b, channel(4), op.Float("eps", 1e-5)))
			return []*ir.Value{Add(b, Mul(b, h, channel(1)), channel(2))}
		},
	}
}

// channelShape is n channels in a shape that broadcasts to that of x.
func channelShape(x *ir.Value, n int64) []int64 {
	shape := make([]int64, len(shapeOf(x))-1)
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = n
	return shape
}

// normImports are the normalisations by their ATen names.
func normImports() []ir.Import {
	return []ir.Import{
		{Schema: "aten::layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return importLayerNorm(c, OpLayerNorm) }},
		{Schema: "aten::native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return importLayerNorm(c, OpNativeLayerNorm) }},
		{Schema: "aten::rms_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
				both, err := importRMSNorm(c)
				if err != nil {
					return nil, err
				}
				return both[:1], nil
			}},
		{Schema: "aten::_fused_rms_norm(Tensor input, int[] normalized_shape, Tensor? weight, float? eps) -> (Tensor, Tensor)", Build: importRMSNorm},
		{Schema: "aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!)? running_mean, Tensor(b!)? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
			WritesIf: "training",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
				return importChannelNorm(c, boolArg(c, "training", true), 0)
			}},
		{Schema: "aten::instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
				return importChannelNorm(c, boolArg(c, "use_input_stats", true), 1)
			}},
		{Schema: "aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor", Build: importGroupNorm},
	}
}

func importLayerNorm(c *ir.ImportCall, name ir.OpName) ([]*ir.Value, error) {
	x, err := tensorArg(c, "input")
	if err != nil {
		return nil, err
	}
	tail := intsArg(c, "normalized_shape")
	weight, bias := c.Args["weight"].Value, c.Args["bias"].Value
	operands := []*ir.Value{x}
	switch {
	case weight == nil && bias != nil: // a bias is the third operand
		operands = append(operands, Full(c.Builder, number(1), tail, elemOf(x)), bias)
	case bias != nil:
		operands = append(operands, weight, bias)
	case weight != nil:
		operands = append(operands, weight)
	}
	return try(c, name, operands, attr("normalized_shape", ir.I64Array(tail...)), attr("eps", ir.F64Attr(numberArg(c, "eps", 1e-5))))
}

// importRMSNorm is x / sqrt(mean(x²) + eps), by default with the epsilon of the type,
// and 1 / the root.
func importRMSNorm(c *ir.ImportCall) ([]*ir.Value, error) {
	b := c.Builder
	x, err := tensorArg(c, "input")
	if err != nil {
		return nil, err
	}
	tail := intsArg(c, "normalized_shape")
	if !ir.IsFloat(x.Type()) || len(tail) == 0 || len(tail) > len(shapeOf(x)) {
		return nil, fmt.Errorf("normalized_shape %v does not fit a tensor of type %s", tail, x.Type())
	}
	eps := math.Nextafter(1, 2) - 1
	if elemOf(x) == ir.Type(ir.F32) {
		eps = float64(math.Nextafter32(1, 2) - 1)
	}
	rstd := inverseDeviation(b, Mean(b, Mul(b, x, x), lastDims(len(tail)), true), numberArg(c, "eps", eps))
	y := Mul(b, x, rstd)
	if w := c.Args["weight"].Value; w != nil {
		if y, err = one(c, OpMul, []*ir.Value{y, w}); err != nil {
			return nil, err
		}
	}
	return []*ir.Value{y, rstd}, nil
}

// importChannelNorm reads batch_norm, and instance_norm, which keeps one dimension
// more apart; with the statistics of the input or with running ones.
func importChannelNorm(c *ir.ImportCall, ofInput bool, keep int) ([]*ir.Value, error) {
	b := c.Builder
	x, err := tensorArg(c, "input")
	if err != nil {
		return nil, err
	}
	if len(shapeOf(x)) < 2+keep || !ir.IsFloat(x.Type()) {
		return nil, fmt.Errorf("input has type %s, expected floats in at least %d dimensions", x.Type(), 2+keep)
	}
	running := !c.Args["running_mean"].IsNone() || !c.Args["running_var"].IsNone()
	if ofInput && running && keep > 0 {
		return nil, refused("running statistics of instance_norm are not supported in training; leave them out, or evaluate with use_input_stats=False")
	}
	if !ofInput && !running {
		return nil, fmt.Errorf("expects running_mean and running_var")
	}
	if ofInput {
		var dims []int64
		for i := range shapeOf(x) {
			if i > 1 || i == 0 && keep == 0 {
				dims = append(dims, int64(i))
			}
		}
		h, mean, variance, _ := standardised(b, x, dims, numberArg(c, "eps", 1e-5))
		if running {
			if err := updateStatistics(c, x, mean, variance); err != nil {
				return nil, err
			}
		}
		return single(affineChannels(c, h))
	}
	operands := []*ir.Value{x}
	for i, name := range []string{"weight", "bias", "running_mean", "running_var"} {
		v := c.Args[name].Value
		if v == nil { // absent: scale by 1, shift by 0
			v = Full(b, number([]float64{1, 0, 0, 1}[i]), shapeOf(x)[1:2], elemOf(x))
		}
		operands = append(operands, v)
	}
	return try(c, OpBatchNorm, operands, attr("eps", ir.F64Attr(numberArg(c, "eps", 1e-5))))
}

// updateStatistics moves the running statistics by momentum towards those of the batch,
// the variance without bias: as torch.nn.BatchNorm1d's documentation says.
func updateStatistics(c *ir.ImportCall, x, mean, variance *ir.Value) error {
	b := c.Builder
	shape := shapeOf(x)
	if !ir.Static(shape) {
		return refused("training with running statistics of a batch whose size is not known is not supported")
	}
	n, _ := ir.NumElements(shape)
	per := float64(n) / float64(max(shape[1], 1)) // elements a channel
	momentum := numberArg(c, "momentum", 0.1)
	scaled := func(v *ir.Value, by float64) *ir.Value { return Mul(b, v, Full(b, number(by), nil, elemOf(v))) }
	for _, s := range []struct {
		param string
		now   *ir.Value
		unit  float64
	}{{"running_mean", mean, 1}, {"running_var", variance, per / (per - 1)}} {
		old := c.Args[s.param].Value
		if old == nil {
			return fmt.Errorf("expects running_mean and running_var, got one of them")
		}
		now := scaled(Reshape(b, s.now, shape[1:2]), momentum*s.unit)
		if elemOf(now) != elemOf(old) {
			return refused(fmt.Sprintf("%s has elements of type %s, the input of %s: not supported in training", s.param, elemOf(old), elemOf(now)))
		}
		c.Write(s.param, Add(b, scaled(old, 1-momentum), now))
	}
	return nil
}

// affineChannels is h times the argument weight plus the argument bias, of channels.
func affineChannels(c *ir.ImportCall, h *ir.Value) (*ir.Value, error) {
	for _, p := range []struct {
		name string
		op   ir.OpName
	}{{"weight", OpMul}, {"bias", OpAdd}} {
		v := c.Args[p.name].Value
		if v == nil {
			continue
		}
		if len(shapeOf(v)) != 1 {
			return nil, fmt.Errorf("%s has type %s, expected one dimension", p.name, v.Type())
		}
		v, err := reshapeTo(c, v, channelShape(h, shapeOf(v)[0]))
		if err != nil {
			return nil, err
		}
		if h, err = one(c, p.op, []*ir.Value{h, v}); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// importGroupNorm is layer_norm over the channels of each group.
func importGroupNorm(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "input")
	if err != nil {
		return nil, err
	}
	shape, groups := shapeOf(x), intArg(c, "num_groups", 1)
	if !ir.Static(shape) {
		return nil, refused("group_norm of a tensor with symbolic sizes is not supported")
	}
	if len(shape) < 2 || groups < 1 || shape[1]%groups != 0 || !ir.IsFloat(x.Type()) {
		return nil, fmt.Errorf("input has type %s, expected floats with channels in %d groups of one size", x.Type(), groups)
	}
	n, _ := ir.NumElements(shape[1:])
	grouped, err := reshapeTo(c, x, []int64{shape[0], groups, n / groups})
	if err != nil {
		return nil, err
	}
	h, err := reshapeTo(c, LayerNorm(c.Builder, grouped, 1, numberArg(c, "eps", 1e-5)), shape)
	if err != nil {
		return nil, err
	}
	return single(affineChannels(c, h))
}
