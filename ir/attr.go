package ir

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// An Attr is an immutable compile-time value. String is MLIR's spelling.
type Attr interface {
	String() string
	isAttr()
}

// NamedAttr is an entry of an attribute dictionary.
type NamedAttr struct {
	Name string
	Attr Attr
}

type (
	// IntegerAttr is an integer of integer or index type; i1 prints as true or false.
	IntegerAttr struct {
		Value int64
		Type  Type
	}
	// FloatAttr is a float of the given type.
	FloatAttr struct {
		Value float64
		Type  Type
	}
	// StringAttr is a byte string.
	StringAttr string
	// UnitAttr is present or absent, with no value.
	UnitAttr struct{}
	// TypeAttr wraps a type.
	TypeAttr struct{ Type Type }
	// SymbolRefAttr names a symbol, possibly nested.
	SymbolRefAttr struct{ Path string } // "a" or "a::@b", each part without its first "@"
	// ArrayAttr is a list of attributes.
	ArrayAttr struct{ Elems []Attr }
	// DictAttr maps names to attributes, sorted by name.
	DictAttr struct{ Entries []NamedAttr }
	// DenseArrayAttr is array<i64: 1, 2>: a flat list of integers, floats or booleans.
	DenseArrayAttr struct {
		Elem   Type
		Values []Scalar
	}
	// DenseAttr is dense<...> : a tensor constant; one value means a splat.
	DenseAttr struct {
		Type   *TensorType
		Values []Scalar
	}
	// StridedAttr is the memref layout strided<[...], offset: n>; Dynamic prints as "?".
	StridedAttr struct {
		Strides []int64
		Offset  int64
	}
	// AffineMapAttr wraps an affine map.
	AffineMapAttr struct{ Map *AffineMap }
	// OpaqueAttr is a dialect attribute kept by its text, such as #linalg.iterator_type<parallel>.
	OpaqueAttr string
)

func (IntegerAttr) isAttr()     {}
func (FloatAttr) isAttr()       {}
func (StringAttr) isAttr()      {}
func (UnitAttr) isAttr()        {}
func (TypeAttr) isAttr()        {}
func (SymbolRefAttr) isAttr()   {}
func (*ArrayAttr) isAttr()      {}
func (*DictAttr) isAttr()       {}
func (*DenseArrayAttr) isAttr() {}
func (*DenseAttr) isAttr()      {}
func (*StridedAttr) isAttr()    {}
func (AffineMapAttr) isAttr()   {}
func (OpaqueAttr) isAttr()      {}

// Scalar is one number: F holds floats, I integers, booleans (0 or 1) and indices.
// Which of them counts is said by the type it comes with.
type Scalar struct {
	F float64
	I int64
}

// I64Attr is an integer attribute of type i64.
func I64Attr(v int64) IntegerAttr { return IntegerAttr{v, I64} }

// IndexAttr is an integer attribute of type index.
func IndexAttr(v int64) IntegerAttr { return IntegerAttr{v, Index} }

// BoolAttr is true or false.
func BoolAttr(v bool) IntegerAttr {
	if v {
		return IntegerAttr{1, I1}
	}
	return IntegerAttr{0, I1}
}

// F64Attr is a float attribute of type f64.
func F64Attr(v float64) FloatAttr { return FloatAttr{v, F64} }

// Array is a list of attributes.
func Array(elems ...Attr) *ArrayAttr { return &ArrayAttr{elems} }

// I64Array is array<i64: ...>.
func I64Array(values ...int64) *DenseArrayAttr {
	a := &DenseArrayAttr{Elem: I64, Values: make([]Scalar, len(values))}
	for i, v := range values {
		a.Values[i].I = v
	}
	return a
}

// I32Array is array<i32: ...>, used for segment sizes.
func I32Array(values ...int64) *DenseArrayAttr {
	a := I64Array(values...)
	a.Elem = I32
	return a
}

// Ints is the values of an integer array.
func (a *DenseArrayAttr) Ints() []int64 {
	out := make([]int64, len(a.Values))
	for i, v := range a.Values {
		out[i] = v.I
	}
	return out
}

// Dict is a dictionary; entries are sorted by name.
func Dict(entries ...NamedAttr) *DictAttr {
	entries = clone(entries)
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Name < entries[j].Name })
	return &DictAttr{entries}
}

// Get is the attribute of that name or nil.
func (a *DictAttr) Get(name string) Attr {
	for _, e := range a.Entries {
		if e.Name == name {
			return e.Attr
		}
	}
	return nil
}

// With is the dictionary with name set to attr; nil removes it.
func (a *DictAttr) With(name string, attr Attr) *DictAttr {
	var entries []NamedAttr
	if a != nil {
		for _, e := range a.Entries {
			if e.Name != name {
				entries = append(entries, e)
			}
		}
	}
	if attr != nil {
		entries = append(entries, NamedAttr{name, attr})
	}
	return Dict(entries...)
}

// Splat reports whether all elements of the constant are one value.
func (a *DenseAttr) Splat() bool { return len(a.Values) == 1 }

// AttrEqual compares attributes; nil equals nil only.
func AttrEqual(a, b Attr) bool {
	if a == nil || b == nil {
		return a == b
	}
	switch a := a.(type) {
	case StringAttr, IntegerAttr, UnitAttr, TypeAttr, SymbolRefAttr, OpaqueAttr:
		return a == b
	case FloatAttr:
		// NaN attributes with equal bits are equal; 0.0 and -0.0 are not.
		b, ok := b.(FloatAttr)
		return ok && a.Type == b.Type && math.Float64bits(a.Value) == math.Float64bits(b.Value)
	}
	return a.String() == b.String()
}

