package interp_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/tensor"
)

const matmul = `func.func @f(%a: tensor<5x7xf32>, %b: tensor<7x4xf32>) -> tensor<5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<5x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<5x4xf32>) -> tensor<5x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : tensor<5x7xf32>, tensor<7x4xf32>) outs(%init : tensor<5x4xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<5x4xf32>
  func.return %r : tensor<5x4xf32>
}`

func TestGenericMultipliesMatrices(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a, b := make([]float32, 35), make([]float32, 28)
	for i := range a {
		a[i] = float32(r.NormFloat64())
	}
	for i := range b {
		b[i] = float32(r.NormFloat64())
	}
	got := call[float32](t, machine(t, matmul), of([]int64{5, 7}, a...), of([]int64{7, 4}, b...))
	for i := range 5 {
		for j := range 4 {
			want := 0.0 // rounded once, at the end
			for k := range 7 {
				want += float64(a[i*7+k]) * float64(b[k*4+j])
			}
			require.Equal(t, float32(want), got[i*4+j])
		}
	}
}

// TestTensorReductionsAreWide: on tensors a sum of f32 is gathered in float64.
func TestTensorReductionsAreWide(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<4xf32>) -> (tensor<f32>, tensor<f64>) {
  %start = tensor.empty() : tensor<f32>
  %start64 = tensor.empty() : tensor<f64>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : tensor<4xf32>) outs(%start, %start64 : tensor<f32>, tensor<f64>) {
  ^bb0(%v: f32, %acc: f32, %acc64: f64):
    %s = arith.addf %acc, %v : f32
    %w = arith.extf %s : f32 to f64
    %n = arith.truncf %w : f64 to f32
    %m = arith.extf %n : f32 to f64
    linalg.yield %s, %m : f32, f64
  } -> (tensor<f32>, tensor<f64>)
  func.return %r#0, %r#1 : tensor<f32>, tensor<f64>
}`)
	out, err := x.Call("f", []*tensor.Tensor{of([]int64{4}, float32(1<<24), 1, 1, -1<<24+1)})
	require.NoError(t, err)
	require.Equal(t, float32(3), out[0].At(0))
	require.Equal(t, 3.0, out[1].At(0))
	// A rounding that is written out is done: 2^24 + 1 in the middle of the sum.
	out, err = x.Call("f", []*tensor.Tensor{of([]int64{4}, float32(1<<24), 1, 0, 0)})
	require.NoError(t, err)
	require.Equal(t, float64(1<<24), out[1].At(0))
}

// TestGenericKeepsItsDestination: tensors are values, also where a nest reads and
// writes the same one.
func TestGenericKeepsItsDestination(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>) {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<3xi64>) outs(%x : tensor<3xi64>) {
  ^bb0(%a: i64, %b: i64):
    %s = arith.addi %a, %b : i64
    linalg.yield %s : i64
  } -> tensor<3xi64>
  func.return %x, %r : tensor<3xi64>, tensor<3xi64>
}`)
	out, err := x.Call("f", []*tensor.Tensor{of([]int64{3}, int64(1), 2, 3)})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 3}, tensor.Values[int64](*out[0]))
	require.Equal(t, []int64{2, 4, 6}, tensor.Values[int64](*out[1]))
}

func TestIndexingMaps(t *testing.T) {
	// A strided slice, a repetition and a division, with the counters themselves.
	x := machine(t, `func.func @f(%x: tensor<9xi64>, %y: tensor<3xi64>) -> tensor<2x4xi64> {
  %e = tensor.empty() : tensor<2x4xi64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 4 + d1 + 1)>, affine_map<(d0, d1) -> (d1 mod 3)>, affine_map<(d0, d1) -> ((d0 * 4 + d1) floordiv 3)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %y, %y : tensor<9xi64>, tensor<3xi64>, tensor<3xi64>) outs(%e : tensor<2x4xi64>) {
  ^bb0(%a: i64, %b: i64, %c: i64, %o: i64):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %ij = arith.addi %i, %j : index
    %n = arith.index_cast %ij : index to i64
    %s = arith.addi %a, %b : i64
    %u = arith.muli %s, %c : i64
    %v = arith.addi %u, %n : i64
    linalg.yield %v : i64
  } -> tensor<2x4xi64>
  func.return %r : tensor<2x4xi64>
}`)
	a, b := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8}, []int64{10, 20, 30}
	var want []int64
	for i := range 2 {
		for j := range 4 {
			want = append(want, (a[4*i+j+1]+b[j%3])*b[(4*i+j)/3]+int64(i+j))
		}
	}
	require.Equal(t, want, call[int64](t, x, of([]int64{9}, a...), of([]int64{3}, b...)))
}

