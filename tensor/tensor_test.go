package tensor_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/tensor"
)

func Example() {
	x := tensor.Of([]int64{2, 3}, []float32{1, 2, 3, 4, 5, 6})
	column, err := x.Strided([]int64{1, 2}) // column-major
	if err != nil {
		panic(err)
	}
	fmt.Println(unsafe.Slice((*float32)(unsafe.Pointer(&column[0])), 6))

	y, err := tensor.FromStrided(tensor.F32, x.Shape, []int64{1, 2}, column)
	if err != nil {
		panic(err)
	}
	tensor.Values[float32](y)[4] = 5.5
	worst, ok := tensor.Agree(y, x, tensor.ToleranceOf(tensor.F32, false))
	fmt.Println(ok, worst)
	// Output:
	// [1 4 2 5 3 6]
	// false at [1 1]: got 5.5, want 5: differ by 0.5, more than 5.6e-05
}

var all = []tensor.DType{tensor.F32, tensor.F64, tensor.I64, tensor.I32, tensor.I16, tensor.I8,
	tensor.U8, tensor.Bool, tensor.F16, tensor.BF16}

func TestDTypeNames(t *testing.T) {
	for _, d := range all {
		back, err := tensor.ParseDType(d.String())
		require.NoError(t, err)
		assert.Equal(t, d, back)
		back, err = tensor.ParseFileName(d.FileName())
		require.NoError(t, err)
		assert.Equal(t, d, back)
		text, err := json.Marshal(d)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, d, back)
		assert.Positive(t, d.Size())
	}
	for _, d := range []tensor.DType{tensor.Invalid, 200} {
		assert.Zero(t, d.Size())
		_, err := d.MarshalText()
		assert.Error(t, err)
		_, err = tensor.ParseDType(d.String())
		assert.Error(t, err)
		_, err = tensor.ParseFileName(d.FileName())
		assert.Error(t, err)
		_, err = tensor.New(d, []int64{2})
		assert.Error(t, err)
	}
}

func TestHalfPrecisionIsExact(t *testing.T) {
	for bits, want := range map[tensor.Float16]float64{
		0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 0x1p-24, 0x03ff: 0x3ffp-24,
		0x0400: 0x1p-14, 0x8001: -0x1p-24, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0x3555: 0x1.554p-2,
	} {
		assert.Equal(t, want, float64(bits.Float32()), "%#04x", uint16(bits))
	}
	assert.True(t, math.IsNaN(float64(tensor.Float16(0x7e00).Float32())))
	assert.True(t, math.Signbit(float64(tensor.Float16(0x8000).Float32())))
	assert.Equal(t, float32(-1.5), tensor.BFloat16(0xbfc0).Float32())
}

func TestDataIsAligned(t *testing.T) {
	for n := range int64(200) {
		b := tensor.AlignedBytes(n)
		require.Len(t, b, int(n))
		p := unsafe.Pointer(unsafe.SliceData(b))
		require.NotNil(t, p)
		require.Zero(t, uintptr(p)%tensor.Alignment)
	}
	empty, err := tensor.New(tensor.F64, []int64{0, 3})
	require.NoError(t, err)
	assert.NotNil(t, empty.Pointer())
	assert.Zero(t, empty.Len())
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		shape []int64
		want  int64
		err   string
	}{
		{nil, 1, ""},
		{[]int64{2, 3}, 6, ""},
		{[]int64{2, 0}, 0, ""},
		{[]int64{-1}, 0, "dimension 0 of shape [-1] is negative"},
		{[]int64{0, -1}, 0, "negative"},
		{[]int64{1 << 32, 1 << 31}, 0, "overflows int64"},
		{[]int64{1 << 32, 1 << 32}, 0, "overflows int64"},
		{[]int64{1 << 32, 0, 1 << 32}, 0, "overflows int64"},
		{slices.Repeat([]int64{1}, 65), 0, "65 dimensions"},
	} {
		n, err := tensor.Count(c.shape)
		if c.err != "" {
			assert.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, n)
	}
	_, err := tensor.New(tensor.F64, []int64{1 << 61})
	assert.ErrorContains(t, err, "more than")
	_, err = tensor.New(tensor.I8, []int64{tensor.MaxBytes + 1})
	assert.ErrorContains(t, err, "more than")
}

