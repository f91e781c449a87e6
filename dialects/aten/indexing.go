package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Reads and writes at indices that are data. The interpreter reports an index out of
// range with op and line; compiled code gives NaN there, and adds nothing, rather
// than touch memory that is not the tensor's.
const (
	OpIndexSelect ir.OpName = "aten.index_select"
	OpIndexAdd    ir.OpName = "aten.index_add"
	OpGather      ir.OpName = "aten.gather"
	OpScatterAdd  ir.OpName = "aten.scatter_add"
)

var dimParam = ir.AttrParam{Name: "dim", Kind: intAttr, Default: ir.I64Attr(0), Doc: "the dimension that is indexed"}

// inRange runs then with the index v names, if it is one of n.
func inRange(b *ir.Builder, v *ir.Value, n int64, results []ir.Type, then func(b *ir.Builder, i *ir.Value) []*ir.Value, els func(b *ir.Builder) []*ir.Value) *ir.Op {
	i := arith.Cast(b, v, ir.Index)
	ok := arith.CmpI(b, arith.ULTI, i, size(b, n)) // a negative index is a large unsigned one
	return scf.If(b, ok, results, func(b *ir.Builder) []*ir.Value { return then(b, i) }, els)
}

// missing is what a read out of range gives.
func missing(b *ir.Builder, t ir.Type) []*ir.Value {
	return []*ir.Value{arith.ConstantOf(b, ir.Scalar{F: nan, I: lowest(t).I}, t)}
}