func TestMapsThatLeaveTheirOperand(t *testing.T) {
	// The verifier refuses such a map; without it, nothing is read out of bounds.
	x := interp.New(parse(t, `func.func @f(%x: tensor<2xi64>) -> tensor<5xi64> {
  %e = tensor.empty() : tensor<5xi64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 mod 4)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<2xi64>) outs(%e : tensor<5xi64>) {
  ^bb0(%a: i64, %o: i64):
    linalg.yield %a : i64
  } -> tensor<5xi64>
  func.return %r : tensor<5xi64>
}`))
	require.Contains(t, failure(t, x, 3, of([]int64{2}, int64(1), 2)).Message, "operand 0 is accessed at 2 in dimension 0, which has size 2")
}

func TestEmptyTensors(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<0x3xf32>) -> tensor<3xf32> {
  %start = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<0x3xf32>) outs(%start : tensor<3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  func.return %r : tensor<3xf32>
}`)
	require.Equal(t, []float32{1, 2, 3}, call[float32](t, x, of[float32]([]int64{0, 3})))
}

func TestNumberOpsOnTensors(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %c = arith.constant dense<0.1> : tensor<2x2xf32>
  %s = arith.addf %x, %c : tensor<2x2xf32>
  %e = math.exp %s : tensor<2x2xf32>
  %lt = arith.cmpf olt, %e, %x : tensor<2x2xf32>
  %r = arith.select %lt, %x, %e : tensor<2x2xi1>, tensor<2x2xf32>
  func.return %r : tensor<2x2xf32>
}`)
	in := []float32{-1, 0, 1, 2}
	var want []float32
	for _, v := range in {
		want = append(want, float32(math.Exp(float64(v+0.1))))
	}
	require.Equal(t, want, call[float32](t, x, of([]int64{2, 2}, in...)))
}

func TestPartsOfTensors(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<4x8xi32>, %i: index) -> tensor<4x8xi32> {
  %c1 = arith.constant 1 : index
  %part = tensor.extract_slice %x[1, %i] [2, 3] [2, 2] : tensor<4x8xi32> to tensor<2x3xi32>
  %flat = tensor.collapse_shape %part [[0, 1]] : tensor<2x3xi32> into tensor<6xi32>
  %turned = tensor.expand_shape %flat [[0, 1]] : tensor<6xi32> into tensor<3x2xi32>
  %v = tensor.extract %turned[%c1, %c1] : tensor<3x2xi32>
  %y = tensor.insert_slice %flat into %x[0, 0] [1, 6] [1, 1] : tensor<6xi32> into tensor<4x8xi32>
  %z = tensor.insert %v into %y[%c1, %c1] : tensor<4x8xi32>
  %unused = tensor.insert %v into %x[%c1, %c1] : tensor<4x8xi32>
  func.return %z : tensor<4x8xi32>
}`)
	in := make([]int32, 32)
	for i := range in {
		in[i] = int32(i)
	}
	want := slices.Clone(in)
	copy(want, []int32{10, 12, 14, 26, 28, 30})
	want[9] = 26
	arg := of([]int64{4, 8}, in...)
	require.Equal(t, want, call[int32](t, x, arg, scalar(int64(2))))
	require.Equal(t, in, tensor.Values[int32](*arg))
	for _, i := range []int64{4, -1, 8, 1 << 62, -1 << 63} {
		require.Contains(t, failure(t, x, 3, of([]int64{4, 8}, in...), scalar(i)).Message, "in dimension 1, which has size 8")
	}
}
