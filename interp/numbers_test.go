package interp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// parse reads a module without verifying it.
func parse(t testing.TB, text string) *ir.Module {
	t.Helper()
	m, err := mlir.Parse(dialects.Context(), "test.mlir", []byte(text))
	require.NoError(t, err)
	return m
}

func scalar[T tensor.Element](v T) *tensor.Tensor { t := tensor.Scalar(v); return &t }

func of[T tensor.Element](shape []int64, values ...T) *tensor.Tensor {
	t := tensor.Of(shape, values)
	return &t
}

// call runs @f, which has one result.
func call[T tensor.Element](t testing.TB, x *interp.Machine, args ...*tensor.Tensor) []T {
	t.Helper()
	out, err := x.Call("f", args)
	require.NoError(t, err)
	require.Len(t, out, 1)
	return tensor.Values[T](*out[0])
}

// bytesOf is memory that holds the values.
func bytesOf(t testing.TB, values any) interp.Memory {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, binary.Write(&b, binary.NativeEndian, values))
	return b.Bytes()
}

// valuesOf reads memory back.
func valuesOf[T any](t testing.TB, m interp.Memory) []T {
	t.Helper()
	var zero T
	out := make([]T, len(m)/binary.Size(zero))
	require.NoError(t, binary.Read(bytes.NewReader(m), binary.NativeEndian, out))
	return out
}

// failure runs @f and returns the error, which must be at the given line.
func failure(t testing.TB, x *interp.Machine, line int, args ...*tensor.Tensor) *diag.Error {
	t.Helper()
	_, err := x.Call("f", args)
	require.Error(t, err)
	all := diag.All(err)
	require.Len(t, all, 1, "%v", err)
	require.Equal(t, line, all[0].Pos.Line, "%v", err)
	return all[0]
}

// TestFloatsRoundAfterEveryOp holds chains of operations against Go's own types.
func TestFloatsRoundAfterEveryOp(t *testing.T) {
	const text = `func.func @f(%x: T, %y: T) -> T {
  %a = arith.mulf %x, %y : T
  %b = arith.addf %a, %y : T
  %c = arith.subf %b, %x : T
  %d = arith.divf %c, %y : T
  func.return %d : T
}`
	f32 := machine(t, string(bytes.ReplaceAll([]byte(text), []byte("T"), []byte("f32"))))
	f64 := machine(t, string(bytes.ReplaceAll([]byte(text), []byte("T"), []byte("f64"))))
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		a, b := r.NormFloat64()*1e3, r.NormFloat64()
		x, y := float32(a), float32(b)
		p := float32(x * y) // conversions keep Go from fusing
		s := float32(p + y)
		require.Equal(t, float32(s-x)/y, call[float32](t, f32, scalar(x), scalar(y))[0])
		q := float64(a * b)
		require.Equal(t, float64(float64(q+b)-a)/b, call[float64](t, f64, scalar(a), scalar(b))[0])
	}
	// 2^24 + 1 is no f32, and 0.1 is another number in f32.
	require.Equal(t, []float32{1 << 24}, call[float32](t, machine(t, `func.func @f(%x: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %r = arith.addf %x, %one : f32
  func.return %r : f32
}`), scalar[float32](1<<24)))
	require.Equal(t, []float64{float64(float32(0.1))}, call[float64](t, machine(t, `func.func @f() -> f64 {
  %c = arith.constant 0.1 : f32
  %r = arith.extf %c : f32 to f64
  func.return %r : f64
}`)))
}

