package aten

import (
	"fmt"
	"math"
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Extrema over dimensions.
const (
	OpAmax   ir.OpName = "aten.amax"
	OpAmin   ir.OpName = "aten.amin"
	OpMaxDim ir.OpName = "aten.max_dim"
	OpMinDim ir.OpName = "aten.min_dim"
)

var infinity = ir.Scalar{F: math.Inf(1), I: math.MaxInt64}

// Amax is the maximum over dims, all if none are given.
func Amax(b *ir.Builder, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	return reduced(b, OpAmax, x, dims, keepdim)
}

// Amin is the minimum over dims, all if none are given.
func Amin(b *ir.Builder, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	return reduced(b, OpAmin, x, dims, keepdim)
}

func startOf(most bool, t ir.Type) ir.Scalar {
	if most {
		return lowest(t)
	}
	return highest(t)
}

// sameReduction infers a reduction that keeps the element type.
var sameReduction = inferReduction(func(_ *ir.Inference, elem ir.Type) (ir.Type, error) { return elem, nil })

func extremumReductionDefs() []*ir.OpDef {
	var out []*ir.OpDef
	for _, most := range []bool{true, false} {
		value, pair, word, short := OpAmax, OpMaxDim, "maximum", "max"
		if !most {
			value, pair, word, short = OpAmin, OpMinDim, "minimum", "min"
		}
		def := dimReduction(value, word+" over dimensions",
			"aten::a"+short+"(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor")
		def.Attrs = append(slices.Clone(reductionAttrs[:2]), ir.AttrParam{Name: "shares_nan", Kind: boolAttr, Default: ir.BoolAttr(false),
			Doc: "whether the gradient of NaN is that of the elements that are NaN, rather than NaN"})
		def.Infer = func(in *ir.Inference) ([]ir.Type, error) {
			dims, err := axes(dimsOf(in.Attrs), len(in.Shape(0)))
			if err != nil {
				return nil, err
			}
			for _, d := range dims {
				if in.Shape(0)[d] == 0 {
					return nil, fmt.Errorf("dimension %d is empty and has no extremum", d)
				}
			}
			return sameReduction(in)
		}
		def.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
			x := op.Operand(0)
			return []*ir.Value{reduceNest(b, x, reducedDims(op), op.Bool("keepdim", false), startOf(most, elemOf(x)),
				func(b *ir.Builder, in, acc *ir.Value) *ir.Value { return extremum(b, most, acc, in) })}
		}
		// derivatives.yaml: scale_grad_by_count(restore_reduced_dims(grad, dim, keepdim),
		// restore_reduced_dims(result, dim, keepdim) == self, dim): ties share evenly.
		def.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			x, out := op.Operand(0), spread(b, op, op.Result(0))
			if !op.Bool("shares_nan", false) {
				hit := To(b, Eq(b, x, out), elemOf(x))
				n := Sum(b, hit, dimsOf(op.Attrs()), true)
				return []*ir.Value{Div(b, Mul(b, spread(b, op, d[0]), hit), Expand(b, n, shapeOf(x)))}
			}
			// evenly_distribute_backward: the mask is self.isnan() where the result is NaN.
			hit := b.Emit(OpLogicalOr, Eq(b, x, out), b.Emit(OpLogicalAnd, Ne(b, x, x), Ne(b, out, out)))
			n := Sum(b, To(b, hit, elemOf(x)), dimsOf(op.Attrs()), true)
			return []*ir.Value{Where(b, hit, Div(b, spread(b, op, d[0]), Expand(b, n, shapeOf(x))), Full(b, ir.Scalar{}, nil, elemOf(x)))}
		}
		out = append(out, def, extremumWithIndex(pair, most, word, short))
	}
	return out
}

// extremumReductionImports are the extrema of whole tensors, which differ from amax and
// amin in the gradient.
func extremumReductionImports() []ir.Import {
	whole := func(op ir.OpName) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if !ir.IsFloat(elemOf(x)) {
				return try(c, op, []*ir.Value{x})
			}
			return try(c, op, []*ir.Value{x}, attr("shares_nan", ir.BoolAttr(true)))
		}
	}
	return []ir.Import{
		{Schema: "aten::max(Tensor self) -> Tensor", Build: whole(OpAmax)},
		{Schema: "aten::min(Tensor self) -> Tensor", Build: whole(OpAmin)},
	}
}

