package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Rows of a table.
const (
	OpEmbedding         ir.OpName = "aten.embedding"
	OpEmbeddingBackward ir.OpName = "aten.embedding_dense_backward"
)

// Embedding is the rows of weight that indices name.
func Embedding(b *ir.Builder, weight, indices *ir.Value) *ir.Value {
	return b.Emit(OpEmbedding, weight, indices)
}

var paddingIndex = ir.AttrParam{Name: "padding_idx", Kind: intAttr, Default: ir.I64Attr(-1), Doc: "a row that gets no gradient, -1 for none"}

func embeddingDefs() []*ir.OpDef {
	embedding := &ir.OpDef{
		Name: OpEmbedding, Summary: "rows of a table, by index",
		Example:  "%out = aten.embedding %w, %i : (tensor<5x3xf32>, tensor<2x4xi64>) -> tensor<2x4x3xf32>",
		Torch:    []string{"aten::embedding(Tensor weight, Tensor indices, SymInt padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor"},
		Operands: ir.Params(ir.P("weight", anyTensor), ir.P("indices", indexTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{paddingIndex},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 4),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if len(in.Shape(0)) != 2 {
				return nil, fmt.Errorf("weight has shape %s, expected 2 dimensions", in.Sizes.FormatShape(in.Shape(0)))
			}
			return ir.Single(ir.Tensor(append(append([]int64{}, in.Shape(1)...), in.Shape(0)[1]), in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			weight, index := args[0], args[1]
			checkIndices(b, op, index, weight, 0)
			forShape(b, shapeOf(index), func(b *ir.Builder, at []*ir.Value) {
				i := loadIndex(b, index, at...)
				forShape(b, shapeOf(weight)[1:], func(b *ir.Builder, k []*ir.Value) {
					memref.Store(b, memref.Load(b, weight, i, k[0]), outs[0], join(at, k[0], nil)...)
				})
			})
		},
		// derivatives.yaml: embedding_backward with sparse=False.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Create(OpEmbeddingBackward, []*ir.Value{d[0], op.Operand(1)},
				attr("num_weights", ir.I64Attr(shapeOf(op.Operand(0))[0])),
				attr("padding_idx", ir.I64Attr(op.Int("padding_idx", -1)))).Result(0), nil}
		},
	}
	backward := &ir.OpDef{
		Name: OpEmbeddingBackward, Summary: "rows added up to a table, by index",
		Example:  "%out = aten.embedding_dense_backward %d, %i {num_weights = 5 : i64} : (tensor<2x4x3xf32>, tensor<2x4xi64>) -> tensor<5x3xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P("indices", indexTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    []ir.AttrParam{{Name: "num_weights", Kind: intAttr, Required: true, Doc: "rows of the table"}, paddingIndex},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 4),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			g, i := in.Shape(0), in.Shape(1)
			if len(g) != len(i)+1 {
				return nil, fmt.Errorf("grad_output has shape %s, expected one dimension more than the indices' %s", in.Sizes.FormatShape(g), in.Sizes.FormatShape(i))
			}
			if err := in.Sizes.SameShape("grad_output but for its last dimension", g[:len(i)], i); err != nil {
				return nil, err
			}
			n := in.Attrs.Int("num_weights", 0)
			if n < 0 {
				return nil, fmt.Errorf("num_weights is %d, expected 0 or more", n)
			}
			return ir.Single(ir.Tensor([]int64{n, g[len(i)]}, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			grad, index := args[0], args[1]
			checkIndices(b, op, index, outs[0], 0)
			zeroMemory(b, outs[0])
			forShape(b, shapeOf(index), func(b *ir.Builder, at []*ir.Value) {
				i := loadIndex(b, index, at...)
				row := func(b *ir.Builder) {
					forShape(b, shapeOf(outs[0])[1:], func(b *ir.Builder, k []*ir.Value) {
						addTo(b, memref.Load(b, grad, join(at, k[0], nil)...), outs[0], []*ir.Value{i, k[0]})
					})
				}
				padding := op.Int("padding_idx", -1)
				if padding < 0 {
					row(b)
					return
				}
				scf.If(b, arith.CmpI(b, arith.NE, i, size(b, padding)), nil, func(b *ir.Builder) []*ir.Value { row(b); return nil }, nil)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			table, index := d[0], op.Operand(1)
			if p := op.Int("padding_idx", -1); p >= 0 { // its row has no effect on the result
				skip := checkedIndex(b, Full(b, ir.Scalar{I: p}, []int64{1}, ir.I64), shapeOf(table)[0], nil)
				table = IndexCopy(b, table, 0, skip, Full(b, ir.Scalar{}, []int64{1, shapeOf(table)[1]}, elemOf(table)))
			}
			return []*ir.Value{Embedding(b, table, index), nil}
		},
	}
	return []*ir.OpDef{embedding, backward}
}
