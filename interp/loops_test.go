package interp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/tensor"
)

func TestStridedMemory(t *testing.T) {
	// A column-major source with an offset, and one whose first dimension of stride 0
	// was dropped.
	x := machine(t, `func.func @f(%x: memref<2x3xf32, strided<[1, 2], offset: 1>>, %row: memref<3xf32>, %out: memref<2x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  scf.for %i = %c0 to %c2 step %c1 {
    scf.for %j = %c0 to %c3 step %c1 {
      %a = memref.load %x[%i, %j] : memref<2x3xf32, strided<[1, 2], offset: 1>>
      %b = memref.load %row[%j] : memref<3xf32>
      %s = arith.addf %a, %b : f32
      memref.store %s, %out[%i, %j] : memref<2x3xf32>
    }
  }
  func.return
}`)
	out := make(interp.Memory, 24)
	require.NoError(t, x.CallLoops("f", []interp.Memory{
		bytesOf(t, []float32{-1, 11, 21, 12, 22, 13, 23}), bytesOf(t, []float32{100, 200, 300}), out,
	}))
	require.Equal(t, []float32{111, 212, 313, 121, 222, 323}, valuesOf[float32](t, out))
}

func TestViewsShareMemory(t *testing.T) {
	x := machine(t, `func.func @f(%ws: memref<128xi8>, %out: memref<6xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %shift = arith.constant 64 : index
  %a = memref.view %ws[%shift][] : memref<128xi8> to memref<2x3xf64>
  %seven = arith.constant 7.0 : f64
  memref.store %seven, %a[%c1, %c2] : memref<2x3xf64>
  %flat = memref.reinterpret_cast %a to offset: [0], sizes: [6], strides: [1] : memref<2x3xf64> to memref<6xf64>
  scf.for %i = %c0 to %c6 step %c1 {
    %v = memref.load %flat[%i] : memref<6xf64>
    memref.store %v, %out[%i] : memref<6xf64>
  }
  func.return
}`)
	out := make(interp.Memory, 48)
	ws := bytesOf(t, make([]float64, 16))
	copy(ws[64:], bytesOf(t, []float64{1, 2, 3, 4, 5, 6}))
	require.NoError(t, x.CallLoops("f", []interp.Memory{ws, out}))
	require.Equal(t, []float64{1, 2, 3, 4, 5, 7}, valuesOf[float64](t, out))
	require.Equal(t, []float64{0, 0, 1}, valuesOf[float64](t, ws)[6:9])
}

func TestMemoryByOtherTypes(t *testing.T) {
	x := machine(t, `func.func @f(%m: memref<4x8xi32>, %out: memref<2x3xi32>, %sizes: memref<2xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %part = memref.subview %m[1, 2] [2, 3] [2, 2] : memref<4x8xi32> to memref<2x3xi32, strided<[16, 2], offset: 10>>
  memref.copy %part, %out : memref<2x3xi32, strided<[16, 2], offset: 10>> to memref<2x3xi32>
  %row = memref.subview %part[1, 0] [1, 3] [1, 1] : memref<2x3xi32, strided<[16, 2], offset: 10>> to memref<3xi32, strided<[2], offset: 26>>
  %minus = arith.constant -1 : i32
  memref.store %minus, %row[%c1] : memref<3xi32, strided<[2], offset: 26>>
  %n = memref.dim %part, %c0 : memref<2x3xi32, strided<[16, 2], offset: 10>>
  memref.store %n, %sizes[%c0] : memref<2xindex>
  %tmp = memref.alloc() : memref<3xi32>
  memref.dealloc %tmp : memref<3xi32>
  func.return
}`)
	in := make([]int32, 32)
	for i := range in {
		in[i] = int32(i)
	}
	m, out, sizes := bytesOf(t, in), make(interp.Memory, 24), make(interp.Memory, 16)
	require.NoError(t, x.CallLoops("f", []interp.Memory{m, out, sizes}))
	require.Equal(t, []int32{10, 12, 14, 26, 28, 30}, valuesOf[int32](t, out))
	in[28] = -1
	require.Equal(t, in, valuesOf[int32](t, m))
	require.Equal(t, []int64{2, 0}, valuesOf[int64](t, sizes))
}

