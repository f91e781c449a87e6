package torchscript

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
)

// parseValue reads one value; it stands at column 13.
func parseValue(t *testing.T, text string) Value {
	t.Helper()
	n := parseNode(t, "%1 = a::b[v="+text+", last=1]()")
	require.Len(t, n.Attrs, 2, text)
	require.NotNil(t, n.Attr("last"))
	return n.Attr("v")
}

// TestValuesPrintBack holds the values that LibTorch prints.
func TestValuesPrintBack(t *testing.T) {
	for _, text := range []string{
		"1", "0", "-9223372036854775808", "9223372036854775807",
		"2.", "-0.", "1.5", "1e+20", "-1e-10", "1.0000000000000001e-05", "4.9406564584124654e-324", "inf", "-inf", "nan",
		"0.+2.j", "1.5-2.j", "1.0000000000000001e-05+1e+20j", "inf-nanj", "nan+infj",
		`"none"`, `""`, `"a\n\t\\\"\'\001b"`, `"\303\251"`,
		"[1, 2]", `["a", "b"]`, "[[1, 2], [3]]", "[True, False, None]",
		"(1, 2., \"x\")", "(1,)", "()", "((1, (2,)), [])",
		`{"a": 1, "b": [2]}`, "{1: {2: 3}}", "{}", "{(1, 2): 3}",
		"annotate(int[], [])", "annotate(Dict(str, int), {})", "annotate(Tensor?[], [None, 1])",
		`torch.device("cuda:0")`, `torch.Generator(device="cpu", seed=12)`, "torch.f()", `(torch.device("cpu"), 1)`,
		"__torch__.Color.RED", "(__torch__.Color.RED, __torch__.Color.BLUE)", "t",
		"Tensor", "int[]", "Tensor?", "Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)", "[Tensor(requires_grad=1), int[], (int, str)[]?]",
		"Dict(str, Tensor)", "Enum<__torch__.Color>", "__torch__.C[]", "(Tensor, int)", "[NoneType, None?]",
		"<Tensor>", "[<Tensors>]", "<Graph>", "[<Graphs>]", "object(0x55d0c2a8)", "(<Tensor>, 1)", "[object(0x1), object(0x2)]",
		"{3.5}", "{1}", "{inf}", "{-nan}", "{1e+10}", "{(0,2)}", "{(1.5,-2)}", "({1}, {2.5})",
		"[ CPUFloatType{0} ]", "1  2 [ CPULongType{2} ]", "([ CPUFloatType{0} ], 1)", "[[ CPUFloatType{0} ], -1 [ CPUFloatType{1} ]]",
		"[ Tensor (undefined) ]",
	} {
		want := text
		if text == "{-nan}" {
			want = "{nan}"
		}
		require.Equal(t, want, parseValue(t, text).String())
	}
}

func TestValueParts(t *testing.T) {
	at := func(offset int) diag.Pos { return diag.Pos{File: "t.graph", Line: 2, Col: 13 + offset} }
	intType := &Type{Kind: KindSimple, Name: "int"}
	for text, want := range map[string]Value{
		"-5":                    &IntValue{at(0), -5},
		"1e10":                  &FloatValue{at(0), 1e10},
		"10000000000":           &IntValue{at(0), 10000000000}, // how LibTorch prints the float
		"-inf":                  &FloatValue{at(0), math.Inf(-1)},
		"2.j":                   &ComplexValue{at(0), 2i},
		"-1-2j":                 &ComplexValue{at(0), -1 - 2i},
		"1e-5+2e-7j":            &ComplexValue{at(0), 1e-5 + 2e-7i},
		"True":                  &BoolValue{at(0), true},
		"None":                  &NoneValue{at(0)},
		`"\0)+\/.)"`:            &StringValue{at(0), "é"}, // LibTorch's octal of negative chars
		`"é\377\?"`:             &StringValue{at(0), "é\xff?"},
		"[1]":                   &ListValue{at(0), []Value{&IntValue{at(1), 1}}},
		"( 1 , 2, )":            &TupleValue{at(0), []Value{&IntValue{at(2), 1}, &IntValue{at(6), 2}}},
		`{"a": 1}`:              &DictValue{at(0), []DictEntry{{&StringValue{at(1), "a"}, &IntValue{at(6), 1}}}},
		"int[]":                 &TypeValue{at(0), &Type{Kind: KindList, Elems: []*Type{intType}}},
		"(int)?":                &TypeValue{at(0), &Type{Kind: KindOptional, Elems: []*Type{{Kind: KindTuple, Elems: []*Type{intType}}}}},
		"(None, A)[]":           &TypeValue{at(0), &Type{Kind: KindList, Elems: []*Type{{Kind: KindTuple, Elems: []*Type{{Kind: KindSimple, Name: "None"}, {Kind: KindClass, Name: "A"}}}}}},
		"annotate(List[int],1)": &AnnotatedValue{at(0), &Type{Kind: KindList, Elems: []*Type{intType}}, &IntValue{at(19), 1}},
		"f(a=1, 2)":             &CallValue{at(0), "f", []Attr{{at(2), "a", &IntValue{at(4), 1}}, {at(7), "", &IntValue{at(7), 2}}}},
		"{ 3 }":                 &ScalarTensorValue{at(0), &IntValue{at(2), 3}},
		"{(0,2.5)}":             &ScalarTensorValue{at(0), &ComplexValue{at(1), 2.5i}},
		"object(0x12)":          &ElidedValue{at(0), "object(0x12)"},
	} {
		require.Equal(t, want, parseValue(t, text), text)
		require.Equal(t, want.Position(), at(0))
	}
	require.True(t, math.IsNaN(parseValue(t, "-nan").(*FloatValue).Value))
}

