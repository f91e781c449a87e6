package tensor

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"unsafe"
)

// Alignment is the alignment in bytes of data that this package allocates: a
// cache line, and the widest vector register.
const Alignment = 64

// MaxBytes bounds one tensor's data, so that a wild shape in a file is an error
// and not the end of the process.
const MaxBytes = 1 << 40

// MaxRank bounds the number of dimensions.
const MaxRank = 64

// Tensor is a contiguous row-major array. Copies of a Tensor share Data.
type Tensor struct {
	DType DType
	Shape []int64 // empty for a scalar
	Data  []byte  // Count(Shape) * DType.Size() bytes, aligned for DType
}

// New makes a tensor of zeros. The error tells what is wrong with the shape.
func New(d DType, shape []int64) (Tensor, error) {
	n, err := Bytes(d, shape)
	if err != nil {
		return Tensor{}, err
	}
	return Tensor{DType: d, Shape: slices.Clone(shape), Data: AlignedBytes(n)}, nil
}

// Of makes a tensor that holds a copy of values. It panics if their number is
// not that of the shape: it is for literals.
func Of[T Element](shape []int64, values []T) Tensor {
	t, err := New(DTypeOf[T](), shape)
	if err != nil {
		panic(err)
	}
	if int64(len(values)) != t.Len() {
		panic(fmt.Sprintf("tensor.Of: shape %v wants %d values, got %d", shape, t.Len(), len(values)))
	}
	copy(Values[T](t), values)
	return t
}

// Scalar makes a tensor of no dimensions.
func Scalar[T Element](value T) Tensor { return Of(nil, []T{value}) }

// Count is the number of elements of a shape. A negative dimension, more than
// MaxRank of them, or sizes whose product does not fit int64 are errors; the
// last also where another dimension is 0, so that strides can be computed.
func Count(shape []int64) (int64, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("%d dimensions, at most %d are supported", len(shape), MaxRank)
	}
	n, zero := int64(1), false
	for i, d := range shape {
		switch {
		case d < 0:
			return 0, fmt.Errorf("dimension %d of shape %v is negative", i, shape)
		case d == 0:
			zero = true
		default:
			var ok bool
			if n, ok = mul(n, d); !ok {
				return 0, fmt.Errorf("the number of elements of shape %v overflows int64", shape)
			}
		}
	}
	if zero {
		return 0, nil
	}
	return n, nil
}

// Bytes is the size of a contiguous tensor; above MaxBytes it is an error.
func Bytes(d DType, shape []int64) (int64, error) {
	if !d.known() {
		return 0, fmt.Errorf("%s is no element type", d)
	}
	n, err := Count(shape)
	if err != nil {
		return 0, err
	}
	return inBytes(n, d)
}

func inBytes(n int64, d DType) (int64, error) {
	size, ok := mul(n, d.Size())
	if !ok || size > MaxBytes {
		return 0, fmt.Errorf("%d elements of %s are more than %d bytes", n, d, int64(MaxBytes))
	}
	return size, nil
}

// mul multiplies non-negative numbers; false if the product overflows.
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && int64(lo) >= 0
}

// AlignedBytes allocates n zero bytes that start at a multiple of Alignment.
// The slice has an address even if n is 0.
func AlignedBytes(n int64) []byte {
	raw := make([]byte, n+Alignment)
	start := -uintptr(unsafe.Pointer(unsafe.SliceData(raw))) % Alignment
	return raw[start : start+uintptr(n) : start+uintptr(n)]
}

// Len is the number of elements.
func (t Tensor) Len() int64 {
	if t.DType.Size() == 0 {
		return 0
	}
	return int64(len(t.Data)) / t.DType.Size()
}

// Pointer is the address of the first element; of a tensor made by this package
// it is never nil. The caller keeps t alive while it is in use.
func (t Tensor) Pointer() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(t.Data)) }

// Validate reports what keeps a Tensor built by hand from being one.
func (t Tensor) Validate() error {
	n, err := Bytes(t.DType, t.Shape)
	switch {
	case err != nil:
		return err
	case int64(len(t.Data)) != n:
		return fmt.Errorf("%s of shape %v is %d bytes, got %d", t.DType, t.Shape, n, len(t.Data))
	case uintptr(t.Pointer())%uintptr(t.DType.Size()) != 0:
		return errors.New("data is not aligned for " + t.DType.String())
	}
	return nil
}

// Clone copies t, data included.
func (t Tensor) Clone() Tensor {
	data := AlignedBytes(int64(len(t.Data)))
	copy(data, t.Data)
	return Tensor{DType: t.DType, Shape: slices.Clone(t.Shape), Data: data}
}

// Values views the data of t as elements; writing to them writes to t. It
// panics if T is not the element type of t.
func Values[T Element](t Tensor) []T {
	if d := DTypeOf[T](); d != t.DType {
		panic(fmt.Sprintf("tensor.Values: tensor of %s read as %s", t.DType, d))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(t.Data))), t.Len())
}

// At is element i in row-major order as a Go value: float32, int64, bool, ...;
// a half-precision number as float32. It panics out of range.
func (t Tensor) At(i int64) any {
	switch t.DType {
	case F32:
		return Values[float32](t)[i]
	case F64:
		return Values[float64](t)[i]
	case I64:
		return Values[int64](t)[i]
	case I32:
		return Values[int32](t)[i]
	case I16:
		return Values[int16](t)[i]
	case I8:
		return Values[int8](t)[i]
	case U8:
		return Values[uint8](t)[i]
	case Bool:
		return t.Data[i] != 0 // not through []bool: an engine may have written 255
	case F16:
		return Values[Float16](t)[i].Float32()
	case BF16:
		return Values[BFloat16](t)[i].Float32()
	}
	panic("tensor.At: " + t.DType.String())
}

// Index is the position of element i of a row-major shape, one number a dimension.
func Index(shape []int64, i int64) []int64 {
	index := make([]int64, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		index[k], i = i%shape[k], i/shape[k]
	}
	return index
}