func TestIntegersWrap(t *testing.T) {
	run := func(typ string, x, y *tensor.Tensor) []*tensor.Tensor {
		out, err := machine(t, `func.func @f(%x: `+typ+`, %y: `+typ+`) -> (`+typ+`, `+typ+`, `+typ+`) {
  %a = arith.addi %x, %y : `+typ+`
  %b = arith.muli %x, %y : `+typ+`
  %c = arith.subi %x, %y : `+typ+`
  func.return %a, %b, %c : `+typ+`, `+typ+`, `+typ+`
}`).Call("f", []*tensor.Tensor{x, y})
		require.NoError(t, err)
		return out
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		a, b := int64(r.Uint64()), int64(r.Uint64())
		o := run("i64", scalar(a), scalar(b))
		require.Equal(t, []any{a + b, a * b, a - b}, []any{o[0].At(0), o[1].At(0), o[2].At(0)})
		c, d := int32(a), int32(b)
		o = run("i32", scalar(c), scalar(d))
		require.Equal(t, []any{c + d, c * d, c - d}, []any{o[0].At(0), o[1].At(0), o[2].At(0)})
		e, g := int16(a), int16(b)
		o = run("i16", scalar(e), scalar(g))
		require.Equal(t, []any{e + g, e * g, e - g}, []any{o[0].At(0), o[1].At(0), o[2].At(0)})
		h, k := int8(a), int8(b)
		o = run("i8", scalar(h), scalar(k))
		require.Equal(t, []any{h + k, h * k, h - k}, []any{o[0].At(0), o[1].At(0), o[2].At(0)})
	}
	// Beyond 2^53 a float64 could not tell these apart.
	o := run("i64", scalar(int64(1<<53)), scalar(int64(1)))
	require.Equal(t, int64(1<<53+1), o[0].At(0))
	o = run("i1", scalar(true), scalar(true))
	require.Equal(t, []any{false, true, false}, []any{o[0].At(0), o[1].At(0), o[2].At(0)})

	// A boolean is 0 or 1, however it came to be; other integers keep their sign.
	x := machine(t, `func.func @f(%x: i1) -> i1 {
  %false = arith.constant false
  %y = arith.addi %x, %false : i1
  %r = arith.cmpi eq, %x, %y : i1
  func.return %r : i1
}`)
	require.Equal(t, []bool{true}, call[bool](t, x, scalar(true)))
	for _, v := range []*tensor.Tensor{scalar(int32(-5)), scalar(int16(-5)), scalar(int8(-5))} {
		x = machine(t, `func.func @f(%x: `+v.DType.String()+`) -> i64 {
  %r = arith.extsi %x : `+v.DType.String()+` to i64
  func.return %r : i64
}`)
		require.Equal(t, []int64{-5}, call[int64](t, x, v))
	}
}

func TestNotANumberAndInfinity(t *testing.T) {
	x := machine(t, `func.func @f(%x: f32, %y: f32) -> (f32, f32, f32, i1, i1) {
  %max = arith.maxf %x, %y : f32
  %div = arith.divf %x, %y : f32
  %exp = math.exp %y : f32
  %lt = arith.cmpf olt, %x, %y : f32
  %une = arith.cmpf une, %x, %y : f32
  func.return %max, %div, %exp, %lt, %une : f32, f32, f32, i1, i1
}`)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	run := func(a, b float32) []any {
		out, err := x.Call("f", []*tensor.Tensor{scalar(a), scalar(b)})
		require.NoError(t, err)
		var got []any
		for _, o := range out {
			got = append(got, o.At(0))
		}
		return got
	}
	require.Equal(t, []any{float32(1), inf, float32(1), false, true}, run(1, 0))
	require.Equal(t, []any{inf, float32(0), inf, true, true}, run(1, inf))
	got := run(nan, 1)
	require.True(t, math.IsNaN(float64(got[0].(float32))))
	require.Equal(t, []any{false, true}, got[3:])
	require.Equal(t, inf, run(3e38, 100)[2]) // exp(100) is a float64 and no f32
}

