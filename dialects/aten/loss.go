package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// Losses that compare element by element. The reduction is 0 for none, 1 for the
// mean, 2 for the sum, as in ATen. All but one are spelled by elementwise ops, whose
// derivatives are those of derivatives.yaml.

// OpBCE names the cross entropy of probabilities, which has a derivative of its own.
const OpBCE ir.OpName = "aten.binary_cross_entropy"

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

// pointwise is a loss at each place, from the input, the target and their difference.
type pointwise func(c *ir.ImportCall, x, y, d *ir.Value) (*ir.Value, error)

// lossImports spells losses by the ops they are made of.
func lossImports() []ir.Import {
	pairwise := func(schema string, f pointwise) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, y, err := promotedPair(c, "self", "target")
			if err != nil {
				return nil, err
			}
			d, err := one(c, OpSub, []*ir.Value{x, y})
			if err != nil {
				return nil, err
			}
			v, err := f(c, x, y, d)
			if err != nil {
				return nil, err
			}
			return single(reduceLoss(c.Builder, v, intArg(c, "reduction", 1)))
		}}
	}
	return []ir.Import{
		pairwise("aten::mse_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
			func(c *ir.ImportCall, _, _, d *ir.Value) (*ir.Value, error) { return Mul(c.Builder, d, d), nil }),
		pairwise("aten::l1_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
			func(c *ir.ImportCall, _, _, d *ir.Value) (*ir.Value, error) { return Abs(c.Builder, d), nil }),
		pairwise("aten::smooth_l1_loss(Tensor self, Tensor target, int reduction=Mean, float beta=1.0) -> Tensor", smoothL1),
		pairwise("aten::huber_loss(Tensor self, Tensor target, int reduction=Mean, float delta=1.0) -> Tensor", huber),
		pairwise("aten::kl_div(Tensor self, Tensor target, int reduction=Mean, *, bool log_target=False) -> Tensor", klDiv),
		pairwise("aten::soft_margin_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
			func(c *ir.ImportCall, x, y, _ *ir.Value) (*ir.Value, error) {
				return Neg(c.Builder, c.Emit("aten.log_sigmoid", Mul(c.Builder, x, y))), nil
			}),
		pairwise("aten::binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean) -> Tensor", bce),
		pairwise("aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=Mean) -> Tensor", bceWithLogits),
		{Schema: "aten::nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor", Build: nllFirst},
		{Schema: "aten::nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor", Build: nllFirst},
		{Schema: "aten::nll_loss2d(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor", Build: nllFirst},
		{Schema: "aten::nll_loss_forward(Tensor self, Tensor target, Tensor? weight, int reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)", Build: nllBoth},
		{Schema: "aten::nll_loss2d_forward(Tensor self, Tensor target, Tensor? weight, int reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)", Build: nllBoth},
	}
}

// smoothL1 is |d| - beta/2 from beta on, d²/(2 beta) below, and |d| for beta 0. NaN is
// below, so that its derivative is NaN.
func smoothL1(c *ir.ImportCall, _, _, d *ir.Value) (*ir.Value, error) {
	b, beta := c.Builder, numberArg(c, "beta", 1)
	if beta < 0 {
		return nil, fmt.Errorf("beta is %v, expected 0 or more", beta)
	}
	z := Abs(b, d)
	if beta == 0 {
		return z, nil
	}
	limit := Full(b, number(beta), nil, elemOf(d))
	return Where(b, Ge(b, z, limit), Sub(b, z, Scale(b, limit, 0.5)), Scale(b, Mul(b, z, z), 0.5/beta)), nil
}

// huber is smoothL1 times its limit.
func huber(c *ir.ImportCall, _, _, d *ir.Value) (*ir.Value, error) {
	b, delta := c.Builder, numberArg(c, "delta", 1)
	if delta <= 0 {
		return nil, fmt.Errorf("delta is %v, expected a positive number", delta)
	}
	z := Abs(b, d)
	limit := Full(b, number(delta), nil, elemOf(d))
	return Where(b, Ge(b, z, limit), Mul(b, limit, Sub(b, z, Scale(b, limit, 0.5))), Scale(b, Mul(b, z, z), 0.5)), nil
}

// klDiv is target * (log(target) - self), 0 where target is 0.
func klDiv(c *ir.ImportCall, x, y, _ *ir.Value) (*ir.Value, error) {
	b := c.Builder
	if boolArg(c, "log_target", false) {
		return Mul(b, Exp(b, y), Sub(b, y, x)), nil
	}
	return Sub(b, b.Emit("aten.xlogy", y, y), Mul(b, y, x)), nil
}