// extremumWithIndex is max.dim and min.dim: values and the index of the first.
func extremumWithIndex(name ir.OpName, most bool, word, short string) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: word + " over one dimension, and its index",
		Example:  "%values:2 = " + string(name) + " %x {dim = 1 : i64} : (tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xi64>)",
		Torch:    []string{"aten::" + short + ".dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)"},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("values", anyTensor), ir.P("indices", indexTensor)),
		Attrs: []ir.AttrParam{
			{Name: "dim", Kind: intAttr, Required: true, Doc: "the dimension to reduce"},
			reductionAttrs[1],
		},
		Traits: ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			d, err := ir.Dim(in.Attrs.Int("dim", 0), len(in.Shape(0)))
			if err != nil {
				return nil, err
			}
			var dims []int
			if len(in.Shape(0)) > 0 {
				dims = []int{d}
				if in.Shape(0)[d] == 0 {
					return nil, fmt.Errorf("dimension %d is empty and has no extremum", d)
				}
			}
			shape := reducedShape(in.Shape(0), dims, in.Attrs.Bool("keepdim", false))
			return []ir.Type{ir.Tensor(shape, in.Elem(0)), ir.Tensor(shape, ir.I64)}, nil
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			return extremumNest(b, op, most)
		},
		// The gradient goes to the element at the index: value_selecting_reduction_backward.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			if d[0] == nil {
				return []*ir.Value{nil}
			}
			x := op.Operand(0)
			at := Eq(b, spread(b, op, op.Result(1)), positions(b, op))
			return []*ir.Value{Where(b, at, spread(b, op, d[0]), Full(b, ir.Scalar{}, nil, elemOf(x)))}
		},
	}
}

// extremumNest finds value and first index in one nest.
func extremumNest(b *ir.Builder, op *ir.Op, most bool) []*ir.Value {
	x := op.Operand(0)
	shape, dims := shapeOf(x), reducedDims(op)
	iters := make([]linalg.Iterator, len(shape))
	out := ir.NewMap(len(shape))
	reducedDim := map[int]bool{}
	for _, d := range dims {
		reducedDim[d] = true
	}
	for i := range iters {
		iters[i] = linalg.Parallel
		switch {
		case !reducedDim[i]:
			out.Results = append(out.Results, ir.AffineDim(i))
		default:
			iters[i] = linalg.Reduction
			if op.Bool("keepdim", false) {
				out.Results = append(out.Results, ir.AffineConst(0))
			}
		}
	}
	to := shapeOf(op.Result(0))
	value := linalg.Fill(b, arith.ConstantOf(b, startOf(most, elemOf(x)), elemOf(x)), tensor.Empty(b, to, elemOf(x)))
	index := linalg.Fill(b, arith.ConstantI(b, -1, ir.I64), tensor.Empty(b, to, ir.I64))
	return linalg.Generic(b, []*ir.Value{x}, []*ir.Value{value, index}, []*ir.AffineMap{ir.IdentityMap(len(shape)), out, out}, iters,
		func(b *ir.Builder, args []*ir.Value) []*ir.Value {
			in, so, at := args[0], args[1], args[2]
			here := arith.ConstantI(b, 0, ir.I64)
			if len(dims) > 0 {
				here = arith.Cast(b, linalg.Index(b, int64(dims[0])), ir.I64)
			}
			better := isGT
			if !most {
				better = isLT
			}
			// The first element is taken whatever it is, a NaN beats all but a NaN.
			first := arith.CmpI(b, arith.SLT, at, arith.ConstantI(b, 0, ir.I64))
			wins := arith.OrI(b, first, compare(b, better, in, so))
			wins = arith.OrI(b, wins, arith.AndI(b, isNaN(b, in), not(b, isNaN(b, so))))
			wins = arith.AndI(b, wins, arith.OrI(b, first, not(b, isNaN(b, so))))
			return []*ir.Value{arith.Select(b, wins, in, so), arith.Select(b, wins, here, at)}
		}).Results()
}

// positions is the index of each element of op's operand along the reduced dimension.
func positions(b *ir.Builder, op *ir.Op) *ir.Value {
	shape := shapeOf(op.Operand(0))
	if len(shape) == 0 {
		return Full(b, ir.Scalar{}, nil, ir.I64)
	}
	along := make([]int64, len(shape))
	for i := range along {
		along[i] = 1
	}
	d := reducedDims(op)[0]
	along[d] = shape[d]
	return indices(b, d, along)
}
