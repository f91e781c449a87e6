package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Slices of a tensor along a dimension, named by a vector of indices.
const (
	OpIndexSelect ir.OpName = "aten.index_select"
	OpIndexAdd    ir.OpName = "aten.index_add"
	OpIndexCopy   ir.OpName = "aten.index_copy"
)

// IndexSelect is the slices of x along dim that index names.
func IndexSelect(b *ir.Builder, x *ir.Value, dim int64, index *ir.Value) *ir.Value {
	return b.Create(OpIndexSelect, []*ir.Value{x, index}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// IndexAdd is x with the slices of source added along dim where index says.
func IndexAdd(b *ir.Builder, x *ir.Value, dim int64, index, source *ir.Value) *ir.Value {
	return b.Create(OpIndexAdd, []*ir.Value{x, index, source}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// IndexCopy is x with the slices of source in the place of those that index names.
func IndexCopy(b *ir.Builder, x *ir.Value, dim int64, index, source *ir.Value) *ir.Value {
	return b.Create(OpIndexCopy, []*ir.Value{x, index, source}, attr("dim", ir.I64Attr(dim))).Result(0)
}

var dimParam = ir.AttrParam{Name: "dim", Kind: intAttr, Default: ir.I64Attr(0), Doc: "the dimension that is indexed"}

// indexedDim is the attribute "dim" of an op on memory or tensors x.
func indexedDim(op *ir.Op, x *ir.Value) int {
	d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(x))) // inference has checked it
	return d
}

// zerosLike is zeros in the shape of x.
func zerosLike(b *ir.Builder, x *ir.Value) *ir.Value {
	return Full(b, ir.Scalar{}, shapeOf(x), elemOf(x))
}

// selectedShape is the shape of what index takes out of a tensor of shape along the
// attribute "dim".
func selectedShape(in *ir.Inference, shape, index []int64) ([]int64, error) {
	d, err := ir.Dim(in.Attrs.Int("dim", 0), len(shape))
	if err != nil {
		return nil, err
	}
	if len(shape) == 0 || len(index) != 1 {
		return nil, fmt.Errorf("got shape %s and index of shape %s, expected at least 1 dimension and exactly 1",
			in.Sizes.FormatShape(shape), in.Sizes.FormatShape(index))
	}
	out := append([]int64{}, shape...)
	out[d] = index[0]
	return out, nil
}

func indexingDefs() []*ir.OpDef {
	sel := &ir.OpDef{
		Name: OpIndexSelect, Summary: "slices of a tensor along a dimension, by index",
		Example:  "%out = aten.index_select %x, %i {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>",
		Torch:    []string{"aten::index_select(Tensor self, int dim, Tensor index) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 7),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			shape, err := selectedShape(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x, index := args[0], args[1]
			d := indexedDim(op, x)
			checkIndices(b, op, index, x, d)
			shape := shapeOf(outs[0])
			forShape(b, shape[:d+1], func(b *ir.Builder, head []*ir.Value) {
				i := loadIndex(b, index, head[d])
				forShape(b, shape[d+1:], func(b *ir.Builder, tail []*ir.Value) {
					v := memref.Load(b, x, join(head[:d], i, tail)...)
					memref.Store(b, v, outs[0], join(head[:d], head[d], tail)...)
				})
			})
		},
		// derivatives.yaml: index_select_backward: zeros.index_add(dim, index, grad).
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			return []*ir.Value{IndexAdd(b, zerosLike(b, op.Operand(0)), op.Int("dim", 0), op.Operand(1), d[0]), nil}
		},
	}
	indexAdd := indexWriteDef(OpIndexAdd, "slices added to a tensor along a dimension, by index",
		func(b *ir.Builder, v, m *ir.Value, at []*ir.Value) { addTo(b, v, m, at) })
	// derivatives.yaml: self: grad, source: grad.index_select(dim, index).
	indexAdd.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{d[0], nil, IndexSelect(b, d[0], op.Int("dim", 0), op.Operand(1))}
	}
	indexCopy := indexWriteDef(OpIndexCopy, "slices of a tensor along a dimension replaced, by index",
		func(b *ir.Builder, v, m *ir.Value, at []*ir.Value) { memref.Store(b, v, m, at...) })
	indexCopy.Description = "Where an index occurs twice the later slice stands; the gradient is defined for distinct ones, as in ATen."
	indexCopy.Torch = []string{"aten::index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor"}
	// One slice, since the gradient of a slice that is written over is not defined.
	indexCopy.Example = "%out = aten.index_copy %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>"
	// derivatives.yaml: self: grad.index_fill(dim, index, 0), source: index_select.
	indexCopy.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		dim, index, source := op.Int("dim", 0), op.Operand(1), op.Operand(2)
		return []*ir.Value{IndexCopy(b, d[0], dim, index, zerosLike(b, source)), nil, IndexSelect(b, d[0], dim, index)}
	}
	return []*ir.OpDef{sel, indexAdd, indexCopy}
}

// indexWriteDef defines a copy of self to whose slices write brings those of source.
func indexWriteDef(name ir.OpName, summary string, write func(b *ir.Builder, v, m *ir.Value, at []*ir.Value)) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>",
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor), ir.P("source", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 7),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if self, source := in.Elem(0), in.Elem(2); self != source {
				return nil, fmt.Errorf("element types differ: got %s and %s", self, source)
			}
			want, err := selectedShape(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("source", in.Shape(2), want); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			index, source := args[1], args[2]
			d := indexedDim(op, args[0])
			checkIndices(b, op, index, args[0], d)
			copyMemory(b, args[0], outs[0])
			shape := shapeOf(source)
			forShape(b, shape[:d+1], func(b *ir.Builder, head []*ir.Value) {
				i := loadIndex(b, index, head[d])
				forShape(b, shape[d+1:], func(b *ir.Builder, tail []*ir.Value) {
					v := memref.Load(b, source, join(head[:d], head[d], tail)...)
					write(b, v, outs[0], join(head[:d], i, tail))
				})
			})
		},
	}
}

// join is a place: leading counters, one, trailing counters.
func join(head []*ir.Value, i *ir.Value, tail []*ir.Value) []*ir.Value {
	return append(append(append([]*ir.Value{}, head...), i), tail...)
}
