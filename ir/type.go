package ir

import (
	"math"
	"strconv"
	"strings"
	"sync"
)

// A Type is an immutable, interned type: equal types are the same pointer, so ==
// compares them. String is MLIR's spelling.
type Type interface {
	String() string
	isType()
}

// Dynamic marks a size that is not known until run time; it prints as "?".
const Dynamic int64 = math.MinInt64

// interned holds every type made so far, by its text. Interning by text is right
// because the printed form of a type says all of it.
var interned sync.Map // string -> Type

func intern[T Type](text string, make func() T) T {
	if t, ok := interned.Load(text); ok {
		return t.(T)
	}
	t, _ := interned.LoadOrStore(text, Type(make()))
	return t.(T)
}

// FloatType is f16, bf16, f32 or f64.
type FloatType struct {
	text string
	bits int
}

// IntegerType is iN, siN or uiN.
type IntegerType struct {
	text string
	bits int
	sign Signedness
}

// Signedness of an integer type; arith works on signless ones.
type Signedness int

// The three kinds of integer.
const (
	Signless Signedness = iota
	Signed
	Unsigned
)

// IndexType is the type of sizes and loop counters.
type IndexType struct{}

// NoneType is the unit type.
type NoneType struct{}

// TensorType is a ranked tensor, of values and not of memory.
type TensorType struct {
	text     string
	shape    []int64
	elem     Type
	encoding Attr
}

// MemRefType is a view of memory.
type MemRefType struct {
	text   string
	shape  []int64
	elem   Type
	layout Attr
	space  Attr
}

// FunctionType maps inputs to results.
type FunctionType struct {
	text    string
	inputs  []Type
	results []Type
}

// TupleType and VectorType occur in foreign text only.
type TupleType struct {
	text  string
	elems []Type
}

// VectorType is a fixed-size vector.
type VectorType struct {
	text  string
	shape []int64
	elem  Type
}

// OpaqueType is a type of a dialect that is not known here, kept by its text.
type OpaqueType struct{ text string }

func (t *FloatType) String() string    { return t.text }
func (t *IntegerType) String() string  { return t.text }
func (t *IndexType) String() string    { return "index" }
func (t *NoneType) String() string     { return "none" }
func (t *TensorType) String() string   { return t.text }
func (t *MemRefType) String() string   { return t.text }
func (t *FunctionType) String() string { return t.text }
func (t *TupleType) String() string    { return t.text }
func (t *VectorType) String() string   { return t.text }
func (t *OpaqueType) String() string   { return t.text }

func (*FloatType) isType()    {}
func (*IntegerType) isType()  {}
func (*IndexType) isType()    {}
func (*NoneType) isType()     {}
func (*TensorType) isType()   {}
func (*MemRefType) isType()   {}
func (*FunctionType) isType() {}
func (*TupleType) isType()    {}
func (*VectorType) isType()   {}
func (*OpaqueType) isType()   {}

// The scalar types.
var (
	F16   = &FloatType{"f16", 16}
	BF16  = &FloatType{"bf16", 16}
	F32   = &FloatType{"f32", 32}
	F64   = &FloatType{"f64", 64}
	I1    = Int(1)
	I8    = Int(8)
	I16   = Int(16)
	I32   = Int(32)
	I64   = Int(64)
	Index = &IndexType{}
	None  = &NoneType{}
)

// Int is the signless integer type of the given width in bits.
func Int(bits int) *IntegerType { return IntOf(bits, Signless) }

// IntOf is an integer type of the given width and signedness.
func IntOf(bits int, sign Signedness) *IntegerType {
	text := [...]string{"i", "si", "ui"}[sign] + strconv.Itoa(bits)
	return intern(text, func() *IntegerType { return &IntegerType{text, bits, sign} })
}

// Tensor is the ranked tensor type of the given shape; Dynamic marks unknown sizes.
func Tensor(shape []int64, elem Type) *TensorType { return EncodedTensor(shape, elem, nil) }

// EncodedTensor is Tensor with an encoding attribute, which this project uses for
// the strides of function arguments.
func EncodedTensor(shape []int64, elem Type, encoding Attr) *TensorType {
	for _, n := range shape {
		if n < 0 && n != Dynamic {
			return SymbolicTensor(shape, elem)
		}
	}
	var b strings.Builder
	b.WriteString("tensor<")
	writeShape(&b, shape)
	b.WriteString(elem.String())
	if encoding != nil {
		b.WriteString(", ")
		b.WriteString(encoding.String())
	}
	b.WriteByte('>')
	text := b.String()
	return intern(text, func() *TensorType { return &TensorType{text, clone(shape), elem, encoding} })
}