func TestControlFlow(t *testing.T) {
	// Fibonacci numbers: what a loop carries is swapped, not overwritten.
	x := machine(t, `func.func @f(%n: index) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = arith.constant 0 : i64
  %b = arith.constant 1 : i64
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a, %y = %b) -> (i64, i64) {
    %s = arith.addi %x, %y : i64
    scf.yield %y, %s : i64, i64
  }
  func.return %r#0 : i64
}`)
	require.Equal(t, []int64{12586269025}, call[int64](t, x, scalar(int64(50))))
	require.Equal(t, []int64{0}, call[int64](t, x, scalar(int64(-3))))

	// A recursion through scf.if: each call has values of its own.
	x = machine(t, `func.func @f(%n: i64) -> i64 {
  %one = arith.constant 1 : i64
  %base = arith.cmpi sle, %n, %one : i64
  %r = scf.if %base -> (i64) {
    scf.yield %one : i64
  } else {
    %m = arith.subi %n, %one : i64
    %s = func.call @f(%m) : (i64) -> i64
    %p = arith.muli %s, %n : i64
    scf.yield %p : i64
  }
  func.return %r : i64
}`)
	require.Equal(t, []int64{2432902008176640000}, call[int64](t, x, scalar(int64(20))))

	// The last step would leave the range of the counter.
	x = machine(t, `func.func @f(%lo: index, %hi: index, %by: index) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %r = scf.for %i = %lo to %hi step %by iter_args(%n = %zero) -> (i64) {
    %s = arith.addi %n, %one : i64
    scf.yield %s : i64
  }
  func.return %r : i64
}`)
	huge := int64(math.MaxInt64)
	require.Equal(t, []int64{1}, call[int64](t, x, scalar(huge-1), scalar(huge), scalar(int64(7))))
	require.Equal(t, []int64{3}, call[int64](t, x, scalar(-huge), scalar(huge), scalar(huge/2+huge/3)))
	require.Contains(t, failure(t, x, 4, scalar(int64(0)), scalar(int64(1)), scalar(int64(0))).Message, "step is 0")
}

func TestErrorsAreLocated(t *testing.T) {
	divide := machine(t, `func.func @f(%x: i32, %y: i32) -> i32 {
  %q = arith.divsi %x, %y : i32
  func.return %q : i32
}`)
	require.Equal(t, []int32{-3}, call[int32](t, divide, scalar(int32(7)), scalar(int32(-2))))
	e := failure(t, divide, 2, scalar(int32(7)), scalar(int32(0)))
	require.Equal(t, "arith.divsi", e.Op)

	cast := machine(t, `func.func @f(%x: f64) -> i64 {
  %q = arith.fptosi %x : f64 to i64
  func.return %q : i64
}`)
	require.Contains(t, failure(t, cast, 2, scalar(math.NaN())).Message, "NaN")

	recursion := machine(t, `func.func @f(%x: i64) -> i64 {
  %r = func.call @f(%x) : (i64) -> i64
  func.return %r : i64
}`)
	e = failure(t, recursion, 1, scalar(int64(0)))
	require.Contains(t, e.Message, "nested more than")
	require.Len(t, e.Notes, 8)
	require.Equal(t, 2, e.Notes[0].Pos.Line)

	declared := machine(t, `func.func private @g(i64) -> i64
func.func @f(%x: i64) -> i64 {
  %r = func.call @g(%x) : (i64) -> i64
  func.return %r : i64
}`)
	for range 2 {
		_, err := declared.Call("f", []*tensor.Tensor{scalar(int64(0))})
		require.ErrorContains(t, err, "no function @g with a body")
	}
	_, err := declared.Call("h", nil)
	require.ErrorContains(t, err, "no function @h")
}