func TestWhileAndParallel(t *testing.T) {
	// The greatest common divisor: each block gets what the other hands over, swapped.
	x := machine(t, `func.func @f(%a: i64, %b: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %r:2 = scf.while (%x = %a, %y = %b) : (i64, i64) -> (i64, i64) {
    %more = arith.cmpi ne, %y, %zero : i64
    scf.condition(%more) %y, %x : i64, i64
  } do {
  ^bb0(%y: i64, %x: i64):
    %m = arith.remsi %x, %y : i64
    scf.yield %y, %m : i64, i64
  }
  func.return %r#1 : i64
}`)
	require.Equal(t, []int64{21}, call[int64](t, x, scalar(int64(1071)), scalar(int64(462))))

	x = machine(t, `func.func @f(%n: index) -> (i64, i64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i64
  %r:2 = scf.parallel (%i, %j) = (%c0, %c1) to (%n, %n) step (%c1, %c2) init (%zero, %zero) -> (i64, i64) {
    %a = arith.index_cast %i : index to i64
    %b = arith.index_cast %j : index to i64
    scf.reduce(%a) : i64 {
    ^bb0(%l: i64, %m: i64):
      %s = arith.addi %l, %m : i64
      scf.reduce.return %s : i64
    }
    scf.reduce(%b) : i64 {
    ^bb0(%l: i64, %m: i64):
      %s = arith.maxsi %l, %m : i64
      scf.reduce.return %s : i64
    }
    scf.yield
  }
  func.return %r#0, %r#1 : i64, i64
}`)
	out, err := x.Call("f", []*tensor.Tensor{scalar(int64(6))})
	require.NoError(t, err)
	require.Equal(t, []any{int64(45), int64(5)}, []any{out[0].At(0), out[1].At(0)})
}

func TestViewsStayInTheirMemory(t *testing.T) {
	view := machine(t, `func.func @f(%ws: memref<64xi8>, %shift: index) {
  %a = memref.view %ws[%shift][] : memref<64xi8> to memref<8xf64>
  func.return
}`)
	at := func(shift int64) error {
		return view.CallLoops("f", []interp.Memory{make([]byte, 64), bytesOf(t, shift)})
	}
	require.NoError(t, at(0))
	for _, shift := range []int64{1, -1, 64, 1 << 62, -1 << 63} {
		err := at(shift)
		require.ErrorContains(t, err, "test.mlir:2:")
		require.ErrorContains(t, err, "the view takes 64 bytes")
	}
	for cast, reason := range map[string]string{
		"offset: [0], sizes: [9], strides: [1] : memref<2x4xf32> to memref<9xf32>":                            "sees 36 bytes, the memory has 32",
		"offset: [6], sizes: [4], strides: [1] : memref<2x4xf32> to memref<4xf32, strided<[1], offset: 6>>":   "sees 40 bytes",
		"offset: [0], sizes: [2], strides: [9] : memref<2x4xf32> to memref<2xf32, strided<[9]>>":              "sees 40 bytes",
		"offset: [1], sizes: [2], strides: [-1] : memref<2x4xf32> to memref<2xf32, strided<[-1], offset: 1>>": "negative",
	} {
		x := machine(t, "func.func @f(%m: memref<2x4xf32>) {\n  %v = memref.reinterpret_cast %m to "+cast+"\n  func.return\n}")
		err := x.CallLoops("f", []interp.Memory{make([]byte, 32)})
		require.ErrorContains(t, err, reason)
		require.ErrorContains(t, err, "test.mlir:2:")
	}
}

func TestIndicesAreChecked(t *testing.T) {
	x := machine(t, `func.func @load(%m: memref<2x3xf32>, %i: index, %j: index) {
  %v = memref.load %m[%i, %j] : memref<2x3xf32>
  func.return
}
func.func @store(%m: memref<2x3xf32>, %i: index, %j: index) {
  %v = arith.constant 1.0 : f32
  memref.store %v, %m[%i, %j] : memref<2x3xf32>
  func.return
}
func.func @empty(%m: memref<0x3xf32>, %i: index, %j: index) {
  %v = memref.load %m[%i, %j] : memref<0x3xf32>
  func.return
}`)
	at := func(name string, i, j int64) error {
		return x.CallLoops(name, []interp.Memory{make([]byte, 24), bytesOf(t, i), bytesOf(t, j)})
	}
	for name, line := range map[string]int{"load": 2, "store": 7} {
		require.NoError(t, at(name, 1, 2))
		// [0, 3] is an element of the memory, but not of that row.
		for _, ij := range [][2]int64{{2, 0}, {0, 3}, {-1, 0}, {0, -1}, {1 << 62, 0}, {-1 << 63, 1}} {
			err := at(name, ij[0], ij[1])
			require.ErrorContains(t, err, "is out of bounds in dimension")
			e := diag.All(err)
			require.Len(t, e, 1)
			require.Equal(t, line, e[0].Pos.Line)
			require.Equal(t, "memref."+name, e[0].Op)
		}
	}
	require.ErrorContains(t, at("empty", 0, 0), "out of bounds")
}

