package aten

import (
	"fmt"
	gomath "math"

	"github.com/cladopt/cladopt/ir"
)

// Losses with a margin, and of counts: as ATen's Loss.cpp spells them.

func marginLossImports() []ir.Import {
	return []ir.Import{
		{Schema: "aten::margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=Mean) -> Tensor", Build: marginRanking},
		{Schema: "aten::hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int reduction=Mean) -> Tensor", Build: hingeEmbedding},
		{Schema: "aten::cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=Mean) -> Tensor", Build: cosineEmbedding},
		{Schema: "aten::triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2, float eps=1e-06, bool swap=False, int reduction=Mean) -> Tensor", Build: tripletMargin},
		{Schema: "aten::poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction) -> Tensor", Build: poissonNLL},
	}
}

// positivePart is x where it is above 0, else 0: clamp_min, whose gradient at 0 is a convention.
func positivePart(b *ir.Builder, x *ir.Value) *ir.Value {
	return b.Create(OpClamp, []*ir.Value{x}, attr("min", ir.F64Attr(0))).Result(0)
}

// marginRanking is max(0, margin - target (input1 - input2)).
func marginRanking(c *ir.ImportCall) ([]*ir.Value, error) {
	in, err := Promote(c.Builder, []ir.ImportArg{c.Args["input1"], c.Args["input2"], c.Args["target"]})
	if err != nil {
		return nil, err
	}
	b := c.Builder
	gap, err := one(c, OpSub, in[:2])
	if err != nil {
		return nil, err
	}
	if gap, err = one(c, OpMul, []*ir.Value{Neg(b, in[2]), gap}); err != nil {
		return nil, err
	}
	margin := Full(b, number(numberArg(c, "margin", 0)), nil, elemOf(gap))
	return single(reduceLoss(b, positivePart(b, Add(b, gap, margin)), intArg(c, "reduction", 1)))
}

// where1 is v where the target is (or is not) 1 or -1, else 0.
func where1(c *ir.ImportCall, test ir.OpName, target *ir.Value, mark float64, v *ir.Value) (*ir.Value, error) {
	b := c.Builder
	chosen := b.Emit(test, target, Full(b, number(mark), nil, elemOf(target)))
	return one(c, OpWhere, []*ir.Value{chosen, v, Full(b, ir.Scalar{}, nil, elemOf(v))})
}

// hingeEmbedding is self where the target is 1, max(0, margin - self) where it is -1,
// and the sum of both elsewhere.
func hingeEmbedding(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	target, err2 := tensorArg(c, "target")
	if err1 != nil || err2 != nil || !ir.IsFloat(elemOf(x)) {
		return nil, fmt.Errorf("arguments \"self\" and \"target\" must be tensors, the first of floats")
	}
	b := c.Builder
	margin := Full(b, number(numberArg(c, "margin", 1)), nil, elemOf(x))
	far, err := where1(c, OpNe, target, 1, positivePart(b, Sub(b, margin, x)))
	if err != nil {
		return nil, err
	}
	near, err := where1(c, OpNe, target, -1, x)
	if err != nil {
		return nil, err
	}
	return single(reduceLoss(b, Add(b, far, near), intArg(c, "reduction", 1)))
}

// cosineEmbedding is 1 - cos where the target is 1, max(0, cos - margin) where it is -1.
func cosineEmbedding(c *ir.ImportCall) ([]*ir.Value, error) {
	target, err := tensorArg(c, "target")
	if err != nil {
		return nil, err
	}
	x, y, err := broadcastPair(c, "input1", "input2")
	if err != nil {
		return nil, err
	}
	dim := len(shapeOf(target))
	if dim > 1 || len(shapeOf(x)) != dim+1 || !ir.IsFloat(elemOf(x)) {
		return nil, fmt.Errorf("got inputs %s and a target %s, expected vectors of floats and a number, or matrices and a vector", x.Type(), target.Type())
	}
	b, dims := c.Builder, []int64{int64(dim)}
	num := func(v float64) *ir.Value { return Full(b, number(v), nil, elemOf(x)) }
	square := func(v *ir.Value) *ir.Value { return Add(b, Sum(b, Mul(b, v, v), dims, false), num(1e-12)) }
	cos := Div(b, Sum(b, Mul(b, x, y), dims, false), Sqrt(b, Mul(b, square(x), square(y))))
	alike, err := where1(c, OpEq, target, 1, Sub(b, num(1), cos))
	if err != nil {
		return nil, err
	}
	apart, err := where1(c, OpEq, target, -1, positivePart(b, Sub(b, cos, num(numberArg(c, "margin", 0)))))
	if err != nil {
		return nil, err
	}
	return single(reduceLoss(b, Add(b, alike, apart), intArg(c, "reduction", 1)))
}

// tripletMargin is max(0, margin + the distance to the positive - that to the negative),
// with swap to the negative from the nearer of anchor and positive.
func tripletMargin(c *ir.ImportCall) ([]*ir.Value, error) {
	b := c.Builder
	distance := func(x, y string) (*ir.Value, error) {
		args := map[string]ir.ImportArg{"x1": c.Args[x], "x2": c.Args[y], "p": c.Args["p"], "eps": c.Args["eps"]}
		d, err := pairwiseDistance(&ir.ImportCall{Builder: b, Args: args})
		if err != nil {
			return nil, err
		}
		return d[0], nil
	}
	near, err := distance("anchor", "positive")
	if err != nil {
		return nil, err
	}
	far, err := distance("anchor", "negative")
	if err != nil {
		return nil, err
	}
	if boolArg(c, "swap", false) {
		swapped, err := distance("positive", "negative")
		if err != nil {
			return nil, err
		}
		if far, err = one(c, OpMinimum, []*ir.Value{far, swapped}); err != nil {
			return nil, err
		}
	}
	margin := Full(b, number(numberArg(c, "margin", 1)), nil, elemOf(near))
	gap, err := one(c, OpSub, []*ir.Value{Add(b, near, margin), far})
	if err != nil {
		return nil, err
	}
	return single(reduceLoss(b, positivePart(b, gap), intArg(c, "reduction", 1)))
}

// poissonNLL is exp(input) - target input, or input - target log(input + eps); full adds
// Stirling's target log(target) - target + log(2 pi target) / 2 where target is above 1.
func poissonNLL(c *ir.ImportCall) ([]*ir.Value, error) {
	x, y, err := broadcastPair(c, "input", "target")
	if err != nil {
		return nil, err
	}
	if !ir.IsFloat(elemOf(x)) {
		return nil, fmt.Errorf("got %s and %s, expected floats", x.Type(), y.Type())
	}
	b := c.Builder
	num := func(v float64) *ir.Value { return Full(b, number(v), nil, elemOf(x)) }
	loss := Sub(b, Exp(b, x), Mul(b, y, x))
	if !boolArg(c, "log_input", true) {
		loss = Sub(b, x, Mul(b, y, Log(b, Add(b, x, num(numberArg(c, "eps", 1e-8))))))
	}
	if boolArg(c, "full", false) {
		stirling := Add(b, Sub(b, Mul(b, y, Log(b, y)), y), Scale(b, Log(b, Scale(b, y, 2*gomath.Pi)), 0.5))
		loss = Add(b, loss, Where(b, Le(b, y, num(1)), num(0), stirling))
	}
	return single(reduceLoss(b, loss, intArg(c, "reduction", 1)))
}