// SymbolicTensor is a tensor type whose sizes may be handles of symbolic sizes, for
// shape inference only: it is not interned and must not reach the IR.
func SymbolicTensor(shape []int64, elem Type) *TensorType {
	return &TensorType{text: "tensor<symbolic>", shape: clone(shape), elem: elem}
}

// MemRef is the type of contiguous row-major memory of the given shape.
func MemRef(shape []int64, elem Type) *MemRefType { return MemRefOf(shape, elem, nil, nil) }

// MemRefOf is a memref with a layout (nil: row-major) and a memory space (nil: default).
func MemRefOf(shape []int64, elem Type, layout, space Attr) *MemRefType {
	var b strings.Builder
	b.WriteString("memref<")
	writeShape(&b, shape)
	b.WriteString(elem.String())
	if layout != nil {
		b.WriteString(", ")
		b.WriteString(layout.String())
	}
	if space != nil {
		b.WriteString(", ")
		b.WriteString(space.String())
	}
	b.WriteByte('>')
	text := b.String()
	return intern(text, func() *MemRefType { return &MemRefType{text, clone(shape), elem, layout, space} })
}

// Vector is a fixed-size vector type.
func Vector(shape []int64, elem Type) *VectorType {
	var b strings.Builder
	b.WriteString("vector<")
	writeShape(&b, shape)
	b.WriteString(elem.String())
	b.WriteByte('>')
	text := b.String()
	return intern(text, func() *VectorType { return &VectorType{text, clone(shape), elem} })
}

// Func is the type of a function.
func Func(inputs, results []Type) *FunctionType {
	var b strings.Builder
	writeFunctionType(&b, inputs, results)
	text := b.String()
	return intern(text, func() *FunctionType { return &FunctionType{text, clone(inputs), clone(results)} })
}

// Tuple is the tuple type of elems.
func Tuple(elems []Type) *TupleType {
	text := "tuple<" + joinTypes(elems) + ">"
	return intern(text, func() *TupleType { return &TupleType{text, clone(elems)} })
}

// Opaque keeps a foreign type by its text, which starts with "!".
func Opaque(text string) *OpaqueType {
	return intern(text, func() *OpaqueType { return &OpaqueType{text} })
}

// Bits is the width of the type.
func (t *FloatType) Bits() int { return t.bits }

// Bits is the width of the type.
func (t *IntegerType) Bits() int { return t.bits }

// Sign is the signedness of the type.
func (t *IntegerType) Sign() Signedness { return t.sign }

// Shape is the sizes; callers must not change it.
func (t *TensorType) Shape() []int64 { return t.shape }

// Elem is the element type.
func (t *TensorType) Elem() Type { return t.elem }

// Encoding is the encoding attribute or nil.
func (t *TensorType) Encoding() Attr { return t.encoding }

// Rank is the number of dimensions.
func (t *TensorType) Rank() int { return len(t.shape) }

// Plain is t without its encoding.
func (t *TensorType) Plain() *TensorType {
	if t.encoding == nil {
		return t
	}
	return Tensor(t.shape, t.elem)
}

// StridesKey names the entry of a tensor encoding that holds element strides.
const StridesKey = "strides"

// Strides is the element strides that the type fixes: those of its encoding, else
// row-major ones; ok is false if a size is dynamic and no encoding says them.
func (t *TensorType) Strides() (strides []int64, ok bool) {
	if d, isDict := t.encoding.(*DictAttr); isDict {
		if a, isArray := d.Get(StridesKey).(*DenseArrayAttr); isArray {
			return a.Ints(), true
		}
	}
	return RowMajor(t.shape)
}

// StridedTensor is a tensor type whose encoding fixes strides; row-major strides
// need none, and give the plain type.
func StridedTensor(shape []int64, elem Type, strides []int64) *TensorType {
	if plain, ok := RowMajor(shape); ok && equalStrides(shape, plain, strides) {
		return Tensor(shape, elem)
	}
	return EncodedTensor(shape, elem, Dict(NamedAttr{StridesKey, I64Array(strides...)}))
}

