package aten

import (
	"fmt"
	gomath "math"

	"github.com/cladopt/cladopt/ir"
)

// Functions of elements and distances of vectors, spelled by other ops.

func distanceImports() []ir.Import {
	return []ir.Import{
		{Schema: "aten::logit(Tensor self, float? eps=None) -> Tensor", Build: logit},
		{Schema: "aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor", Build: nanToNum},
		{Schema: "aten::cross(Tensor self, Tensor other, int? dim=None) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if !c.Args["dim"].IsNone() {
				return cross(c, intArg(c, "dim", -1))
			}
			for d, n := range shapeOf(x) {
				if n == 3 {
					return cross(c, int64(d))
				}
			}
			return nil, fmt.Errorf("no dimension of %s has size 3", x.Type())
		}},
		{Schema: "aten::linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			return cross(c, intArg(c, "dim", -1))
		}},
		{Schema: "aten::cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor", Build: cosineSimilarity},
		{Schema: "aten::pairwise_distance(Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False) -> Tensor", Build: pairwiseDistance},
	}
}

// broadcastPair expands two tensors to one shape, and promotes them.
func broadcastPair(c *ir.ImportCall, first, second string) (x, y *ir.Value, err error) {
	if _, err = tensorArg(c, first); err != nil {
		return nil, nil, err
	}
	if _, err = tensorArg(c, second); err != nil {
		return nil, nil, err
	}
	if x, y, err = promotedPair(c, first, second); err != nil {
		return nil, nil, err
	}
	to, err := (&ir.Inference{}).Broadcast(shapeOf(x), shapeOf(y))
	if err != nil {
		return nil, nil, err
	}
	shape := attr("shape", ir.I64Array(to...))
	if x, err = one(c, OpExpand, []*ir.Value{x}, shape); err != nil {
		return nil, nil, err
	}
	y, err = one(c, OpExpand, []*ir.Value{y}, shape)
	return x, y, err
}

// logit is log(x) - log(1 - x), whose derivative is infinite at 0 and 1 as ATen's is;
// outside of them both are NaN. With eps x is first brought between eps and 1 - eps,
// and the gradient passes at these bounds.
func logit(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	if !ir.IsFloat(elemOf(x)) {
		x = To(c.Builder, x, ir.F32)
	}
	b := c.Builder
	num := func(v float64) *ir.Value { return Full(b, number(v), nil, elemOf(x)) }
	if eps := numberArg(c, "eps", -1); eps >= 0 {
		high := 1 - eps
		if elemOf(x) == ir.Type(ir.F32) { // ATen subtracts in the type of x
			high = float64(1 - float32(eps))
		}
		x = Where(b, Lt(b, x, num(eps)), num(eps), Where(b, Gt(b, x, num(high)), num(high), x))
	} else {
		void := num(gomath.NaN()) // as a factor, so that the gradient is NaN too
		x = Mul(b, x, Where(b, Lt(b, x, num(0)), void, Where(b, Gt(b, x, num(1)), void, num(1))))
	}
	return []*ir.Value{Sub(b, Log(b, x), Log1p(b, Neg(b, x)))}, nil
}

// nanToNum puts numbers in the place of NaN and of the infinities: by default 0 and
// the greatest of the type.
func nanToNum(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	if !ir.IsFloat(elemOf(x)) {
		return []*ir.Value{x}, nil
	}
	b, most := c.Builder, gomath.MaxFloat64
	if elemOf(x) == ir.Type(ir.F32) {
		most = gomath.MaxFloat32
	}
	num := func(v float64) *ir.Value { return Full(b, number(v), nil, elemOf(x)) }
	out := Where(b, Ne(b, x, x), num(numberArg(c, "nan", 0)), x)
	out = Where(b, Eq(b, x, num(gomath.Inf(1))), num(numberArg(c, "posinf", most)), out)
	return []*ir.Value{Where(b, Eq(b, x, num(gomath.Inf(-1))), num(numberArg(c, "neginf", -most)), out)}, nil
}

// cross is x[i+1] y[i+2] - x[i+2] y[i+1], with indices modulo 3.
func cross(c *ir.ImportCall, dim int64) ([]*ir.Value, error) {
	a, err1 := tensorArg(c, "self")
	other, err2 := tensorArg(c, "other")
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("arguments \"self\" and \"other\" must be tensors")
	}
	d, err := ir.Dim(dim, len(shapeOf(a)))
	if err != nil {
		return nil, err
	}
	if len(shapeOf(a)) == 0 || len(shapeOf(a)) != len(shapeOf(other)) || shapeOf(a)[d] != 3 || shapeOf(other)[d] != 3 {
		return nil, fmt.Errorf("got %s and %s, expected as many dimensions of both and size 3 in dimension %d", a.Type(), other.Type(), d)
	}
	x, y, err := broadcastPair(c, "self", "other")
	if err != nil {
		return nil, err
	}
	var rolled [4]*ir.Value
	for i, v := range []*ir.Value{x, y, x, y} {
		if rolled[i], err = rollDim(c, v, []int64{-1, -2, -2, -1}[i], int64(d)); err != nil {
			return nil, err
		}
	}
	return []*ir.Value{Sub(c.Builder, Mul(c.Builder, rolled[0], rolled[1]), Mul(c.Builder, rolled[2], rolled[3]))}, nil
}

// cosineSimilarity divides by norms of at least eps. ATen brings them there without
// autograd: the gradient is that of the norm, also where eps stands in its place.
func cosineSimilarity(c *ir.ImportCall) ([]*ir.Value, error) {
	x, y, err := broadcastPair(c, "x1", "x2")
	if err != nil {
		return nil, err
	}
	d, err := ir.Dim(intArg(c, "dim", 1), len(shapeOf(x)))
	if err != nil || len(shapeOf(x)) == 0 || !ir.IsFloat(elemOf(x)) {
		return nil, fmt.Errorf("dimension %d of %s and %s has no cosine", intArg(c, "dim", 1), x.Type(), y.Type())
	}
	b, dims := c.Builder, []int64{int64(d)}
	eps := Full(b, number(numberArg(c, "eps", 1e-8)), nil, elemOf(x))
	unit := func(v *ir.Value) *ir.Value {
		norm := VectorNorm(b, v, 2, dims, true)
		lift := Detach(b, Where(b, Lt(b, norm, eps), Sub(b, eps, norm), Full(b, ir.Scalar{}, nil, elemOf(x))))
		return Div(b, v, Add(b, norm, lift))
	}
	return []*ir.Value{Sum(b, Mul(b, unit(x), unit(y)), dims, false)}, nil
}

// pairwiseDistance is the p-norm of x1 - x2 + eps over the last dimension.
func pairwiseDistance(c *ir.ImportCall) ([]*ir.Value, error) {
	x, y, err := broadcastPair(c, "x1", "x2")
	if err != nil {
		return nil, err
	}
	if len(shapeOf(x)) == 0 || !ir.IsFloat(elemOf(x)) {
		return nil, fmt.Errorf("got %s and %s, expected vectors of floats", x.Type(), y.Type())
	}
	b := c.Builder
	gap := Add(b, Sub(b, x, y), Full(b, number(numberArg(c, "eps", 1e-6)), nil, elemOf(x)))
	return []*ir.Value{VectorNorm(b, gap, numberArg(c, "p", 2), []int64{int64(len(shapeOf(x)) - 1)}, boolArg(c, "keepdim", false))}, nil
}
