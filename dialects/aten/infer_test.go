package aten

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/ir"
)

func tensors(types ...*ir.TensorType) []*ir.TensorType { return types }

func f32(shape ...int64) *ir.TensorType { return ir.Tensor(shape, ir.F32) }
func i64(shape ...int64) *ir.TensorType { return ir.Tensor(shape, ir.I64) }
func i1(shape ...int64) *ir.TensorType  { return ir.Tensor(shape, ir.I1) }

// TestInference holds result types, and errors, against LibTorch's.
func TestInference(t *testing.T) {
	ctx := testContext(t)
	dims := func(ds ...int64) ir.NamedAttr { return attr("dim", ir.I64Array(ds...)) }
	shape := func(ns ...int64) []ir.NamedAttr { return []ir.NamedAttr{attr("shape", ir.I64Array(ns...))} }
	keep := attr("keepdim", ir.BoolAttr(true))
	none := []ir.NamedAttr(nil)
	for _, c := range []struct {
		name     ir.OpName
		attrs    []ir.NamedAttr
		operands []*ir.TensorType
		want     string // a type, or a part of the error
	}{
		{OpAdd, none, tensors(f32(4, 1), f32(3)), "tensor<4x3xf32>"},
		{OpAdd, none, tensors(f32(0, 1), f32(3)), "tensor<0x3xf32>"},
		{OpAdd, none, tensors(f32(4, 2), f32(3)), "shapes do not broadcast"},
		{OpAdd, none, tensors(f32(4), i64(4)), "element types differ: got f32 and i64"},
		{OpAdd, none, tensors(f32(ir.Dynamic, 1), f32(3)), "tensor<?x3xf32>"},
		{OpSub, none, tensors(i1(4), i1(4)), "not defined for booleans"},
		{OpDiv, none, tensors(i64(4), i64()), "tensor<4xf32>"},
		{OpDiv, []ir.NamedAttr{attr("rounding_mode", ir.StringAttr("floor"))}, tensors(i64(4), i64()), "tensor<4xi64>"},
		{OpExp, none, tensors(i64(4)), "tensor<4xf32>"},
		{OpPow, none, tensors(f32(4)), "needs an exponent"},
		{OpPow, []ir.NamedAttr{attr("exponent", ir.I64Attr(-1))}, tensors(i64(4)), "no negative integer powers"},
		{OpPow, num("exponent", 0.5), tensors(i64(4)), "tensor<4xf32>"},
		{OpLt, none, tensors(f32(4, 1), f32(3)), "tensor<4x3xi1>"},
		{OpWhere, none, tensors(i1(4, 1), f32(), f32(3)), "tensor<4x3xf32>"},
		{OpTo, []ir.NamedAttr{attr("dtype", ir.TypeAttr{Type: ir.F64})}, tensors(i64(2, 3)), "tensor<2x3xf64>"},

		{OpSum, none, tensors(f32(4, 8)), "tensor<f32>"},
		{OpSum, none, tensors(i1(4, 8)), "tensor<i64>"},
		{OpSum, []ir.NamedAttr{attr("dtype", ir.TypeAttr{Type: ir.F64})}, tensors(i64(4)), "tensor<f64>"},
		{OpSum, []ir.NamedAttr{dims(-1, 0)}, tensors(f32(4, 5, 6)), "tensor<5xf32>"},
		{OpSum, []ir.NamedAttr{dims(1), keep}, tensors(f32(4, 5, 6)), "tensor<4x1x6xf32>"},
		{OpSum, []ir.NamedAttr{dims(2)}, tensors(f32(4, 5)), "dimension 2 is out of range"},
		{OpSum, []ir.NamedAttr{dims(0, -2)}, tensors(f32(4, 5)), "appears twice"},
		{OpSum, []ir.NamedAttr{dims(0)}, tensors(f32()), "tensor<f32>"},
		{OpMean, none, tensors(i64(4)), "needs a tensor of floats"},
		{OpAmax, []ir.NamedAttr{dims(0)}, tensors(f32(0, 4)), "is empty"},
		{OpAmax, []ir.NamedAttr{dims(1)}, tensors(f32(0, 4)), "tensor<0xf32>"},
		{OpMaxDim, []ir.NamedAttr{attr("dim", ir.I64Attr(-1))}, tensors(f32(3, 4)), "tensor<3xf32>, tensor<3xi64>"},
		{OpProd, none, tensors(i64(4)), "tensor<i64>"},
		{OpAny, []ir.NamedAttr{dims(0)}, tensors(f32(4, 2)), "tensor<2xi1>"},
		{OpVar, []ir.NamedAttr{dims(1), keep}, tensors(f32(4, 2)), "tensor<4x1xf32>"},
		{OpVectorNorm, num("ord", 1), tensors(f32(4, 2)), "tensor<f32>"},

		{OpPermute, []ir.NamedAttr{attr("dims", ir.I64Array(2, 0, -2))}, tensors(f32(4, 5, 6)), "tensor<6x4x5xf32>"},
		{OpPermute, []ir.NamedAttr{attr("dims", ir.I64Array(0, 0))}, tensors(f32(4, 5)), "occurs twice"},
		{OpReshape, shape(-1, 3), tensors(f32(4, 6)), "tensor<8x3xf32>"},
		{OpReshape, shape(5, 5), tensors(f32(4, 6)), "has 25 elements"},
		{OpReshape, shape(-1, 7), tensors(f32(4, 6)), "does not fit"},
		{OpReshape, shape(), tensors(f32(1, 1)), "tensor<f32>"},
		{OpExpand, shape(2, -1, 3), tensors(f32(4, 1)), "tensor<2x4x3xf32>"},
		{OpExpand, shape(2), tensors(f32(4)), "cannot be expanded"},
		{OpSlice, sliceAttrList(1, -3, 1<<62, 2), tensors(f32(4, 7)), "tensor<4x2xf32>"},
		{OpSlice, sliceAttrList(0, 5, 2, 1), tensors(f32(4)), "tensor<0xf32>"},
		{OpSlice, sliceAttrList(0, 0, 2, 0), tensors(f32(4)), "step is 0"},
		{OpSliceScatter, sliceAttrList(0, 1, 3, 1), tensors(f32(4), f32(2)), "tensor<4xf32>"},
		{OpSliceScatter, sliceAttrList(0, 1, 3, 1), tensors(f32(4), f32(3)), "src has shape [3], expected [2]"},
	} {
		t.Run(fmt.Sprint(c.name, c.attrs, c.operands), func(t *testing.T) {
			block := ir.NewBlock()
			var operands []*ir.Value
			for _, o := range c.operands {
				operands = append(operands, block.AddArg(o))
			}
			attrs := ir.NewOp(ctx, ir.State{Name: c.name, Attrs: c.attrs}).Attrs() // in order
			op, err := ir.NewBuilder(ctx, block).Try(ir.State{Name: c.name, Operands: operands, Attrs: attrs})
			if err != nil {
				require.ErrorContains(t, err, c.want)
				return
			}
			text := ""
			for i, r := range op.Results() {
				if i > 0 {
					text += ", "
				}
				text += r.Type().String()
			}
			require.Equal(t, c.want, text)
			require.NoError(t, ir.Verify(ctx, op))
		})
	}
}

