package engine_test

import (
	"context"
	"math"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// TestOnlySumsAreReordered wants (x + y) - x and the two gradients of x - x computed as they stand: in another
// order they are y and 0 also where x is large, infinite or NaN.
func TestOnlySumsAreReordered(t *testing.T) {
	const text = `graph(%x : Float(4, strides=[1], requires_grad=1, device=cpu),
      %y : Float(4, strides=[1], requires_grad=0, device=cpu)):
  %1 : int = prim::Constant[value=1]()
  %s : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::add(%x, %y, %1)
  %d : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::sub(%s, %x, %1)
  %z : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::sub(%x, %x, %1)
  return (%d, %z)
`
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x, y := tensor.Of([]int64{4}, []float32{1e20, inf, nan, 3}), tensor.Of([]int64{4}, []float32{1, 1, 1, 1})
	g, h := tensor.Of([]int64{4}, []float32{0, 0, 0, 0}), tensor.Of([]int64{4}, []float32{1, inf, nan, 1})
	check := func(t *testing.T, o engine.Options) {
		t.Helper()
		m, err := torchscript.Import(dialects.Context(), "order.graph", []byte(text), torchscript.ImportOptions{})
		require.NoError(t, err)
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		r, err := p.Run([]tensor.Tensor{x, y}, []*tensor.Tensor{&g, &h})
		require.NoError(t, err)
		for i, got := range []tensor.Tensor{r.Outputs[0], r.Outputs[1], *r.Gradients[0]} {
			want := [][]float32{{0, nan, nan, 1}, {0, nan, nan, 0}, {0, nan, nan, 0}}[i]
			require.InDeltaSlice(t, want, tensor.Values[float32](got), 0, "%s %s %s", o.Engine, o.Pipeline, o.CladStyle)
		}
	}
	for _, o := range engines(t) {
		check(t, o)
	}
	t.Run("via LLVM IR", func(t *testing.T) { check(t, viaLLVM(t)) })
	t.Run("via MLIR", func(t *testing.T) {
		needMLIR(t)
		check(t, engine.Options{Engine: engine.Builtin, Via: engine.ViaMLIR})
	})
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("SKIPPED: engine builtin by g++: there is none")
	}
	t.Setenv("CLADOPT_CXX", "g++")
	check(t, engine.Options{Engine: engine.Builtin})
}

// TestQuotientsAndProductsStand wants x * b / b / b computed as it stands, since b * b is infinite, and NaN of infinity
// times 0, also by gcc, which knows better.
func TestQuotientsAndProductsStand(t *testing.T) {
	const text = `graph(%x : Float(8, strides=[1], requires_grad=0, device=cpu),
      %b : Float(8, strides=[1], requires_grad=0, device=cpu)):
  %p : Float(8, strides=[1], requires_grad=0, device=cpu) = aten::mul(%x, %b)
  %q : Float(8, strides=[1], requires_grad=0, device=cpu) = aten::div(%p, %b)
  %r : Float(8, strides=[1], requires_grad=0, device=cpu) = aten::div(%q, %b)
  %0 : int = prim::Constant[value=0]()
  %n : Float(8, strides=[1], requires_grad=0, device=cpu) = aten::mul(%x, %0)
  return (%r, %n)
`
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x := tensor.Of([]int64{8}, []float32{3, 3, 3, 3, 3, 3, inf, nan})
	b := tensor.Of([]int64{8}, []float32{1e20, 1e20, 1e20, 1e20, 1e20, 1e20, 1e20, 1e20})
	check := func(o engine.Options) {
		m, err := torchscript.Import(dialects.Context(), "quotients.graph", []byte(text), torchscript.ImportOptions{})
		require.NoError(t, err)
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		r, err := p.Run([]tensor.Tensor{x, b}, nil)
		require.NoError(t, err)
		require.InEpsilonSlice(t, []float32{3e-20, 3e-20, 3e-20, 3e-20, 3e-20, 3e-20}, tensor.Values[float32](r.Outputs[0])[:6], 1e-5, "%s %s", o.Engine, o.Pipeline)
		require.InDeltaSlice(t, []float32{0, 0, 0, 0, 0, 0, nan, nan}, tensor.Values[float32](r.Outputs[1]), 0, "%s %s", o.Engine, o.Pipeline)
	}
	for _, o := range engines(t) {
		check(o)
	}
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("SKIPPED: engine builtin by g++: there is none")
	}
	t.Setenv("CLADOPT_CXX", "g++")
	check(engine.Options{Engine: engine.Builtin})
}
