package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Losses. The reduction is 0 for none, 1 for the mean, 2 for the sum, as in ATen.
const (
	OpNLLLoss         ir.OpName = "aten.nll_loss"
	OpNLLLossBackward ir.OpName = "aten.nll_loss_backward"
)

// reduceLoss applies the reduction of a loss.
func reduceLoss(b *ir.Builder, v *ir.Value, reduction int64) (*ir.Value, error) {
	switch reduction {
	case 0:
		return v, nil
	case 1:
		return Mean(b, v, nil, false), nil
	case 2:
		return Sum(b, v, nil, false), nil
	}
	return nil, fmt.Errorf("reduction is %d, expected 0 (none), 1 (mean) or 2 (sum)", reduction)
}

// lossImports spells losses by the ops they are made of.
func lossImports() []ir.Import {
	pairwise := func(schema string, f func(c *ir.ImportCall, d *ir.Value) *ir.Value) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, y, err := promotedPair(c, "self", "target")
			if err != nil {
				return nil, err
			}
			d, err := one(c, OpSub, []*ir.Value{x, y})
			if err != nil {
				return nil, err
			}
			return single(reduceLoss(c.Builder, f(c, d), intArg(c, "reduction", 1)))
		}}
	}
	return []ir.Import{
		pairwise("aten::mse_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
			func(c *ir.ImportCall, d *ir.Value) *ir.Value { return Mul(c.Builder, d, d) }),
		pairwise("aten::l1_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
			func(c *ir.ImportCall, d *ir.Value) *ir.Value { return Abs(c.Builder, d) }),
		{Schema: "aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=Mean) -> Tensor", Build: bceWithLogits},
		{Schema: "aten::nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor", Build: nllLoss},
		{Schema: "aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100, float label_smoothing=0.0) -> Tensor", Build: crossEntropy},
	}
}

// bceWithLogits is (1 - target) * self - log_weight * log_sigmoid(self), where
// log_weight is (pos_weight - 1) * target + 1: ATen's stable form.
func bceWithLogits(c *ir.ImportCall) ([]*ir.Value, error) {
	x, target, err := promotedPair(c, "self", "target")
	if err != nil {
		return nil, err
	}
	b := c.Builder
	unit := Full(b, number(1), nil, elemOf(x))
	log := b.Emit("aten.log_sigmoid", x)
	if w := c.Args["pos_weight"].Value; w != nil {
		log = Mul(b, log, Add(b, Mul(b, Sub(b, w, unit), target), unit))
	}
	loss, err := one(c, OpSub, []*ir.Value{Mul(b, Sub(b, unit, target), x), log})
	if err != nil {
		return nil, err
	}
	if w := c.Args["weight"].Value; w != nil {
		loss = Mul(b, loss, w)
	}
	return single(reduceLoss(b, loss, intArg(c, "reduction", 1)))
}

func nllLoss(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	return nll(c, x)
}

func crossEntropy(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	if s := numberArg(c, "label_smoothing", 0); s != 0 {
		return nil, refused(fmt.Sprintf("label_smoothing=%v is not supported, only 0 is", s))
	}
	if t := c.Args["target"].Value; t != nil && ir.IsFloat(t.Type()) {
		return nil, refused("class probabilities as target are not supported, class indices are")
	}
	log, err := one(c, OpLogSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(int64(min(1, len(shapeOf(x))-1)))))
	if err != nil {
		return nil, err
	}
	return nll(c, log)
}

// nll makes the op for a batch of rows.
func nll(c *ir.ImportCall, log *ir.Value) ([]*ir.Value, error) {
	target, err := tensorArg(c, "target")
	if err != nil {
		return nil, err
	}
	if !c.Args["weight"].IsNone() {
		return nil, refused("class weights are not supported")
	}
	if len(shapeOf(log)) != 2 {
		return nil, refused(fmt.Sprintf("input of %d dimensions is not supported, [N, C] is", len(shapeOf(log))))
	}
	return try(c, OpNLLLoss, []*ir.Value{log, target},
		attr("reduction", ir.I64Attr(intArg(c, "reduction", 1))), attr("ignore_index", ir.I64Attr(intArg(c, "ignore_index", -100))))
}

