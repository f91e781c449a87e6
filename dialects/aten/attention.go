package aten

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// OpAttention names softmax(query * key^T * scale + mask) * value.
const OpAttention ir.OpName = "aten.scaled_dot_product_attention"

func attentionDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpAttention, Summary: "softmax of the scaled products of queries with keys, times values",
		Description: "A mask of booleans says which keys take part; one of numbers is added to the products. A query for which " +
			"no key takes part gives 0.",
		Example: "%out = aten.scaled_dot_product_attention %q, %k, %v {is_causal = true} " +
			": (tensor<2x4x3xf32>, tensor<2x5x3xf32>, tensor<2x5x6xf32>) -> tensor<2x4x6xf32>",
		Torch: []string{"aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, " +
			"float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor"},
		Operands: ir.Params(ir.P("query", floatTensor), ir.P("key", floatTensor), ir.P("value", floatTensor), ir.Opt("attn_mask", anyTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs: []ir.AttrParam{
			{Name: "is_causal", Kind: boolAttr, Default: ir.BoolAttr(false), Doc: "query i takes keys 0 to i only"},
			{Name: "scale", Kind: numberAttr, Doc: "factor of the products; absent: 1 / sqrt of the size of a query"},
		},
		Traits: ir.Pure | ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if in.Elem(0) != in.Elem(1) || in.Elem(0) != in.Elem(2) {
				return nil, fmt.Errorf("element types differ: got %s, %s and %s", in.Elem(0), in.Elem(1), in.Elem(2))
			}
			q, k, v := in.Shape(0), in.Shape(1), in.Shape(2)
			if len(q) < 2 || len(k) < 2 || len(v) < 2 || !in.Sizes.Equal(q[len(q)-1], k[len(k)-1]) || !in.Sizes.Equal(k[len(k)-2], v[len(v)-2]) {
				return nil, fmt.Errorf("got shapes %s, %s and %s, expected [.., l, e], [.., s, e] and [.., s, v]",
					in.Sizes.FormatShape(q), in.Sizes.FormatShape(k), in.Sizes.FormatShape(v))
			}
			batch, err := in.Broadcast(q[:len(q)-2], k[:len(k)-2], v[:len(v)-2])
			if err != nil {
				return nil, err
			}
			if len(in.Operands) == 4 {
				if in.Attrs.Bool("is_causal", false) {
					return nil, fmt.Errorf("expects attn_mask or is_causal, not both")
				}
				if e := in.Elem(3); e != in.Elem(0) && e != ir.Type(ir.I1) {
					return nil, fmt.Errorf("attn_mask has elements of type %s, expected %s or i1", e, in.Elem(0))
				}
				rows := append(append([]int64{}, batch...), q[len(q)-2], k[len(k)-2])
				both, err := in.Broadcast(rows, in.Shape(3))
				if err != nil {
					return nil, fmt.Errorf("attn_mask: %w", err)
				}
				if err := in.Sizes.SameShape("attn_mask after broadcasting", both, rows); err != nil {
					return nil, err
				}
			}
			return ir.Single(ir.Tensor(append(append([]int64{}, batch...), q[len(q)-2], v[len(v)-1]), in.Elem(0)))
		},
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			q, k, v := op.Operand(0), op.Operand(1), op.Operand(2)
			scores := Matmul(b, q, transposed(b, k))
			shape := shapeOf(q)
			scores = Scale(b, scores, op.Float("scale", 1/math.Sqrt(float64(shape[len(shape)-1]))))
			mask := causalMask(b, op, scores)
			if op.NumOperands() == 4 {
				mask = op.Operand(3)
			}
			soft := Softmax
			switch {
			case mask == nil:
			case ir.IsBool(mask.Type()):
				scores = Where(b, mask, scores, Full(b, ir.Scalar{F: math.Inf(-1)}, nil, elemOf(q)))
				soft = SafeSoftmax
			default:
				scores = Add(b, scores, mask)
				soft = SafeSoftmax
			}
			return []*ir.Value{Matmul(b, soft(b, scores, -1), v)}
		},
	}}
}

// transposed swaps the last two dimensions.
func transposed(b *ir.Builder, x *ir.Value) *ir.Value {
	dims := make([]int64, len(shapeOf(x)))
	for i := range dims {
		dims[i] = int64(i)
	}
	n := len(dims)
	dims[n-1], dims[n-2] = dims[n-2], dims[n-1]
	return Permute(b, x, dims)
}

// causalMask is which of the keys a query takes that comes in the same place; nil if
// the op asks for none.
func causalMask(b *ir.Builder, op *ir.Op, scores *ir.Value) *ir.Value {
	if !op.Bool("is_causal", false) {
		return nil
	}
	shape := shapeOf(scores)
	l, s := shape[len(shape)-2], shape[len(shape)-1]
	return Le(b, indices(b, 1, []int64{1, s}), indices(b, 0, []int64{l, 1}))
}
