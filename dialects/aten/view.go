package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// The renamings of elements, all pure functions of values here.
const (
	OpPermute ir.OpName = "aten.permute"
	OpReshape ir.OpName = "aten.reshape"
	OpExpand  ir.OpName = "aten.expand"
)

// Permute reorders dimensions: dimension i of the result is dimension dims[i] of x.
func Permute(b *ir.Builder, x *ir.Value, dims []int64) *ir.Value {
	return b.Create(OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(dims...))).Result(0)
}

// Reshape has the same elements in row-major order in another shape.
func Reshape(b *ir.Builder, x *ir.Value, shape []int64) *ir.Value {
	return b.Create(OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(shape...))).Result(0)
}

// Expand repeats x along dimensions of size 1, and along new ones at the front.
func Expand(b *ir.Builder, x *ir.Value, shape []int64) *ir.Value {
	return b.Create(OpExpand, []*ir.Value{x}, attr("shape", ir.I64Array(shape...))).Result(0)
}

// rename is a nest that reads x through a map for each place of a shape.
func rename(b *ir.Builder, x *ir.Value, m *ir.AffineMap, shape []int64) *ir.Value {
	iters := make([]linalg.Iterator, len(shape))
	for i := range iters {
		iters[i] = linalg.Parallel
	}
	init := tensor.Empty(b, shape, elemOf(x))
	return linalg.Generic(b, []*ir.Value{x}, []*ir.Value{init}, []*ir.AffineMap{m, ir.IdentityMap(len(shape))}, iters,
		func(_ *ir.Builder, args []*ir.Value) []*ir.Value { return args[:1] }).Result(0)
}

func viewDefs() []*ir.OpDef {
	view := func(name ir.OpName, summary, attrName, example string) *ir.OpDef {
		return &ir.OpDef{
			Name: name, Summary: summary, Example: example,
			Operands: ir.Params(ir.P("self", anyTensor)),
			Results:  ir.Params(ir.P("out", anyTensor)),
			Attrs:    []ir.AttrParam{{Name: attrName, Kind: intsAttr, Required: true}},
			Traits:   ir.Pure | ir.View,
		}
	}
	permute := view(OpPermute, "reorders the dimensions of a tensor", "dims",
		"%out = aten.permute %x {dims = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>")
	permute.Torch = []string{"aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)"}
	permute.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		dims, err := permutation(in.Attrs.Ints("dims"), len(in.Shape(0)))
		if err != nil {
			return nil, err
		}
		shape := make([]int64, len(dims))
		for i, d := range dims {
			shape[i] = in.Shape(0)[d]
		}
		return ir.Single(ir.Tensor(shape, in.Elem(0)))
	}
	permute.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		dims, _ := permutation(op.Ints("dims"), len(shapeOf(op.Operand(0))))
		m := ir.NewMap(len(dims))
		m.Results = make([]ir.AffineExpr, len(dims))
		for i, d := range dims {
			m.Results[d] = ir.AffineDim(i)
		}
		return []*ir.Value{rename(b, op.Operand(0), m, shapeOf(op.Result(0)))}
	}
	permute.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		dims, _ := permutation(op.Ints("dims"), len(shapeOf(op.Operand(0))))
		inverse := make([]int64, len(dims))
		for i, k := range dims {
			inverse[k] = int64(i)
		}
		return []*ir.Value{Permute(b, d[0], inverse)}
	}

	reshape := view(OpReshape, "the elements of a tensor in row-major order in another shape", "shape",
		"%out = aten.reshape %x {shape = array<i64: 2, -1>} : (tensor<4x8xf32>) -> tensor<2x16xf32>")
	reshape.Torch = []string{"aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)"}
	reshape.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		shape, err := reshaped(in, in.Shape(0), in.Attrs.Ints("shape"))
		if err != nil {
			return nil, err
		}
		return ir.Single(ir.Tensor(shape, in.Elem(0)))
	}
	reshape.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{Reshape(b, d[0], shapeOf(op.Operand(0)))}
	}

	expand := view(OpExpand, "repeats a tensor along dimensions of size 1", "shape",
		"%out = aten.expand %x {shape = array<i64: 4, 8>} : (tensor<1x8xf32>) -> tensor<4x8xf32>")
	expand.Torch = []string{"aten::broadcast_to(Tensor(a) self, SymInt[] shape) -> Tensor(a)"}
	expand.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		shape, err := expanded(in, in.Shape(0), in.Attrs.Ints("shape"))
		if err != nil {
			return nil, err
		}
		return ir.Single(ir.Tensor(shape, in.Elem(0)))
	}
	expand.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		to := shapeOf(op.Result(0))
		return []*ir.Value{rename(b, op.Operand(0), linalg.BroadcastMap(shapeOf(op.Operand(0)), to), to)}
	}
	expand.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{SumTo(b, d[0], shapeOf(op.Operand(0)))}
	}
	return []*ir.OpDef{permute, reshape, expand}
}

// permutation normalises dims and checks that each occurs once.
func permutation(dims []int64, rank int) ([]int, error) {
	if len(dims) != rank {
		return nil, fmt.Errorf("got %d dimensions, expected %d", len(dims), rank)
	}
	seen := make([]bool, rank)
	out := make([]int, rank)
	for i, d := range dims {
		k, err := ir.Dim(d, rank)
		if err != nil {
			return nil, err
		}
		if seen[k] {
			return nil, fmt.Errorf("dimension %d occurs twice", k)
		}
		seen[k], out[i] = true, k
	}
	return out, nil
}

// reshaped is the shape that from takes as to, in which one size may be -1.
func reshaped(in *ir.Inference, from, to []int64) ([]int64, error) {
	out := append([]int64{}, to...)
	free, known := -1, int64(1)
	for i, n := range to {
		switch {
		case n == -1 && free < 0:
			free = i
		case n < 0:
			return nil, fmt.Errorf("shape %v: got %d, expected sizes of 0 or more and at most one -1", to, n)
		default:
			known = in.Sizes.Mul(known, n)
		}
	}
	total := in.Sizes.Product(from)
	if free < 0 {
		if !in.Sizes.Equal(total, known) {
			return nil, fmt.Errorf("shape %v has %s elements, the tensor %s with shape %s", to,
				in.Sizes.Format(known), in.Sizes.Format(total), in.Sizes.FormatShape(from))
		}
		return out, nil
	}
	n, ok := in.Sizes.DivideExactly(total, known)
	if !ok {
		return nil, fmt.Errorf("shape %v does not fit the %s elements of shape %s", to, in.Sizes.Format(total), in.Sizes.FormatShape(from))
	}
	out[free] = n
	return out, nil
}

// expanded is the shape that from takes as to, in which -1 keeps a size.
func expanded(in *ir.Inference, from, to []int64) ([]int64, error) {
	lead := len(to) - len(from)
	if lead < 0 {
		return nil, fmt.Errorf("shape %v has fewer dimensions than %s", to, in.Sizes.FormatShape(from))
	}
	out := append([]int64{}, to...)
	for i, n := range from {
		switch want := to[lead+i]; {
		case want == -1:
			out[lead+i] = n
		case n == 1:
		case !in.Sizes.Equal(n, want):
			return nil, fmt.Errorf("dimension %d has size %s and cannot be expanded to %d", i, in.Sizes.Format(n), want)
		}
	}
	for i := 0; i < lead; i++ {
		if to[i] < 0 {
			return nil, fmt.Errorf("shape %v: a new dimension has size %d", to, to[i])
		}
	}
	return out, nil
}
