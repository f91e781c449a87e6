package torchscript

import (
	"strconv"
	"strings"
)

// Kind says what a Type is made of.
type Kind uint8

// The kinds of types.
const (
	KindTensor     Kind = iota // DType, Dims, Strides, RequiresGrad, Device
	KindSimple                 // int, float, bool, str, NoneType, Device, ...: Name is all there is
	KindClass                  // a class or type variable; Name is its qualified name
	KindEnum                   // Enum<Name>
	KindInterface              // InterfaceType<Name>
	KindList                   // Elems[0]
	KindOptional               // Elems[0]
	KindFuture                 // Elems[0]
	KindRRef                   // Elems[0]
	KindAwait                  // Elems[0]
	KindTuple                  // Elems
	KindNamedTuple             // Elems, Fields
	KindDict                   // Elems[0] to Elems[1]
	KindUnion                  // Elems
)

// Type is a parsed type. Types are values: two that print alike are the same.
type Type struct {
	Kind   Kind
	Name   string   // of a simple, class, enum or interface type
	Elems  []*Type  // what a compound type is made of
	Fields []string // the names of a NamedTuple's elements

	// Of tensors only:

	DType string // "Float", "Double", "Long", "Bool", ...; "" unknown
	// Dims is nil when the rank is unknown and empty for a 0-d tensor. An unknown
	// dimension is -1. "Tensor(requires_grad=1)" counts as of unknown rank.
	Dims []int64
	// Symbols is nil unless a dimension is printed SS(-n); it then holds -n there
	// and 0 elsewhere. Equal symbols are equal dimensions.
	Symbols      []int64
	Strides      []int64 // nil when unknown; an unknown stride is -1
	RequiresGrad *bool   // nil when unknown
	Device       string  // "cpu", "cuda:0"; "" unknown
	Undefined    bool    // "[Undefined]": autograd's absent gradient
}

// String prints t as LibTorch does.
func (t *Type) String() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

// brackets is how a compound type that is not a suffix prints around its elements.
var brackets = map[Kind][2]string{
	KindFuture:     {"Future[", "]"},
	KindRRef:       {"RRef[", "]"},
	KindAwait:      {"Await[", "]"},
	KindTuple:      {"(", ")"},
	KindNamedTuple: {"NamedTuple(", ")"},
	KindDict:       {"Dict(", ")"},
	KindUnion:      {"Union(", ")"},
}

func (t *Type) write(b *strings.Builder) {
	if t == nil {
		return
	}
	switch t.Kind {
	case KindTensor:
		t.writeTensor(b)
	case KindSimple, KindClass:
		b.WriteString(t.Name)
	case KindEnum:
		b.WriteString("Enum<" + t.Name + ">")
	case KindInterface:
		b.WriteString("InterfaceType<" + t.Name + ">")
	case KindList, KindOptional:
		for _, e := range t.Elems {
			e.write(b)
		}
		if t.Kind == KindList {
			b.WriteString("[]")
		} else {
			b.WriteByte('?')
		}
	default:
		around := brackets[t.Kind]
		b.WriteString(around[0])
		for i, e := range t.Elems {
			if i > 0 {
				b.WriteString(", ")
			}
			if i < len(t.Fields) {
				b.WriteString(t.Fields[i] + " : ")
			}
			e.write(b)
		}
		b.WriteString(around[1])
	}
}

func (t *Type) writeTensor(b *strings.Builder) {
	b.WriteString(t.DType)
	if t.DType == "" || t.Dims == nil {
		b.WriteString("Tensor")
	}
	fields := make([]string, 0, len(t.Dims)+3)
	for i, d := range t.Dims {
		if i < len(t.Symbols) && t.Symbols[i] != 0 {
			fields = append(fields, "SS("+strconv.FormatInt(t.Symbols[i], 10)+")")
		} else {
			fields = append(fields, extent(d))
		}
	}
	if t.Strides != nil {
		strides := make([]string, len(t.Strides))
		for i, s := range t.Strides {
			strides[i] = extent(s)
		}
		fields = append(fields, "strides=["+strings.Join(strides, ", ")+"]")
	}
	if t.RequiresGrad != nil {
		if *t.RequiresGrad {
			fields = append(fields, "requires_grad=1")
		} else {
			fields = append(fields, "requires_grad=0")
		}
	}
	if t.Device != "" {
		fields = append(fields, "device="+t.Device)
	}
	if t.Dims != nil || len(fields) > 0 {
		b.WriteString("(" + strings.Join(fields, ", ") + ")")
	}
	if t.Undefined {
		b.WriteString("[Undefined]")
	}
}

// extent prints a dimension or stride.
func extent(n int64) string {
	if n < 0 {
		return "*"
	}
	return strconv.FormatInt(n, 10)
}

// simpleTypes are the types that LibTorch writes as one word.
var simpleTypes = wordSet(`int float bool str complex number Scalar SymInt SymFloat SymBool
	NoneType None Device Layout ScalarType MemoryFormat Generator Stream Storage QScheme Quantizer
	Any Capsule PyObject Function AnyEnumType AnyClassType AnyListType AnyTupleType list tuple`)

// dtypes are c10's names of scalar types.
var dtypes = wordSet(`Byte Char Short Int Long Half Float Double ComplexHalf ComplexFloat ComplexDouble
	Bool QInt8 QUInt8 QInt32 BFloat16 QUInt4x2 QUInt2x4 Bits1x8 Bits2x4 Bits4x2 Bits8 Bits16
	Float8_e5m2 Float8_e4m3fn Float8_e5m2fnuz Float8_e4m3fnuz Float8_e8m0fnu Float4_e2m1fn_x2
	UInt16 UInt32 UInt64 UInt1 UInt2 UInt3 UInt4 UInt5 UInt6 UInt7 Int1 Int2 Int3 Int4 Int5 Int6 Int7
	Undefined`)

// typeConstructors take their arguments in brackets. List, Optional and Tuple
// are how annotate(...) spells types.
var typeConstructors = map[string]Kind{
	"Future": KindFuture, "RRef": KindRRef, "Await": KindAwait, "Dict": KindDict, "Union": KindUnion,
	"List": KindList, "Optional": KindOptional, "Tuple": KindTuple,
	"NamedTuple": KindNamedTuple, "Enum": KindEnum, "InterfaceType": KindInterface,
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// tensorWord splits Tensor, Float and FloatTensor into dtype and whether the
// word ends in Tensor; ok is false for other words.
func tensorWord(word string) (dtype string, suffixed, ok bool) {
	if word == "Tensor" || dtypes[word] {
		return strings.TrimSuffix(word, "Tensor"), word == "Tensor", true
	}
	dtype, suffixed = strings.CutSuffix(word, "Tensor")
	return dtype, suffixed, suffixed && dtypes[dtype]
}

// typeWord reports whether word by itself begins a type.
func typeWord(word string) bool {
	_, _, tensor := tensorWord(word)
	_, constructor := typeConstructors[word]
	return tensor || constructor || simpleTypes[word]
}