// TestRawTensors holds ATen's prints of small tensors, newlines turned to spaces.
func TestRawTensors(t *testing.T) {
	for text, want := range map[string]RawTensorValue{
		" 1  2  3 [ CPULongType{3} ]":                {TypeName: "CPULongType", Dims: []int64{3}, Values: []float64{1, 2, 3}},
		" 1.2346e+11  2.0000e+00 [ CPULongType{2} ]": {TypeName: "CPULongType", Dims: []int64{2}, Values: []float64{1.2346e11, 2}},
		"-1.5000   inf   nan -inf [ CPUDoubleType{4} ]": {TypeName: "CPUDoubleType", Dims: []int64{4},
			Values: []float64{-1.5, math.Inf(1), math.NaN(), math.Inf(-1)}},
		" 1  2  3  4 [ CPUFloatType{2,2} ]":            {TypeName: "CPUFloatType", Dims: []int64{2, 2}, Values: []float64{1, 2, 3, 4}},
		"100 *  1.5000  2.0000 [ CUDAFloatType{1,2} ]": {TypeName: "CUDAFloatType", Dims: []int64{1, 2}, Values: []float64{150, 200}},
		"Columns 1 to 8 1 -2  3  4  5  6  7  8 Columns 9 to 10  9  10 [ CPUFloatType{1,10} ]": {TypeName: "CPUFloatType",
			Dims: []int64{1, 10}, Values: []float64{1, -2, 3, 4, 5, 6, 7, 8, 9, 10}},
		// Nothing stands between the last column's number and what follows.
		"Columns 1 to 60.5 *  1 2 3 4 5 6 Columns 7 to 70.5 * 8 [ CPUFloatType{1,7} ]": {TypeName: "CPUFloatType",
			Dims: []int64{1, 7}, Values: []float64{.5, 1, 1.5, 2, 2.5, 3, 4}},
		"(1,.,.) =    1  2   3  4   (2,.,.) =    5  6   7  8 [ CPUFloatType{2,2,2} ]": {TypeName: "CPUFloatType",
			Dims: []int64{2, 2, 2}, Values: []float64{1, 2, 3, 4, 5, 6, 7, 8}},
		// The first index of a slice runs fastest.
		"(1,1,.,.) =   1  (2,1,.,.) =   3  (1,2,.,.) =  2 * 1  (2,2,.,.) =   4 [ CPUFloatType{2,2,1,1} ]": {TypeName: "CPUFloatType",
			Dims: []int64{2, 2, 1, 1}, Values: []float64{1, 2, 3, 4}},
		"[ CPUFloatType{0} ]":                     {TypeName: "CPUFloatType", Dims: []int64{0}, Values: []float64{}},
		"[ CPUFloatType{2,0,3} ]":                 {TypeName: "CPUFloatType", Dims: []int64{2, 0, 3}, Values: []float64{}},
		"MKLDNN Tensor:  1 2 [ CPUFloatType{2} ]": {TypeName: "CPUFloatType", Dims: []int64{2}, Values: []float64{1, 2}},
		"[ Tensor (undefined) ]":                  {TypeName: "Tensor"},
		" 1  2 [ QuantizedCPUQInt8Type{2}, qscheme: per_tensor_affine, scale: 0.1, zero_point: 0 ]": {TypeName: "QuantizedCPUQInt8Type",
			Dims: []int64{2}, Values: []float64{1, 2}},
		" 1  2 [ QuantizedCPUQInt8Type{2}, qscheme: per_channel_affine, scales:  1 [ CPUDoubleType{1} ], zero_points:  0 [ CPULongType{1} ], axis: 0 ]": {
			TypeName: "QuantizedCPUQInt8Type", Dims: []int64{2}, Values: []float64{1, 2}},
		"[ SparseCPUFloatType{} indices:  1  2 [ CPULongType{1,2} ] values:  3 4 [ CPUFloatType{2} ] size: [3] ]": {
			TypeName: "SparseCPUFloatType", Dims: []int64{}},
	} {
		v, ok := parseValue(t, text).(*RawTensorValue)
		require.True(t, ok, text)
		require.Equal(t, want.TypeName, v.TypeName, text)
		require.Equal(t, want.Dims, v.Dims, text)
		require.Equal(t, want.Values == nil, v.Values == nil, text)
		require.InDeltaSlice(t, want.Values, v.Values, 1e-12, text)
	}
}