// TestWhatCannotRunIsRefused: every op that cannot be run is listed, each time the
// function is called, and nothing panics.
func TestWhatCannotRunIsRefused(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<?xf32>, %y: f16) -> f16 {
  %a = arith.addf %y, %y : f16
  %b = "foreign.op"(%a) : (f16) -> f16
  func.return %b : f16
}`)
	for range 2 {
		_, err := x.Call("f", []*tensor.Tensor{nil, nil})
		var lines []int
		for _, e := range diag.All(err) {
			lines = append(lines, e.Pos.Line)
		}
		require.Equal(t, []int{1, 1, 2, 3}, lines, "%v", err)
		require.ErrorContains(t, err, "specialize-shapes binds it")
		require.ErrorContains(t, err, "foreign.op: is not a registered op")
	}
	wild := machine(t, `func.func @f() {
  %m = memref.alloc() : memref<4611686018427387904x4xf32>
  func.return
}`)
	require.Contains(t, failure(t, wild, 2).Message, "overflows")
	large := machine(t, `func.func @f() {
  %m = memref.alloc() : memref<1073741825x4xi8>
  func.return
}`)
	require.Contains(t, failure(t, large, 2).Message, "takes more than 4294967296 bytes")
}

func TestArgumentsAreChecked(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
  func.return %x : tensor<2xf32>
}
func.func @g(%x: memref<2xf32>) {
  func.return
}`)
	short := *of([]int64{2}, float32(1), 2)
	short.Data = short.Data[:4]
	for _, args := range [][]*tensor.Tensor{{}, {nil}, {of([]int64{3}, float32(1), 2, 3)}, {of([]int64{2}, 1.0, 2)}, {&short}} {
		_, err := x.Call("f", args)
		require.ErrorContains(t, err, "@f")
	}
	_, err := x.Call("g", []*tensor.Tensor{of([]int64{2}, float32(1), 2)})
	require.ErrorContains(t, err, "expected a tensor")
	require.ErrorContains(t, x.CallLoops("g", []interp.Memory{make([]byte, 7)}), "wants 8 bytes, got 7")
	require.ErrorContains(t, x.CallLoops("f", []interp.Memory{make([]byte, 8)}), "returns 1 values")

	// A result is a tensor of its own, also where it is an argument.
	in := of([]int64{2}, float32(1), 2)
	out := call[float32](t, x, in)
	out[0] = 7
	require.Equal(t, []float32{1, 2}, tensor.Values[float32](*in))
}

const endless = `func.func @f() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9223372036854775807 : index
  scf.for %i = %c0 to %n step %c1 {
  }
  func.return
}`

func TestRunsEnd(t *testing.T) {
	x := machine(t, endless)
	x.MaxSteps = 100_000
	require.Contains(t, failure(t, x, 5).Message, "more than 100000 steps")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x = machine(t, endless)
	x.Context = ctx
	_, err := x.Call("f", nil)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "test.mlir:5")

	x = machine(t, `func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
  }
  func.return
}`)
	x.MaxSteps = 5
	for range 2 { // every run has its own count
		_, err = x.Call("f", []*tensor.Tensor{scalar(int64(5))})
		require.NoError(t, err)
	}
	_, err = x.Call("f", []*tensor.Tensor{scalar(int64(6))})
	require.Error(t, err)
}

// TestTrueIsMinusOneWhenSigned wants the one bit of i1 to be its sign where an op reads
// it as signed, as in MLIR.
func TestTrueIsMinusOneWhenSigned(t *testing.T) {
	for op, want := range map[string]int64{"arith.extsi": -1, "arith.extui": 1} {
		m := parse(t, "func.func @f(%b: i1) -> i64 {\n  %r = "+op+" %b : i1 to i64\n  func.return %r : i64\n}")
		require.Equal(t, []int64{want}, call[int64](t, interp.New(m), scalar(true)), op)
		require.Equal(t, []int64{0}, call[int64](t, interp.New(m), scalar(false)), op)
	}
	for op, want := range map[string]float64{"arith.sitofp": -1, "arith.uitofp": 1} {
		m := parse(t, "func.func @f(%b: i1) -> f64 {\n  %r = "+op+" %b : i1 to f64\n  func.return %r : f64\n}")
		require.Equal(t, []float64{want}, call[float64](t, interp.New(m), scalar(true)), op)
		require.Equal(t, []float64{0}, call[float64](t, interp.New(m), scalar(false)), op)
	}
}

// TestBitcast wants bits to stay bits.
func TestBitcast(t *testing.T) {
	m := parse(t, "func.func @f(%x: f32) -> i32 {\n  %r = arith.bitcast %x : f32 to i32\n  func.return %r : i32\n}")
	require.Equal(t, []int32{-0x80000000}, call[int32](t, interp.New(m), scalar(float32(math.Copysign(0, -1)))))
	m = parse(t, "func.func @f(%x: i64) -> f64 {\n  %r = arith.bitcast %x : i64 to f64\n  func.return %r : f64\n}")
	require.Equal(t, []float64{-1.5}, call[float64](t, interp.New(m), scalar(int64(math.Float64bits(-1.5)))))
}