func TestValues(t *testing.T) {
	x := tensor.Of([]int64{3}, []int64{1, 2, 3})
	tensor.Values[int64](x)[1] = 7
	assert.Equal(t, int64(7), x.At(1))
	y := x.Clone()
	tensor.Values[int64](y)[1] = 8
	assert.Equal(t, int64(7), x.At(1))
	assert.Equal(t, true, tensor.Scalar(true).At(0))
	assert.Equal(t, float32(1), tensor.Scalar(tensor.Float16(0x3c00)).At(0))
	assert.Panics(t, func() { tensor.Values[float32](x) })
	assert.Panics(t, func() { tensor.Of([]int64{2}, []float32{1}) })
	assert.Equal(t, []int64{1, 0, 2}, tensor.Index([]int64{2, 1, 3}, 5))

	x.Shape[0] = 2
	assert.ErrorContains(t, x.Validate(), "16 bytes, got 24")
	x = tensor.Tensor{DType: tensor.F64, Shape: []int64{1}, Data: tensor.AlignedBytes(9)[1:]}
	assert.ErrorContains(t, x.Validate(), "not aligned")
}

func TestStrided(t *testing.T) {
	six := tensor.Of([]int64{2, 3}, []int32{1, 2, 3, 4, 5, 6})
	repeated := tensor.Of([]int64{2, 3}, []int32{1, 2, 3, 1, 2, 3})
	windows := tensor.Of([]int64{3, 2}, []int32{1, 2, 2, 3, 3, 4})
	for _, c := range []struct {
		name    string
		t       tensor.Tensor
		strides []int64
		want    []int32
	}{
		{"row-major", six, []int64{3, 1}, []int32{1, 2, 3, 4, 5, 6}},
		{"column-major", six, []int64{1, 2}, []int32{1, 4, 2, 5, 3, 6}},
		{"padded rows", six, []int64{4, 1}, []int32{1, 2, 3, 0, 4, 5, 6}},
		{"every second", six, []int64{6, 2}, []int32{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6}},
		{"stride 0", repeated, []int64{0, 1}, []int32{1, 2, 3}},
		{"overlapping windows", windows, []int64{1, 1}, []int32{1, 2, 3, 4}},
		{"scalar", tensor.Scalar(int32(9)), nil, []int32{9}},
		{"dimension of 1 with any stride", tensor.Of([]int64{2, 1}, []int32{1, 2}), []int64{1, 1000}, []int32{1, 2}},
		{"no elements", tensor.Of([]int64{2, 0, 3}, []int32{}), []int64{0, 7, 1}, []int32{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			buf, err := c.t.Strided(c.strides)
			require.NoError(t, err)
			got := tensor.Tensor{DType: tensor.I32, Data: buf}
			assert.Equal(t, c.want, tensor.Values[int32](got))
			back, err := tensor.FromStrided(tensor.I32, c.t.Shape, c.strides, buf)
			require.NoError(t, err)
			assert.Equal(t, c.t.Data, back.Data)
		})
	}
	for _, c := range []struct {
		strides []int64
		want    string
	}{
		{[]int64{0, 1}, "elements that share storage have different values"},
		{[]int64{1, 1}, "share storage"},
		{[]int64{1}, "differ in length"},
		{[]int64{-3, 1}, "negative"},
		{[]int64{math.MaxInt64, 1}, "overflows int64"},
		{[]int64{1 << 60, 1}, "more than"},
	} {
		_, err := six.Strided(c.strides)
		assert.ErrorContains(t, err, c.want)
	}
	_, err := tensor.FromStrided(tensor.I32, []int64{2, 3}, []int64{4, 1}, make([]byte, 24))
	assert.ErrorContains(t, err, "wants 28 bytes, got 24")
	assert.Equal(t, []int64{12, 4, 1}, tensor.RowMajor([]int64{2, 3, 4}))
}