func indexingDefs() []*ir.OpDef {
	selectShape := func(in *ir.Inference, shape, index []int64) ([]int64, error) {
		d, err := ir.Dim(in.Attrs.Int("dim", 0), len(shape))
		if err != nil {
			return nil, err
		}
		if len(shape) == 0 || len(index) != 1 {
			return nil, fmt.Errorf("got shape %s and index of shape %s, expected at least 1 dimension and exactly 1", in.Sizes.FormatShape(shape), in.Sizes.FormatShape(index))
		}
		out := append([]int64{}, shape...)
		out[d] = index[0]
		return out, nil
	}
	sel := &ir.OpDef{
		Name: OpIndexSelect, Summary: "slices of a tensor along a dimension, by index",
		Example:  "%out = aten.index_select %x, %i {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>",
		Torch:    []string{"aten::index_select(Tensor self, int dim, Tensor index) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			shape, err := selectShape(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x := args[0]
			d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(x)))
			forShape(b, shapeOf(outs[0]), func(b *ir.Builder, at []*ir.Value) {
				v := inRange(b, memref.Load(b, args[1], at[d]), shapeOf(x)[d], []ir.Type{elemOf(x)},
					func(b *ir.Builder, i *ir.Value) []*ir.Value { return []*ir.Value{memref.Load(b, x, with(at, d, i)...)} },
					func(b *ir.Builder) []*ir.Value { return missing(b, elemOf(x)) }).Result(0)
				memref.Store(b, v, outs[0], at...)
			})
		},
		// derivatives.yaml: index_select_backward_symint: grad is added at index.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			zero := Full(b, ir.Scalar{}, shapeOf(op.Operand(0)), elemOf(d[0]))
			return []*ir.Value{b.Create(OpIndexAdd, []*ir.Value{zero, op.Operand(1), d[0]}, attr("dim", ir.I64Attr(op.Int("dim", 0)))).Result(0), nil}
		},
	}
	indexAdd := &ir.OpDef{
		Name: OpIndexAdd, Summary: "slices added to a tensor along a dimension, by index",
		Example:  "%out = aten.index_add %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor), ir.P("source", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			want, err := selectShape(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("source", in.Shape(2), want); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			copyMemory(b, args[0], outs[0])
			d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(args[0])))
			forShape(b, shapeOf(args[2]), func(b *ir.Builder, at []*ir.Value) {
				inRange(b, memref.Load(b, args[1], at[d]), shapeOf(args[0])[d], nil, func(b *ir.Builder, i *ir.Value) []*ir.Value {
					addTo(b, memref.Load(b, args[2], at...), outs[0], with(at, d, i))
					return nil
				}, nil)
			})
		},
		// derivatives.yaml: self: grad, source: grad.index_select(dim, index).
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			part := b.Create(OpIndexSelect, []*ir.Value{d[0], op.Operand(1)}, attr("dim", ir.I64Attr(op.Int("dim", 0)))).Result(0)
			return []*ir.Value{d[0], nil, part}
		},
	}
	gatherCheck := func(in *ir.Inference, shape, index []int64) error {
		if _, err := ir.Dim(in.Attrs.Int("dim", 0), len(shape)); err != nil {
			return err
		}
		if len(shape) != len(index) || len(shape) == 0 {
			return fmt.Errorf("got shape %s and index of shape %s, expected the same number of dimensions, at least 1", in.Sizes.FormatShape(shape), in.Sizes.FormatShape(index))
		}
		d, _ := ir.Dim(in.Attrs.Int("dim", 0), len(shape))
		for i := range shape {
			if i != d && shape[i] >= 0 && index[i] > shape[i] {
				return fmt.Errorf("index has size %d in dimension %d, the tensor %d", index[i], i, shape[i])
			}
		}
		return nil
	}
	gather := &ir.OpDef{
		Name: OpGather, Summary: "elements of a tensor, each by an index along a dimension",
		Example:  "%out = aten.gather %x, %i {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>) -> tensor<4x3xf32>",
		Torch:    []string{"aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := gatherCheck(in, in.Shape(0), in.Shape(1)); err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(in.Shape(1), in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x := args[0]
			d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(x)))
			forShape(b, shapeOf(outs[0]), func(b *ir.Builder, at []*ir.Value) {
				v := inRange(b, memref.Load(b, args[1], at...), shapeOf(x)[d], []ir.Type{elemOf(x)},
					func(b *ir.Builder, i *ir.Value) []*ir.Value { return []*ir.Value{memref.Load(b, x, with(at, d, i)...)} },
					func(b *ir.Builder) []*ir.Value { return missing(b, elemOf(x)) }).Result(0)
				memref.Store(b, v, outs[0], at...)
			})
		},
		// derivatives.yaml: gather_backward: zeros.scatter_add(dim, index, grad).
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			zero := Full(b, ir.Scalar{}, shapeOf(op.Operand(0)), elemOf(d[0]))
			return []*ir.Value{b.Create(OpScatterAdd, []*ir.Value{zero, op.Operand(1), d[0]}, attr("dim", ir.I64Attr(op.Int("dim", 0)))).Result(0), nil}
		},
	}
	scatterAdd := &ir.OpDef{
		Name: OpScatterAdd, Summary: "elements added to a tensor, each at an index along a dimension",
		Example:  "%out = aten.scatter_add %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor), ir.P("src", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := gatherCheck(in, in.Shape(0), in.Shape(1)); err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("src", in.Shape(2), in.Shape(1)); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			copyMemory(b, args[0], outs[0])
			d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(args[0])))
			forShape(b, shapeOf(args[1]), func(b *ir.Builder, at []*ir.Value) {
				inRange(b, memref.Load(b, args[1], at...), shapeOf(args[0])[d], nil, func(b *ir.Builder, i *ir.Value) []*ir.Value {
					addTo(b, memref.Load(b, args[2], at...), outs[0], with(at, d, i))
					return nil
				}, nil)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			part := b.Create(OpGather, []*ir.Value{d[0], op.Operand(1)}, attr("dim", ir.I64Attr(op.Int("dim", 0)))).Result(0)
			return []*ir.Value{d[0], nil, part}
		},
	}
	return []*ir.OpDef{sel, indexAdd, gather, scatterAdd}
}

// indexingImports reads embedding as a selection of rows.
func indexingImports() []ir.Import {
	return []ir.Import{{
		Schema: "aten::embedding(Tensor weight, Tensor indices, SymInt padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
		Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			weight, err1 := tensorArg(c, "weight")
			indices, err2 := tensorArg(c, "indices")
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("arguments \"weight\" and \"indices\" must be tensors")
			}
			if intArg(c, "padding_idx", -1) >= 0 || boolArg(c, "scale_grad_by_freq", false) || boolArg(c, "sparse", false) {
				return nil, refused("padding_idx, scale_grad_by_freq and sparse are not supported")
			}
			if len(shapeOf(weight)) != 2 {
				return nil, fmt.Errorf("weight has shape %v, expected 2 dimensions", shapeOf(weight))
			}
			flat, err := one(c, OpReshape, []*ir.Value{indices}, attr("shape", ir.I64Array(-1)))
			if err != nil {
				return nil, err
			}
			rows, err := one(c, OpIndexSelect, []*ir.Value{weight, flat}, attr("dim", ir.I64Attr(0)))
			if err != nil {
				return nil, err
			}
			to := append(append([]int64{}, shapeOf(indices)...), shapeOf(weight)[1])
			return try(c, OpReshape, []*ir.Value{rows}, attr("shape", ir.I64Array(wild(to)...)))
		},
	}}
}
