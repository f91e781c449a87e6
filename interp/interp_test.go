package interp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

func machine(t *testing.T, text string) *interp.Machine {
	t.Helper()
	m, err := mlir.Parse(dialects.Context(), "test.mlir", []byte(text))
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
	return interp.New(m)
}

func TestRoundsToTheType(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<2xf32>, %n: tensor<2xi64>) -> (tensor<2xf32>, tensor<2xi64>) {
  %0 = aten.add %x, %x : tensor<2xf32>
  %1 = aten.add %n, %n : tensor<2xi64>
  func.return %0, %1 : tensor<2xf32>, tensor<2xi64>
}`)
	f := tensor.Of([]int64{2}, []float32{16777217, float32(math.Inf(1))})
	n := tensor.Of([]int64{2}, []int64{1<<53 + 1, -3})
	out, err := x.Call("f", []*tensor.Tensor{&f, &n})
	require.NoError(t, err)
	require.Equal(t, []float32{2 * float32(16777217), float32(math.Inf(1))}, tensor.Values[float32](*out[0]))
	require.Equal(t, []int64{1<<54 + 2, -6}, tensor.Values[int64](*out[1]), "integers above 2^53 are exact")
}

func TestLongSumsAreAccurate(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<100000xf32>) -> tensor<f32> {
  %0 = aten.sum %x : (tensor<100000xf32>) -> tensor<f32>
  func.return %0 : tensor<f32>
}`)
	values := make([]float32, 100000)
	for i := range values {
		values[i] = 0.1
	}
	in := tensor.Of([]int64{100000}, values)
	out, err := x.Call("f", []*tensor.Tensor{&in})
	require.NoError(t, err)
	require.Equal(t, float32(100000*float64(float32(0.1))), tensor.Values[float32](*out[0])[0])
}

func TestLoopsOverMemory(t *testing.T) {
	x := machine(t, `func.func @f(%m: memref<4xf32, strided<[2]>>, %out: memref<f32>, %i: memref<1xi64>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.load %i[%c0] : memref<1xi64>
  %hi = arith.index_cast %n : i64 to index
  %s = scf.for %k = %c0 to %hi step %c1 iter_args(%a = %zero) -> (f32) {
    %v = memref.load %m[%k] : memref<4xf32, strided<[2]>>
    %b = arith.addf %a, %v : f32
    scf.yield %b : f32
  }
  memref.store %s, %out[] : memref<f32>
  func.return
}`)
	in := tensor.Of([]int64{8}, []float32{1, 9, 2, 9, 3, 9, 4, 9})
	out := tensor.Of(nil, []float32{0})
	n := tensor.Of([]int64{1}, []int64{4})
	require.NoError(t, x.CallLoops("f", []interp.Memory{in.Data, out.Data, n.Data}))
	require.Equal(t, float32(10), tensor.Values[float32](out)[0])

	tensor.Values[int64](n)[0] = 5
	err := x.CallLoops("f", []interp.Memory{in.Data, out.Data, n.Data})
	require.ErrorContains(t, err, "test.mlir:8:10: error: memref.load: index 4 is out of bounds in dimension 0, which has size 4")
}
