package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Sums over dimensions.
const (
	OpSum       ir.OpName = "aten.sum"
	OpMean      ir.OpName = "aten.mean"
	OpLogSumExp ir.OpName = "aten.logsumexp"
)

// Sum adds up over dims, all if none are given; keepdim leaves them with size 1.
func Sum(b *ir.Builder, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	return reduced(b, OpSum, x, dims, keepdim)
}

// Mean is the mean over dims, all if none are given.
func Mean(b *ir.Builder, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	return reduced(b, OpMean, x, dims, keepdim)
}

func reduced(b *ir.Builder, name ir.OpName, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	var attrs []ir.NamedAttr
	if len(dims) > 0 {
		attrs = append(attrs, attr("dim", ir.I64Array(dims...)))
	}
	if keepdim {
		attrs = append(attrs, attr("keepdim", ir.BoolAttr(true)))
	}
	return b.Create(name, []*ir.Value{x}, attrs...).Result(0)
}

// SumTo sums x to a shape that broadcasts to its own.
func SumTo(b *ir.Builder, x *ir.Value, shape []int64) *ir.Value {
	from := shapeOf(x)
	var dims []int64
	for i, n := range from {
		j := i - (len(from) - len(shape))
		if j < 0 || shape[j] == 1 && n != 1 {
			dims = append(dims, int64(i))
		}
	}
	if len(dims) == 0 {
		return x
	}
	return Reshape(b, Sum(b, x, dims, false), shape)
}

var reductionAttrs = []ir.AttrParam{
	{Name: "dim", Kind: dimsAttr, Doc: "dimensions to reduce; all if absent or empty"},
	{Name: "keepdim", Kind: boolAttr, Default: ir.BoolAttr(false), Doc: "leave the reduced dimensions with size 1"},
	{Name: "dtype", Kind: elemAttr, Doc: "element type to compute in"},
}

// reduceNest gathers x over dims with a body that takes the element and what has
// been gathered so far.
func reduceNest(b *ir.Builder, x *ir.Value, dims []int, keepdim bool, start ir.Scalar,
	body func(b *ir.Builder, in, acc *ir.Value) *ir.Value) *ir.Value {
	shape, elem := shapeOf(x), elemOf(x)
	iters := make([]linalg.Iterator, len(shape))
	for i := range iters {
		iters[i] = linalg.Parallel
	}
	for _, d := range dims {
		iters[d] = linalg.Reduction
	}
	out := ir.NewMap(len(shape))
	for i, it := range iters {
		switch {
		case it == linalg.Parallel:
			out.Results = append(out.Results, ir.AffineDim(i))
		case keepdim:
			out.Results = append(out.Results, ir.AffineConst(0))
		}
	}
	init := linalg.Fill(b, arith.ConstantOf(b, start, elem), tensor.Empty(b, reducedShape(shape, dims, keepdim), elem))
	return linalg.Generic(b, []*ir.Value{x}, []*ir.Value{init}, []*ir.AffineMap{ir.IdentityMap(len(shape)), out}, iters,
		func(b *ir.Builder, args []*ir.Value) []*ir.Value {
			return []*ir.Value{body(b, args[0], args[1])}
		}).Result(0)
}

// reducedDims is the dimensions that a reduction op runs over.
func reducedDims(op *ir.Op) []int {
	dims, _ := axes(dimsOf(op.Attrs()), len(shapeOf(op.Operand(0)))) // inference has checked them
	return dims
}

// count is the number of elements that are reduced to one.
func count(op *ir.Op) float64 {
	n := 1.0
	for _, d := range reducedDims(op) {
		n *= float64(shapeOf(op.Operand(0))[d])
	}
	return n
}

// spread brings the adjoint or result of a reduction back to its operand's shape.
func spread(b *ir.Builder, op *ir.Op, v *ir.Value) *ir.Value {
	shape := shapeOf(op.Operand(0))
	return Expand(b, Reshape(b, v, reducedShape(shape, reducedDims(op), true)), shape)
}

// dimReduction is the definition that reductions of one float or integer share.
func dimReduction(name ir.OpName, summary string, torch ...string) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary, Torch: torch,
		Example:  "%out = " + string(name) + " %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>",
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    reductionAttrs,
		Traits:   ir.Pure,
		Infer:    inferReduction(floatOnly),
	}
}

func reductionDefs() []*ir.OpDef {
	sum := dimReduction(OpSum, "sum over dimensions",
		"aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor",
		"aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor")
	sum.Infer = inferReduction(sumElem)
	sum.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x := To(b, op.Operand(0), elemOf(op.Result(0)))
		return []*ir.Value{reduceNest(b, x, reducedDims(op), op.Bool("keepdim", false), ir.Scalar{},
			func(b *ir.Builder, in, acc *ir.Value) *ir.Value { return add(b, acc, in) })}
	}
	sum.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{To(b, spread(b, op, d[0]), elemOf(op.Operand(0)))}
	}

	mean := dimReduction(OpMean, "mean over dimensions",
		"aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor",
		"aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor")
	mean.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x := To(b, op.Operand(0), elemOf(op.Result(0)))
		total := reduced(b, OpSum, x, dimsOf(op.Attrs()), op.Bool("keepdim", false))
		return []*ir.Value{Div(b, total, Full(b, number(count(op)), nil, elemOf(total)))}
	}
	mean.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{To(b, Scale(b, spread(b, op, d[0]), 1/count(op)), elemOf(op.Operand(0)))}
	}

	lse := dimReduction(OpLogSumExp, "logarithm of the sum of exponentials over dimensions",
		"aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor")
	lse.Description = "The maximum is taken out first, so that nothing overflows; where it is infinite, 0 is, as ATen does."
	lse.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), dimsOf(op.Attrs())
		top := greatest(b, x, dims)
		top = Where(b, Eq(b, Abs(b, top), Full(b, infinity, nil, elemOf(x))), Full(b, ir.Scalar{}, nil, elemOf(x)), top)
		total := Log(b, Sum(b, Exp(b, Sub(b, x, top)), dims, true))
		return []*ir.Value{Reshape(b, Add(b, total, top), shapeOf(op.Result(0)))}
	}
	// derivatives.yaml: logsumexp_backward, grad * exp(self - result).
	lse.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{Mul(b, spread(b, op, d[0]), Exp(b, Sub(b, op.Operand(0), spread(b, op, op.Result(0)))))}
	}
	return []*ir.OpDef{sum, mean, lse}
}

// greatest is the greatest element over dims, which stay with size 1; 0 where there is
// none.
func greatest(b *ir.Builder, x *ir.Value, dims []int64) *ir.Value {
	shape := shapeOf(x)
	over, _ := axes(dims, len(shape)) // inference has checked them
	for _, d := range over {
		if shape[d] == 0 {
			return Full(b, ir.Scalar{}, reducedShape(shape, over, true), elemOf(x))
		}
	}
	return Amax(b, x, dims, true)
}