func lossDefs() []*ir.OpDef {
	attrs := []ir.AttrParam{
		{Name: "ignore_index", Kind: intAttr, Default: ir.I64Attr(-100), Doc: "targets with this class count for nothing"},
		{Name: "reduction", Kind: intAttr, Default: ir.I64Attr(1), Doc: "0 none, 1 mean over the targets that count, 2 sum"},
	}
	loss := &ir.OpDef{
		Name: OpNLLLoss, Summary: "negative log likelihood of classes",
		Example:  "%out = aten.nll_loss %x, %t : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>",
		Operands: ir.Params(ir.P("self", floatTensor), ir.P("target", indexTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    attrs,
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 1),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, t := in.Shape(0), in.Shape(1)
			if len(x) != 2 || len(t) != 1 || !in.Sizes.Equal(x[0], t[0]) {
				return nil, fmt.Errorf("got input of shape %s and target of shape %s, expected [n, c] and [n]", in.Sizes.FormatShape(x), in.Sizes.FormatShape(t))
			}
			shape := []int64{}
			if in.Attrs.Int("reduction", 1) == 0 {
				shape = append(shape, x[0])
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x, t, out := args[0], args[1], outs[0]
			elem := elemOf(x)
			zero := arith.ConstantF(b, 0, elem)
			rows := shapeOf(x)[0]
			value := func(b *ir.Builder, i *ir.Value) (v, counts *ir.Value) {
				class := arith.Cast(b, memref.Load(b, t, i), ir.I64)
				counts = arith.CmpI(b, arith.NE, class, arith.ConstantI(b, op.Int("ignore_index", -100), ir.I64))
				v = scf.If(b, counts, []ir.Type{elem}, func(b *ir.Builder) []*ir.Value {
					return []*ir.Value{arith.NegF(b, memref.Load(b, x, i, arith.Cast(b, class, ir.Index)))}
				}, func(b *ir.Builder) []*ir.Value { return []*ir.Value{arith.ConstantF(b, 0, elem)} }).Result(0)
				return v, counts
			}
			if op.Int("reduction", 1) == 0 {
				forRange(b, size(b, 0), size(b, rows), func(b *ir.Builder, i *ir.Value) {
					v, _ := value(b, i)
					memref.Store(b, v, out, i)
				})
				return
			}
			sums := scf.For(b, size(b, 0), size(b, rows), size(b, 1), []*ir.Value{zero, zero}, func(b *ir.Builder, i *ir.Value, so []*ir.Value) []*ir.Value {
				v, counts := value(b, i)
				return []*ir.Value{arith.AddF(b, so[0], v), arith.AddF(b, so[1], arith.Cast(b, counts, elem))}
			})
			result := sums.Result(0)
			if op.Int("reduction", 1) == 1 {
				result = arith.DivF(b, result, sums.Result(1))
			}
			memref.Store(b, result, out)
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			a := append([]ir.NamedAttr{attr("classes", ir.I64Attr(shapeOf(op.Operand(0))[1]))}, op.Attrs()...)
			return []*ir.Value{b.Create(OpNLLLossBackward, []*ir.Value{d[0], op.Operand(1)}, a...).Result(0), nil}
		},
	}
	backward := &ir.OpDef{
		Name: OpNLLLossBackward, Summary: "adjoint of nll_loss",
		Example:  "%out = aten.nll_loss_backward %d, %t {classes = 3 : i64} : (tensor<f32>, tensor<4xi64>) -> tensor<4x3xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P("target", indexTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    append([]ir.AttrParam{{Name: "classes", Kind: intAttr, Required: true, Doc: "number of classes"}}, attrs...),
		Traits:   ir.Pure | ir.NotDifferentiable,
		Sample:   indexSample(1, 0, 1),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			return ir.Single(ir.Tensor([]int64{in.Shape(1)[0], in.Attrs.Int("classes", 1)}, in.Elem(0)))
		},
		Verify: func(op *ir.Op) error {
			if len(shapeOf(op.Operand(1))) != 1 {
				return op.Errorf("target has type %s, expected one dimension", op.Operand(1).Type())
			}
			return nil
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			g, t, out := args[0], args[1], outs[0]
			elem := elemOf(g)
			rows := shapeOf(t)[0]
			zeroMemory(b, out)
			counts := func(b *ir.Builder, i *ir.Value) (class, yes *ir.Value) {
				class = arith.Cast(b, memref.Load(b, t, i), ir.I64)
				return class, arith.CmpI(b, arith.NE, class, arith.ConstantI(b, op.Int("ignore_index", -100), ir.I64))
			}
			scale := arith.ConstantF(b, 1, elem)
			if op.Int("reduction", 1) == 1 {
				n := scf.For(b, size(b, 0), size(b, rows), size(b, 1), []*ir.Value{arith.ConstantF(b, 0, elem)}, func(b *ir.Builder, i *ir.Value, so []*ir.Value) []*ir.Value {
					_, yes := counts(b, i)
					return []*ir.Value{arith.AddF(b, so[0], arith.Cast(b, yes, elem))}
				}).Result(0)
				scale = arith.DivF(b, scale, n)
			}
			forRange(b, size(b, 0), size(b, rows), func(b *ir.Builder, i *ir.Value) {
				class, yes := counts(b, i)
				scf.If(b, yes, nil, func(b *ir.Builder) []*ir.Value {
					var d *ir.Value
					if op.Int("reduction", 1) == 0 {
						d = memref.Load(b, g, i)
					} else {
						d = memref.Load(b, g)
					}
					memref.Store(b, arith.NegF(b, arith.MulF(b, d, scale)), out, i, arith.Cast(b, class, ir.Index))
					return nil
				}, nil)
			})
		},
	}
	return []*ir.OpDef{loss, backward}
}

// indexSample says that operand i is indices from lo to hi, in random tests.
func indexSample(i int, lo, hi float64) func(op *ir.Op, operand int) (float64, float64) {
	return func(_ *ir.Op, operand int) (float64, float64) {
		if operand == i {
			return lo, hi
		}
		return -2, 2
	}
}
