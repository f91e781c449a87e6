package tensor

import (
	"fmt"
	"math"
)

// DType is the type of a tensor's elements. The zero DType is invalid.
type DType uint8

// The element types. Float16 and BFloat16 are stored and compared, not computed with.
const (
	Invalid DType = iota
	F32
	F64
	I64
	I32
	I16
	I8
	U8
	Bool
	F16
	BF16
)

var dtypes = [...]struct {
	name, file string
	size       int64
}{
	Invalid: {"invalid", "INVALID", 0},
	F32:     {"f32", "F32", 4},
	F64:     {"f64", "F64", 8},
	I64:     {"i64", "I64", 8},
	I32:     {"i32", "I32", 4},
	I16:     {"i16", "I16", 2},
	I8:      {"i8", "I8", 1},
	U8:      {"ui8", "U8", 1},
	Bool:    {"i1", "BOOL", 1},
	F16:     {"f16", "F16", 2},
	BF16:    {"bf16", "BF16", 2},
}

func (d DType) known() bool { return d > Invalid && int(d) < len(dtypes) }

// Size is the number of bytes of an element, 0 of an invalid DType.
func (d DType) Size() int64 {
	if !d.known() {
		return 0
	}
	return dtypes[d].size
}

// String is the name of d in IR text: f32, i64, i1.
func (d DType) String() string {
	if !d.known() {
		return fmt.Sprintf("invalid(%d)", uint8(d))
	}
	return dtypes[d].name
}

// FileName is the name of d in a safetensors file: F32, I64, BOOL.
func (d DType) FileName() string {
	if !d.known() {
		return dtypes[Invalid].file
	}
	return dtypes[d].file
}

// IsFloat reports whether the elements are floating-point numbers.
func (d DType) IsFloat() bool { return d == F32 || d == F64 || d == F16 || d == BF16 }

// ParseDType reads a name as String writes it.
func ParseDType(name string) (DType, error) {
	for d := Invalid + 1; int(d) < len(dtypes); d++ {
		if dtypes[d].name == name {
			return d, nil
		}
	}
	return Invalid, fmt.Errorf("unknown element type %q", name)
}

// ParseFileName reads a name as FileName writes it.
func ParseFileName(name string) (DType, error) {
	for d := Invalid + 1; int(d) < len(dtypes); d++ {
		if dtypes[d].file == name {
			return d, nil
		}
	}
	return Invalid, fmt.Errorf("unknown element type %q", name)
}

// MarshalText writes the name of d in IR text.
func (d DType) MarshalText() ([]byte, error) {
	if !d.known() {
		return nil, fmt.Errorf("%s is no element type", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads a name as MarshalText writes it.
func (d *DType) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDType(string(text))
	return err
}

// Float16 is the storage of an IEEE 754 binary16 number.
type Float16 uint16

// BFloat16 is the storage of the upper half of a float32.
type BFloat16 uint16

// Float32 is the number that h stores, exactly.
func (h Float16) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10)&0x1f, uint32(h&0x3ff)
	switch exp {
	case 0: // zero and subnormals: frac * 2^-24
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// Float32 is the number that h stores, exactly.
func (h BFloat16) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// Element is a Go type whose slice can view a tensor's data.
type Element interface {
	float32 | float64 | int64 | int32 | int16 | int8 | uint8 | bool | Float16 | BFloat16
}

// DTypeOf is the element type that T stores.
func DTypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return F32
	case float64:
		return F64
	case int64:
		return I64
	case int32:
		return I32
	case int16:
		return I16
	case int8:
		return I8
	case uint8:
		return U8
	case bool:
		return Bool
	case Float16:
		return F16
	case BFloat16:
		return BF16
	}
	panic("unreachable: Element is a closed set")
}
