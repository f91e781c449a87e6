package tensor

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// RowMajor is the strides of a contiguous tensor, in elements.
func RowMajor(shape []int64) []int64 {
	strides := make([]int64, len(shape))
	step := int64(1)
	for k := len(shape) - 1; k >= 0; k-- {
		strides[k] = step
		step *= max(shape[k], 1)
	}
	return strides
}

// Extent is the number of elements of the smallest buffer in which a tensor of
// this shape and these strides lies, whether its elements overlap or not:
// 1 + sum((shape-1)*stride), or 0 for a tensor without elements.
func Extent(shape, strides []int64) (int64, error) {
	if len(shape) != len(strides) {
		return 0, fmt.Errorf("shape %v and strides %v differ in length", shape, strides)
	}
	n, err := Count(shape)
	if err != nil {
		return 0, err
	}
	extent := int64(1)
	for i, s := range strides {
		if s < 0 {
			return 0, fmt.Errorf("stride %d of %v is negative", i, strides)
		}
		if shape[i] == 0 {
			continue
		}
		reach, ok := mul(shape[i]-1, s)
		if !ok || reach > math.MaxInt64-extent {
			return 0, fmt.Errorf("the extent of shape %v with strides %v overflows int64", shape, strides)
		}
		extent += reach
	}
	if n == 0 {
		return 0, nil
	}
	return extent, nil
}

// Strided lays t out in a new buffer with these strides (in elements) and
// Extent(t.Shape, strides) elements; bytes between are zero. Elements may share
// a place (stride 0, overlapping windows) if they are equal, else it is an error.
func (t Tensor) Strided(strides []int64) ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	size, err := stridedBytes(t.DType, t.Shape, strides)
	if err != nil {
		return nil, err
	}
	buf := AlignedBytes(size)
	rows(t.DType, t.Shape, strides, func(dense, strided, n int64) bool {
		copy(buf[strided:strided+n], t.Data[dense:dense+n])
		return true
	})
	// A second pass sees the elements that a later one has overwritten.
	agree := rows(t.DType, t.Shape, strides, func(dense, strided, n int64) bool {
		return bytes.Equal(buf[strided:strided+n], t.Data[dense:dense+n])
	})
	if !agree {
		return nil, fmt.Errorf("shape %v with strides %v: elements that share storage have different values", t.Shape, strides)
	}
	return buf, nil
}

// FromStrided reads the tensor that lies in buf with these strides (in elements).
func FromStrided(d DType, shape, strides []int64, buf []byte) (Tensor, error) {
	t, err := New(d, shape)
	if err != nil {
		return Tensor{}, err
	}
	size, err := stridedBytes(d, shape, strides)
	if err != nil {
		return Tensor{}, err
	}
	if int64(len(buf)) < size {
		return Tensor{}, fmt.Errorf("shape %v of %s with strides %v wants %d bytes, got %d", shape, d, strides, size, len(buf))
	}
	rows(d, shape, strides, func(dense, strided, n int64) bool {
		copy(t.Data[dense:dense+n], buf[strided:strided+n])
		return true
	})
	return t, nil
}

func stridedBytes(d DType, shape, strides []int64) (int64, error) {
	extent, err := Extent(shape, strides)
	if err != nil {
		return 0, err
	}
	if !d.known() {
		return 0, errors.New(d.String() + " is no element type")
	}
	return inBytes(extent, d)
}

// rows calls f with byte offsets and lengths of the runs that are contiguous
// on both sides, in row-major order, until f says false.
func rows(d DType, shape, strides []int64, f func(dense, strided, n int64) bool) bool {
	size, inner := d.Size(), len(shape)
	run := int64(1) // elements of the trailing dimensions that are dense in both
	for inner > 0 && (shape[inner-1] == 1 || strides[inner-1] == run) {
		inner--
		run *= shape[inner]
	}
	outer, err := Count(shape[:inner])
	if err != nil || run == 0 {
		return true
	}
	index := make([]int64, inner)
	offset := int64(0)
	for i := range outer {
		if !f(i*run*size, offset*size, run*size) {
			return false
		}
		for k := inner - 1; k >= 0; k-- {
			index[k]++
			offset += strides[k]
			if index[k] < shape[k] {
				break
			}
			offset -= strides[k] * shape[k]
			index[k] = 0
		}
	}
	return true
}