// equalStrides compares strides where they matter: not along dimensions of size 1,
// and not at all in an empty tensor.
func equalStrides(shape, a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for _, n := range shape {
		if n == 0 {
			return true
		}
	}
	for i := range a {
		if a[i] != b[i] && shape[i] != 1 {
			return false
		}
	}
	return true
}

// RowMajor is the strides of a contiguous tensor; ok is false if they depend on a
// dynamic size.
func RowMajor(shape []int64) (strides []int64, ok bool) {
	strides = make([]int64, len(shape))
	step := int64(1)
	for i := len(shape) - 1; i >= 0; i-- {
		if step == Dynamic {
			return nil, false
		}
		strides[i] = step
		switch {
		case shape[i] == Dynamic:
			step = Dynamic
		case shape[i] > 1:
			step *= shape[i]
		}
	}
	return strides, true
}

// Static reports whether every size is known.
func Static(shape []int64) bool {
	for _, n := range shape {
		if n < 0 {
			return false
		}
	}
	return true
}

// NumElements is the product of the sizes, all of which must be known; ok is false
// if it does not fit 63 bits.
func NumElements(shape []int64) (n int64, ok bool) {
	for _, d := range shape {
		if d == 0 {
			return 0, true
		}
	}
	n = 1
	for _, d := range shape {
		if d < 0 || n > math.MaxInt64/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// Shape is the sizes; callers must not change it.
func (t *MemRefType) Shape() []int64 { return t.shape }

// Elem is the element type.
func (t *MemRefType) Elem() Type { return t.elem }

// Layout is the layout attribute, nil for row-major.
func (t *MemRefType) Layout() Attr { return t.layout }

// Space is the memory space attribute or nil.
func (t *MemRefType) Space() Attr { return t.space }

// Inputs of the function.
func (t *FunctionType) Inputs() []Type { return t.inputs }

// Results of the function.
func (t *FunctionType) Results() []Type { return t.results }

// Elems of the tuple.
func (t *TupleType) Elems() []Type { return t.elems }

// Shape of the vector.
func (t *VectorType) Shape() []int64 { return t.shape }

// Elem is the element type.
func (t *VectorType) Elem() Type { return t.elem }

// ElemType is the element type of a shaped type, and t itself otherwise.
func ElemType(t Type) Type {
	switch t := t.(type) {
	case *TensorType:
		return t.elem
	case *MemRefType:
		return t.elem
	case *VectorType:
		return t.elem
	}
	return t
}

// ShapeOf is the sizes of a tensor, memref or vector; nil for a scalar.
func ShapeOf(t Type) []int64 {
	switch t := t.(type) {
	case *TensorType:
		return t.shape
	case *MemRefType:
		return t.shape
	case *VectorType:
		return t.shape
	}
	return nil
}

// IsFloat reports whether the element type of t is a float.
func IsFloat(t Type) bool { _, ok := ElemType(t).(*FloatType); return ok }

// IsInteger reports whether the element type of t is an integer, i1 included.
func IsInteger(t Type) bool { _, ok := ElemType(t).(*IntegerType); return ok }

// IsBool reports whether the element type of t is i1.
func IsBool(t Type) bool { return ElemType(t) == Type(I1) }

// ByteSize is the number of bytes an element of scalar type t takes in memory.
func ByteSize(t Type) int64 {
	switch t := t.(type) {
	case *FloatType:
		return int64(t.bits / 8)
	case *IntegerType:
		return int64((t.bits + 7) / 8)
	case *IndexType:
		return 8
	}
	return 0
}

func writeShape(b *strings.Builder, shape []int64) {
	for _, n := range shape {
		if n < 0 {
			b.WriteString("?x")
			continue
		}
		b.WriteString(strconv.FormatInt(n, 10))
		b.WriteByte('x')
	}
}

func writeFunctionType(b *strings.Builder, inputs, results []Type) {
	b.WriteByte('(')
	b.WriteString(joinTypes(inputs))
	b.WriteString(") -> ")
	if len(results) == 1 {
		if _, nested := results[0].(*FunctionType); !nested {
			b.WriteString(results[0].String())
			return
		}
	}
	b.WriteByte('(')
	b.WriteString(joinTypes(results))
	b.WriteByte(')')
}

func joinTypes(types []Type) string {
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = t.String()
	}
	return strings.Join(parts, ", ")
}

func clone[T any](s []T) []T { return append([]T(nil), s...) }