func (a IntegerAttr) String() string {
	if a.Type == Type(I1) {
		if a.Value != 0 {
			return "true"
		}
		return "false"
	}
	return strconv.FormatInt(a.Value, 10) + " : " + a.Type.String()
}

func (a FloatAttr) String() string { return FormatFloat(a.Value, a.Type) + " : " + a.Type.String() }

func (a StringAttr) String() string { return Quote(string(a)) }

func (UnitAttr) String() string { return "unit" }

func (a TypeAttr) String() string { return a.Type.String() }

// String quotes the parts that are not bare identifiers.
func (a SymbolRefAttr) String() string {
	parts := strings.Split(a.Path, "::@")
	for i, part := range parts {
		if !isBareID(part) {
			parts[i] = Quote(part)
		}
	}
	return "@" + strings.Join(parts, "::@")
}

func (a *ArrayAttr) String() string {
	parts := make([]string, len(a.Elems))
	for i, e := range a.Elems {
		parts[i] = e.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (a *DictAttr) String() string {
	parts := make([]string, len(a.Entries))
	for i, e := range a.Entries {
		parts[i] = e.String()
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// String prints name = value, or the bare name of a unit attribute. A name that is
// not a bare identifier is quoted.
func (n NamedAttr) String() string {
	name := n.Name
	if !isBareID(name) {
		name = Quote(name)
	}
	if _, unit := n.Attr.(UnitAttr); unit {
		return name
	}
	return name + " = " + n.Attr.String()
}

func (a *DenseArrayAttr) String() string {
	if len(a.Values) == 0 {
		return "array<" + a.Elem.String() + ">"
	}
	return "array<" + a.Elem.String() + ": " + joinScalars(a.Values, a.Elem) + ">"
}

func (a *DenseAttr) String() string {
	var b strings.Builder
	b.WriteString("dense<")
	switch {
	case a.Splat():
		b.WriteString(FormatScalar(a.Values[0], a.Type.Elem()))
	case len(a.Values) > 0:
		writeNested(&b, a.Values, a.Type.Shape(), a.Type.Elem())
	}
	b.WriteString("> : ")
	b.WriteString(a.Type.String())
	return b.String()
}

func writeNested(b *strings.Builder, values []Scalar, shape []int64, elem Type) {
	if len(shape) == 0 {
		b.WriteString(FormatScalar(values[0], elem))
		return
	}
	step := len(values) / int(shape[0])
	b.WriteByte('[')
	for i := 0; i < int(shape[0]); i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		writeNested(b, values[i*step:(i+1)*step], shape[1:], elem)
	}
	b.WriteByte(']')
}

func (a *StridedAttr) String() string {
	parts := make([]string, len(a.Strides))
	for i, s := range a.Strides {
		parts[i] = formatSize(s)
	}
	text := "strided<[" + strings.Join(parts, ", ") + "]"
	if a.Offset != 0 {
		text += ", offset: " + formatSize(a.Offset)
	}
	return text + ">"
}

func formatSize(n int64) string {
	if n == Dynamic {
		return "?"
	}
	return strconv.FormatInt(n, 10)
}

func (a AffineMapAttr) String() string { return "affine_map<" + a.Map.String() + ">" }

func (a OpaqueAttr) String() string { return string(a) }

func joinScalars(values []Scalar, elem Type) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = FormatScalar(v, elem)
	}
	return strings.Join(parts, ", ")
}

// FormatScalar prints one number of the given type without its type.
func FormatScalar(v Scalar, t Type) string {
	switch {
	case IsBool(t):
		return strconv.FormatBool(v.I != 0)
	case IsFloat(t):
		return FormatFloat(v.F, t)
	}
	return strconv.FormatInt(v.I, 10)
}

// FormatFloat prints v so that MLIR and this project read back the same bits: the
// shortest decimal of the type's precision with a point, or the bits in
// hexadecimal for infinities and NaN.
func FormatFloat(v float64, t Type) string {
	bits := 64
	if f, ok := t.(*FloatType); ok {
		bits = f.bits
	}
	if math.IsInf(v, 0) || math.IsNaN(v) {
		switch {
		case bits == 64:
			return fmt.Sprintf("0x%016X", math.Float64bits(v))
		case bits == 32:
			return fmt.Sprintf("0x%08X", math.Float32bits(float32(v)))
		case t == Type(BF16):
			return fmt.Sprintf("0x%04X", math.Float32bits(float32(v))>>16)
		}
		return fmt.Sprintf("0x%04X", halfSpecial(v))
	}
	precision := 64
	if bits <= 32 {
		precision = 32
	}
	if a := math.Abs(v); a == 0 || a >= 1e-4 && a < 1e15 {
		text := strconv.FormatFloat(v, 'f', -1, precision)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	text := strconv.FormatFloat(v, 'e', -1, precision)
	mantissa, exponent, _ := strings.Cut(text, "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0" // MLIR wants a point before an exponent
	}
	return mantissa + "e" + exponent
}

// halfSpecial is the f16 bits of an infinity or NaN.
func halfSpecial(v float64) uint16 {
	switch {
	case math.IsNaN(v):
		return 0x7E00
	case v < 0:
		return 0xFC00
	}
	return 0x7C00
}

// Quote prints a string literal: printable ASCII as it is, quotes and backslashes
// escaped, other bytes as \HH, as MLIR does.
func Quote(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '"' || c < 0x20 || c >= 0x7f:
			b.WriteByte('\\')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isBareID reports whether name needs no quotes as an attribute name.
func isBareID(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '$' || c == '.')) {
			return false
		}
	}
	return name != ""
}