func TestAgree(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	f64 := func(v ...float64) tensor.Tensor { return tensor.Of([]int64{int64(len(v))}, v) }
	f32 := func(v ...float32) tensor.Tensor { return tensor.Of([]int64{int64(len(v))}, v) }
	for _, c := range []struct {
		name      string
		got, want tensor.Tensor
		path      bool
		ok        bool
	}{
		{"equal", f32(1, 2), f32(1, 2), false, true},
		{"near", f32(1, 2.00002), f32(1, 2), false, true},
		{"far", f32(1, 2.00003), f32(1, 2), false, false},
		{"absolute part grows with the largest", f32(0.0009, 1000), f32(0, 1000), false, true},
		{"but not with infinity", f32(0.0009, float32(inf)), f32(0, float32(inf)), false, false},
		{"nor with NaN", f32(0.0009, float32(nan)), f32(0, float32(nan)), false, false},
		{"nor with the values got", f32(0.0009, 1000), f32(0, 1000.001), false, true},
		{"f64 is tight", f64(1.000001), f64(1), false, false},
		{"f64 within", f64(1 + 1.9e-10), f64(1), false, true},
		{"f64 beyond", f64(1 + 2.1e-10), f64(1), false, false},
		{"f64 with f32 on the path", f64(1.00001), f64(1), true, true},
		{"NaN equals NaN", f64(nan), f64(nan), false, true},
		{"NaN for a number", f64(nan), f64(1), false, false},
		{"a number for NaN", f64(1), f64(nan), false, false},
		{"infinities", f64(inf, -inf), f64(inf, -inf), false, true},
		{"the other infinity", f64(inf), f64(-inf), false, false},
		{"infinity for a number", f64(inf), f64(1e308), false, false},
		{"a number for infinity", f64(1e308), f64(inf), false, false},
		{"NaN for infinity", f64(nan), f64(inf), false, false},
		{"zeros", f64(math.Copysign(0, -1)), f64(0), false, true},
		{"difference overflows", f64(-1.7e308), f64(1.7e308), false, false},
		{"integers", tensor.Scalar(int64(3)), tensor.Scalar(int64(3)), false, true},
		{"large integers", tensor.Scalar(int64(1<<53 + 1)), tensor.Scalar(int64(1 << 53)), true, false},
		{"bytes", tensor.Scalar(uint8(0)), tensor.Scalar(uint8(255)), false, false},
		{"booleans", tensor.Scalar(true), tensor.Scalar(true), false, true},
		{"different booleans", tensor.Scalar(true), tensor.Scalar(false), false, false},
		{"dtypes", f32(1), f64(1), false, false},
		{"shapes", f32(1), tensor.Scalar(float32(1)), false, false},
		{"no elements", f32(), f32(), false, true},
		{"f16", tensor.Scalar(tensor.Float16(0x3c01)), tensor.Scalar(tensor.Float16(0x3c00)), false, true},
		{"f16 far", tensor.Scalar(tensor.Float16(0x3c03)), tensor.Scalar(tensor.Float16(0x3c00)), false, false},
		{"bf16", tensor.Scalar(tensor.BFloat16(0x3f80)), tensor.Scalar(tensor.BFloat16(0x3f81)), false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tol := tensor.ToleranceOf(c.want.DType, c.path)
			worst, ok := tensor.Agree(c.got, c.want, tol)
			assert.Equal(t, c.ok, ok, worst.String())
			assert.Equal(t, c.ok, worst.Agrees())
			_, total := tensor.Mismatches(c.got, c.want, tol, 1)
			assert.Equal(t, c.ok, total == 0)
		})
	}
}

func TestMismatchesAreWorstFirst(t *testing.T) {
	want := tensor.Of([]int64{2, 3}, []float64{0, 0, 0, 0, 0, 0})
	got := tensor.Of([]int64{2, 3}, []float64{0, 1, 3, 2, math.NaN(), 3})
	tol := tensor.ToleranceOf(tensor.F64, false)
	worst, total := tensor.Mismatches(got, want, tol, 3)
	assert.Equal(t, int64(5), total)
	require.Len(t, worst, 3)
	assert.Equal(t, []int64{1, 1}, worst[0].Index)
	assert.Equal(t, []int64{0, 2}, worst[1].Index)
	assert.Equal(t, []int64{1, 2}, worst[2].Index)
	first, ok := tensor.Agree(got, want, tol)
	assert.False(t, ok)
	assert.Equal(t, worst[0].String(), first.String())

	m, _ := tensor.Agree(tensor.Scalar(float32(1)), tensor.Scalar(float64(1)), tol)
	assert.Equal(t, "element types differ: got f32, want f64", m.String())
	m, _ = tensor.Agree(tensor.Tensor{}, want, tol)
	assert.Contains(t, m.String(), "malformed")
	m, ok = tensor.Agree(want, want, tol)
	assert.True(t, ok)
	assert.Equal(t, "at [0 0]: got 0, want 0: differ by 0, within 1e-10", m.String())
}
