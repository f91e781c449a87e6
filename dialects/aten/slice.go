package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Slices and what undoes them.
const (
	OpSlice         ir.OpName = "aten.slice"
	OpSliceScatter  ir.OpName = "aten.slice_scatter"
	OpSliceBackward ir.OpName = "aten.slice_backward"
)

// Slice takes elements start, start+step, .. below end along dim.
func Slice(b *ir.Builder, x *ir.Value, dim, start, end, step int64) *ir.Value {
	return b.Create(OpSlice, []*ir.Value{x}, sliceAttrList(dim, start, end, step)...).Result(0)
}

func sliceAttrList(dim, start, end, step int64) []ir.NamedAttr {
	return []ir.NamedAttr{attr("dim", ir.I64Attr(dim)), attr("end", ir.I64Attr(end)), attr("start", ir.I64Attr(start)), attr("step", ir.I64Attr(step))}
}

var sliceAttrs = []ir.AttrParam{
	{Name: "dim", Kind: intAttr, Default: ir.I64Attr(0), Doc: "the dimension"},
	{Name: "start", Kind: intAttr, Doc: "the first index, counted from the end if negative; 0 if absent"},
	{Name: "end", Kind: intAttr, Doc: "the index to stop before, clamped to the size; the size if absent"},
	{Name: "step", Kind: intAttr, Default: ir.I64Attr(1), Doc: "the distance between indices, 1 or more"},
}

// bounds is where a slice of a dimension of size n starts, how many elements it
// takes, and its step: ATen's clamping.
func bounds(attrs ir.AttrList, n int64) (start, count, step int64, err error) {
	clamp := func(i int64) int64 {
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	step = attrs.Int("step", 1)
	if step < 1 {
		return 0, 0, 0, fmt.Errorf("step is %d, expected 1 or more", step)
	}
	start = clamp(attrs.Int("start", 0))
	end := n
	if attrs.Get("end") != nil {
		end = clamp(attrs.Int("end", n))
	}
	return start, max(0, (end-start+step-1)/step), step, nil
}

// slicedShape is the shape of a slice of shape.
func slicedShape(in *ir.Inference, shape []int64) ([]int64, error) {
	d, err := ir.Dim(in.Attrs.Int("dim", 0), len(shape))
	if err != nil {
		return nil, err
	}
	if len(shape) == 0 {
		return nil, fmt.Errorf("a tensor of rank 0 cannot be sliced")
	}
	out := append([]int64{}, shape...)
	n := shape[d]
	whole := in.Attrs.Int("start", 0) == 0 && in.Attrs.Int("step", 1) == 1 &&
		(in.Attrs.Get("end") == nil || in.Attrs.Int("end", 0) == 1<<63-1)
	switch {
	case n >= 0:
		_, out[d], _, err = bounds(in.Attrs, n)
	case whole:
	case in.Sizes.IsSymbolic(n):
		// The indices were constants of the run that was observed.
		start, end := in.Attrs.Int("start", 0), in.Attrs.Int("end", -1)
		if start < 0 || end < start || in.Attrs.Get("end") == nil {
			return nil, fmt.Errorf("a slice from %d to %d of a symbolic size depends on that size", start, end)
		}
		out[d] = (end - start + in.Attrs.Int("step", 1) - 1) / in.Attrs.Int("step", 1)
	default:
		out[d] = ir.Dynamic
	}
	return out, err
}

func sliceDefs() []*ir.OpDef {
	slice := &ir.OpDef{
		Name: OpSlice, Summary: "elements of a tensor at even distances along one dimension",
		Example:  "%out = aten.slice %x {dim = 1 : i64, end = 7 : i64, start = 1 : i64, step = 2 : i64} : (tensor<4x8xf32>) -> tensor<4x3xf32>",
		Torch:    []string{"aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a)"},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    sliceAttrs,
		Traits:   ir.Pure | ir.View,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			shape, err := slicedShape(in, in.Shape(0))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			overSlice(b, op, shapeOf(args[0]), shapeOf(outs[0]), func(b *ir.Builder, at, place []*ir.Value) {
				memref.Store(b, memref.Load(b, args[0], place...), outs[0], at...)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			attrs := append([]ir.NamedAttr{attr("shape", ir.I64Array(shapeOf(op.Operand(0))...))}, op.Attrs()...)
			return []*ir.Value{b.Create(OpSliceBackward, []*ir.Value{d[0]}, attrs...).Result(0)}
		},
	}
	scatter := &ir.OpDef{
		Name: OpSliceScatter, Summary: "a tensor with a slice of it replaced",
		Example:  "%out = aten.slice_scatter %x, %y {dim = 1 : i64, end = 3 : i64, start = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::slice_scatter(Tensor self, Tensor src, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("src", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    sliceAttrs,
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := sameElem(in, 0); err != nil {
				return nil, err
			}
			want, err := slicedShape(in, in.Shape(0))
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("src", in.Shape(1), want); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			copyMemory(b, args[0], outs[0])
			overSlice(b, op, shapeOf(args[0]), shapeOf(args[1]), func(b *ir.Builder, at, place []*ir.Value) {
				memref.Store(b, memref.Load(b, args[1], at...), outs[0], place...)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			zero := Full(b, ir.Scalar{}, shapeOf(op.Operand(1)), elemOf(d[0]))
			kept := b.Create(OpSliceScatter, []*ir.Value{d[0], zero}, op.Attrs()...).Result(0)
			return []*ir.Value{kept, b.Create(OpSlice, []*ir.Value{d[0]}, op.Attrs()...).Result(0)}
		},
	}
	backward := &ir.OpDef{
		Name: OpSliceBackward, Summary: "zeros of a shape with a slice of them replaced: the adjoint of slice",
		Example:  "%out = aten.slice_backward %d {dim = 1 : i64, end = 3 : i64, shape = array<i64: 4, 8>, start = 1 : i64} : (tensor<4x2xf32>) -> tensor<4x8xf32>",
		Operands: ir.Params(ir.P("grad_output", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    append([]ir.AttrParam{{Name: "shape", Kind: intsAttr, Required: true, Doc: "shape of the result"}}, sliceAttrs...),
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			shape := in.Attrs.Ints("shape")
			want, err := slicedShape(in, shape)
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("grad_output", in.Shape(0), want); err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			zeroMemory(b, outs[0])
			overSlice(b, op, shapeOf(outs[0]), shapeOf(args[0]), func(b *ir.Builder, at, place []*ir.Value) {
				memref.Store(b, memref.Load(b, args[0], at...), outs[0], place...)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			var attrs []ir.NamedAttr
			for _, a := range op.Attrs() {
				if a.Name != "shape" {
					attrs = append(attrs, a)
				}
			}
			return []*ir.Value{b.Create(OpSlice, []*ir.Value{d[0]}, attrs...).Result(0)}
		},
	}
	return []*ir.OpDef{slice, scatter, backward}
}

// overSlice runs body for each place of a slice, with the place in the whole.
func overSlice(b *ir.Builder, op *ir.Op, whole, part []int64, body func(b *ir.Builder, at, place []*ir.Value)) {
	d, _ := ir.Dim(op.Int("dim", 0), len(whole))
	start, _, step, _ := bounds(op.Attrs(), whole[d])
	forShape(b, part, func(b *ir.Builder, at []*ir.Value) {
		i := arith.AddI(b, arith.MulI(b, at[d], size(b, step)), size(b, start))
		body(b, at, with(at, d, i))
	})
}