// TestAllocationsAreFresh: a loop may keep what an earlier iteration allocated.
func TestAllocationsAreFresh(t *testing.T) {
	x := machine(t, `func.func @f() -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %one = arith.constant 1 : i64
  %first = memref.alloc() : memref<i64>
  %r = scf.for %i = %c0 to %c5 step %c1 iter_args(%prev = %first) -> (memref<i64>) {
    %m = memref.alloca() : memref<i64>
    %old = memref.load %prev[] : memref<i64>
    %fresh = memref.load %m[] : memref<i64>
    %s = arith.addi %old, %one : i64
    %u = arith.addi %s, %fresh : i64
    memref.store %u, %m[] : memref<i64>
    scf.yield %m : memref<i64>
  }
  %v = memref.load %r[] : memref<i64>
  func.return %v : i64
}`)
	require.Equal(t, []int64{5}, call[int64](t, x))
}

// TestLoopsRoundEveryAddition: the loop level says the order of a sum, and each
// addition rounds.
func TestLoopsRoundEveryAddition(t *testing.T) {
	x := machine(t, `func.func @f(%m: memref<4xf32>, %out: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%s = %zero) -> (f32) {
    %v = memref.load %m[%i] : memref<4xf32>
    %t = arith.addf %s, %v : f32
    scf.yield %t : f32
  }
  memref.store %r, %out[] : memref<f32>
  func.return
}`)
	out := make(interp.Memory, 4)
	require.NoError(t, x.CallLoops("f", []interp.Memory{bytesOf(t, []float32{1 << 24, 1, 1, -1 << 24}), out}))
	require.Equal(t, []float32{0}, valuesOf[float32](t, out))
}

func TestGenericOnMemory(t *testing.T) {
	// Row sums of a column-major memref into a strided one, in place and step by step.
	x := machine(t, `func.func @f(%x: memref<2x3xf32, strided<[1, 2]>>, %out: memref<2xf32, strided<[3]>>) {
  %zero = arith.constant 0.5 : f32
  "linalg.fill"(%zero, %out) ({
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }) {operand_segment_sizes = array<i32: 1, 1>} : (f32, memref<2xf32, strided<[3]>>) -> ()
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32, strided<[1, 2]>>) outs(%out : memref<2xf32, strided<[3]>>) {
  ^bb0(%a: f32, %b: f32):
    %p = arith.addf %a, %a : f32
    %q = arith.subf %p, %a : f32
    %s = arith.addf %b, %q : f32
    linalg.yield %s : f32
  }
  func.return
}`)
	out := bytesOf(t, []float32{9, 9, 9, 9})
	require.NoError(t, x.CallLoops("f", []interp.Memory{bytesOf(t, []float32{1, 2, 3, 4, 5, 6}), out}))
	require.Equal(t, []float32{9.5, 9, 9, 12.5}, valuesOf[float32](t, out))
	// Every op rounds here: the double of the largest number is no f32.
	require.NoError(t, x.CallLoops("f", []interp.Memory{bytesOf(t, []float32{math.MaxFloat32, 0, 0, 0, 0, 0}), out}))
	require.Equal(t, float32(math.Inf(1)), valuesOf[float32](t, out)[0])
}

func TestMachineIsReusable(t *testing.T) {
	x := machine(t, `func.func @f(%x: i32) -> i32 {
  %one = arith.constant 1 : i32
  %q = arith.divsi %one, %x : i32
  func.return %q : i32
}`)
	_, err := x.Call("f", []*tensor.Tensor{scalar(int32(0))})
	require.Error(t, err)
	require.Equal(t, []int32{1}, call[int32](t, x, scalar(int32(1))))
}

// TestReinterpretCastCountsFromTheStart wants the offset of a reinterpret_cast to be
// that in the memory, wherever the part begins that it is given, as MLIR has it.
func TestReinterpretCastCountsFromTheStart(t *testing.T) {
	const text = `func.func @f(%m: memref<4x4xf32>, %out: memref<2xf32>) {
  %row = memref.subview %m[2, 1] [1, 2] [1, 1] : memref<4x4xf32> to memref<1x2xf32, strided<[4, 1], offset: 9>>
  %all = memref.reinterpret_cast %row to offset: [0], sizes: [16], strides: [1] : memref<1x2xf32, strided<[4, 1], offset: 9>> to memref<16xf32>
  %tail = memref.reinterpret_cast %row to offset: [3], sizes: [2], strides: [5] : memref<1x2xf32, strided<[4, 1], offset: 9>> to memref<2xf32, strided<[5], offset: 3>>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c15 = arith.constant 15 : index
  %a = memref.load %all[%c15] : memref<16xf32>
  %b = memref.load %tail[%c1] : memref<2xf32, strided<[5], offset: 3>>
  memref.store %a, %out[%c0] : memref<2xf32>
  memref.store %b, %out[%c1] : memref<2xf32>
  func.return
}`
	in := make([]float32, 16)
	for i := range in {
		in[i] = float32(i)
	}
	out := bytesOf(t, make([]float32, 2))
	require.NoError(t, interp.New(parse(t, text)).CallLoops("f", []interp.Memory{bytesOf(t, in), out}))
	require.Equal(t, []float32{15, 8}, valuesOf[float32](t, out))
}
