package torchscript

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTypesPrintBack holds the types that LibTorch prints.
func TestTypesPrintBack(t *testing.T) {
	for _, text := range []string{
		"Tensor", "Tensor()", "Tensor(requires_grad=1)", "Tensor(2, *, device=cpu)", "Tensor[Undefined]",
		"FloatTensor", "DoubleTensor(requires_grad=0, device=cuda:0)",
		"Float()", "Float(requires_grad=0, device=cpu)", "Float(2, 3)", "Float(0, 4, strides=[4, 1], requires_grad=1, device=cpu)",
		"Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)", "Half(*, 3)", "Long(SS(-1), 3, SS(-12), device=meta)",
		"Int(4, strides=[*])", "BFloat16(1, device=mps:0)", "ComplexDouble(2)", "Float8_e4m3fn(2)", "QUInt8(2)", "Float(2)[Undefined]",
		"int", "float", "bool", "str", "complex", "number", "Scalar", "NoneType", "None", "Device", "Layout", "ScalarType",
		"MemoryFormat", "Generator", "Stream", "Storage", "QScheme", "Any", "Capsule", "Function", "AnyEnumType", "t",
		"Tensor?", "int[]", "Tensor?[]", "int[]?", "str[][]", "Float(2, 3)[]", "Tensor[Undefined][]",
		"()", "(int)", "(int, str?, (Tensor, Tensor)[])", "(int, str)[]?",
		"NamedTuple(x : Tensor, y : int[])", "Dict(str, Tensor)", "Dict(str, Dict(int, Tensor[]))", "Union(int, str, NoneType)",
		"Future[Tensor]", "RRef[Tensor[]]", "Await[int]", "Enum<__torch__.Color>", "InterfaceType<__torch__.I>",
		"__torch__.torch.nn.modules.linear.Linear", "__torch__.a.___torch_mangle_0.B", "__torch__.C[]",
	} {
		typ, err := parseType(text)
		require.Nil(t, err, text)
		require.Equal(t, text, typ.String())
		n := parseNode(t, "%1 : "+text+" = a::b()")
		require.Equal(t, typ, n.Outputs[0].Type)
	}
}

// TestTypesNormalize holds other spellings: those inside annotate(...), and those
// of people.
func TestTypesNormalize(t *testing.T) {
	for from, to := range map[string]string{
		"List[int]":                            "int[]",
		"Optional[List[Tensor]]":               "Tensor[]?",
		"Dict[str, int]":                       "Dict(str, int)",
		"Tuple[int, Tuple[()]]":                "(int, ())",
		"Union[int, str]":                      "Union(int, str)",
		"Float":                                "FloatTensor",
		"Float(2,3,device=cpu,strides=[3,1])":  "Float(2, 3, strides=[3, 1], device=cpu)",
		"FloatTensor(2)":                       "Float(2)",
		"Dict( str , int )":                    "Dict(str, int)",
		"NamedTuple(x: int)":                   "NamedTuple(x : int)",
		"Double(1, strides=[1], device=cuda:)": "Double(1, strides=[1], device=cuda:)",
	} {
		typ, err := parseType(from)
		require.Nil(t, err, from)
		require.Equal(t, to, typ.String())
	}
}

func TestTensorTypeParts(t *testing.T) {
	yes, no := true, false
	for text, want := range map[string]Type{
		"Tensor":                      {},
		"Tensor()":                    {Dims: []int64{}},
		"Tensor(requires_grad=1)":     {RequiresGrad: &yes},
		"Float":                       {DType: "Float"},
		"FloatTensor(device=cpu)":     {DType: "Float", Device: "cpu"},
		"Float(requires_grad=0)":      {DType: "Float", Dims: []int64{}, RequiresGrad: &no},
		"Bool(2, *)":                  {DType: "Bool", Dims: []int64{2, -1}},
		"Bool(2, SS(-3), 1)":          {DType: "Bool", Dims: []int64{2, -1, 1}, Symbols: []int64{0, -3, 0}},
		"Long(0, 4, strides=[*, 1])":  {DType: "Long", Dims: []int64{0, 4}, Strides: []int64{-1, 1}},
		"Int(7, device=cuda:1)":       {DType: "Int", Dims: []int64{7}, Device: "cuda:1"},
		"Float(2)[Undefined]":         {DType: "Float", Dims: []int64{2}, Undefined: true},
		"Double(9223372036854775807)": {DType: "Double", Dims: []int64{9223372036854775807}},
	} {
		typ, err := parseType(text)
		require.Nil(t, err, text)
		require.Equal(t, &want, typ, text)
	}
}

func TestMalformedTypes(t *testing.T) {
	for _, c := range []struct {
		text    string
		offset  int
		message string
	}{
		{"", 0, "type is missing"},
		{"Flaot(2)", 0, `unknown scalar type "Flaot"`},
		{"2", 0, `got "2", expected a type`},
		{"Float(2", 7, `type ends where ")" is expected`},
		{"Float(", 6, "type ends where a dimension is expected"},
		{"Float(2 3)", 8, `got "3)" in a type, expected ")"`},
		{"Float(2,,3)", 8, `got ",3)", expected a dimension or *`},
		{"Float(-1)", 6, `got "-1)", expected a dimension or *`},
		{"Float(9223372036854775808)", 6, "9223372036854775808 is too large for a signed 64-bit integer"},
		{"Float(2, strides=[9223372036854775808])", 18, "9223372036854775808 is too large for a signed 64-bit integer"},
		{"Float(2, strides=[1, 2])", 0, "type has 1 dimensions and 2 strides"},
		{"Tensor(strides=[1])", 0, "type has 0 dimensions and 1 strides"},
		{"Float(2, strides=1)", 17, `got "1)" in a type, expected "["`},
		{"Float(2, strides=[1 2])", 20, `got "2])" in a type, expected ","`},
		{"Float(requires_grad=2)", 20, `got "2)", expected requires_grad=0 or requires_grad=1`},
		{"Float(device=)", 13, `got ")", expected a device`},
		{"Float(device=cpu, device=cpu)", 18, "device stands twice in a type"},
		{"Float(device=cpu, 3)", 18, `got "3)" after a named field, expected strides=, requires_grad= or device=`},
		{"Float(color=1)", 6, `got "color" in a type, expected strides, requires_grad or device`},
		{"Float(SS(3))", 9, `got "3))", expected a negative symbol number`},
		{"Float(2)x", 8, `got "x" after the type Float(2)`},
		{"int[3]", 3, `got "[3]" after the type int`},
		{"Dict(int)", 4, "got 1 types in the brackets, expected 2"},
		{"Future[int, int]", 6, "got 2 types in the brackets, expected 1"},
		{"Future<int>", 6, `got "<int>" in a type, expected "["`},
		{"Enum(a)", 4, `got "(a)" in a type, expected "<"`},
		{"Enum<>", 5, `got ">", expected a name`},
		{"NamedTuple(int)", 14, `got ")" in a type, expected ":"`},
		{"NamedTuple(, x : int)", 11, `got ", x : int)", expected a field name`},
		{"(int", 4, `type ends where ")" is expected`},
		{"(int,)", 5, `got ")", expected a type`},
	} {
		_, err := parseType(c.text)
		require.Equal(t, &typeError{c.offset, c.message}, err, c.text)
	}
}