// TestStridesStayBehind holds that a result has no strides though its operand has.
func TestStridesStayBehind(t *testing.T) {
	ctx := testContext(t)
	block := ir.NewBlock(ir.StridedTensor([]int64{4, 6}, ir.F32, []int64{1, 4}))
	v := Exp(ir.NewBuilder(ctx, block), block.Arg(0))
	require.Equal(t, ir.Type(f32(4, 6)), v.Type())
}

// TestPromotion holds ATen's result_type.
func TestPromotion(t *testing.T) {
	block := ir.NewBlock()
	value := func(t *ir.TensorType) ir.ImportArg { return ir.ImportArg{Value: block.AddArg(t)} }
	number := func(a ir.Attr) ir.ImportArg { return ir.ImportArg{Attr: a} }
	f64 := func(shape ...int64) *ir.TensorType { return ir.Tensor(shape, ir.F64) }
	for _, c := range []struct {
		a, b ir.ImportArg
		want ir.Type
	}{
		{value(f32(2)), value(f64(2)), ir.F64},
		{value(f32(2)), value(f64()), ir.F32}, // rank 0 of the same category gives way
		{value(i64(2)), value(f64()), ir.F64},
		{value(f32()), value(f64()), ir.F64},
		{value(i64(2)), number(ir.F64Attr(1)), ir.F32},
		{value(f64(2)), number(ir.F64Attr(1)), ir.F64},
		{value(i1(2)), number(ir.I64Attr(1)), ir.I64},
		{value(i1(2)), value(i64()), ir.I64},
		{value(ir.Tensor([]int64{2}, ir.I8)), number(ir.I64Attr(1)), ir.I8},
		{value(ir.Tensor([]int64{2}, ir.I8)), value(ir.Tensor([]int64{2}, ir.I32)), ir.I32},
		{value(i1(2)), number(ir.BoolAttr(true)), ir.I1},
		{number(ir.I64Attr(1)), number(ir.F64Attr(1)), ir.F32},
	} {
		require.Equal(t, c.want, resultType(c.a, c.b))
		require.Equal(t, c.want, resultType(c.b, c.a))
	}
}