func bce(c *ir.ImportCall, x, y, _ *ir.Value) (*ir.Value, error) {
	v, err := one(c, OpBCE, []*ir.Value{x, y})
	if err != nil {
		return nil, err
	}
	return weighted(c, v)
}

// bceWithLogits is (1 - target) * self - log_weight * log_sigmoid(self), where
// log_weight is (pos_weight - 1) * target + 1: ATen's stable form.
func bceWithLogits(c *ir.ImportCall, x, y, _ *ir.Value) (*ir.Value, error) {
	b := c.Builder
	unit := Full(b, number(1), nil, elemOf(x))
	log := b.Emit("aten.log_sigmoid", x)
	if w := c.Args["pos_weight"].Value; w != nil {
		factor, err := one(c, OpMul, []*ir.Value{Sub(b, w, unit), y})
		if err != nil {
			return nil, err
		}
		if log, err = one(c, OpMul, []*ir.Value{log, Add(b, factor, unit)}); err != nil {
			return nil, err
		}
	}
	v, err := one(c, OpSub, []*ir.Value{Mul(b, Sub(b, unit, y), x), log})
	if err != nil {
		return nil, err
	}
	return weighted(c, v)
}

// weighted multiplies a loss with the argument "weight", if that is given.
func weighted(c *ir.ImportCall, v *ir.Value) (*ir.Value, error) {
	if w := c.Args["weight"].Value; w != nil {
		return one(c, OpMul, []*ir.Value{v, w})
	}
	return v, nil
}

func nllBoth(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	target, err2 := tensorArg(c, "target")
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("arguments \"self\" and \"target\" must be tensors")
	}
	operands := []*ir.Value{x, target}
	if w := c.Args["weight"].Value; w != nil {
		operands = append(operands, w)
	}
	return try(c, OpNLLLoss, operands,
		attr("reduction", ir.I64Attr(intArg(c, "reduction", 1))), attr("ignore_index", ir.I64Attr(intArg(c, "ignore_index", -100))))
}

func nllFirst(c *ir.ImportCall) ([]*ir.Value, error) {
	both, err := nllBoth(c)
	if err != nil {
		return nil, err
	}
	return both[:1], nil
}

func lossDefs() []*ir.OpDef {
	bce := sameBinary(OpBCE, "cross entropy of probabilities with targets, at each place", nil, nil)
	bce.Description = "-(target * log(self) + (1 - target) * log(1 - self)), the logarithms at least -100. A self that is not from 0 to 1 is an error at run time."
	bce.Example = "%out = aten.binary_cross_entropy %x, %t : tensor<4x8xf32>"
	bce.Operands = ir.Params(ir.P("self", floatTensor), ir.P("target", floatTensor))
	bce.Results = ir.Params(ir.P("out", floatTensor))
	bce.Traits = ir.Pure
	bce.Scalar = nil
	bce.Sample = func(*ir.Op, int) (float64, float64) { return 0.1, 0.9 }
	logs := func(b *ir.Builder, x *ir.Value) (yes, no *ir.Value) {
		least := Full(b, number(-100), nil, elemOf(x))
		return Maximum(b, Log(b, x), least), Maximum(b, Log1p(b, Neg(b, x)), least)
	}
	bce.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, t := b.Emit(OpCheckedProbability, op.Operand(0)), op.Operand(1)
		yes, no := logs(b, x)
		unit := Full(b, number(1), nil, elemOf(x))
		return []*ir.Value{Sub(b, Mul(b, Sub(b, t, unit), no), Mul(b, t, yes))}
	}
	// derivatives.yaml: binary_cross_entropy_backward, grad * (self - target) /
	// max((1 - self) * self, 1e-12), and binary_cross_entropy_target_backward.
	bce.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		x, t := op.Operand(0), op.Operand(1)
		unit := Full(b, number(1), nil, elemOf(x))
		slope := Maximum(b, Mul(b, Sub(b, unit, x), x), Full(b, number(float64(float32(1e-12))), nil, elemOf(x))) // f32, as LibTorch has it
		yes, no := logs(b, x)
		return []*ir.Value{
			SumTo(b, Div(b, Mul(b, d[0], Sub(b, x, t)), slope), shapeOf(x)),
			SumTo(b, Mul(b, d[0], Sub(b, no, yes)), shapeOf(t)),
		}
	}
	return append([]*ir.OpDef{bce}, append(nllDefs(), crossEntropyDefs()...)...)
}
