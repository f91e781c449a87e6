package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
)

func needClad(t *testing.T) {
	t.Helper()
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err != nil {
		t.Skipf("SKIPPED: engine clad: %v", err)
	}
}

// agrees reports whether a graph, imported with ctx, gives the recorded results.
func agrees(t *testing.T, ctx *ir.Context, name string, o engine.Options) bool {
	t.Helper()
	path := filepath.Join(observed, name+".graph")
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := torchscript.Import(ctx, path, src, torchscript.ImportOptions{})
	require.NoError(t, err)
	p, err := engine.Compile(context.Background(), m, o)
	require.NoError(t, err)
	d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
	require.NoError(t, err)
	r, err := p.Run(d.Inputs, d.GradOut)
	require.NoError(t, err)
	all := true
	for _, c := range engine.Compare(p.Meta, d, r) {
		all = all && c.OK
	}
	return all
}

// TestPlainStyleSharesNoDerivative breaks the derivative of matrix products: the
// kernels style is then wrong, the plain style is not, so comparing them finds it.
func TestPlainStyleSharesNoDerivative(t *testing.T) {
	needClad(t)
	ctx := dialects.Context()
	for _, def := range ctx.Dialect("aten").Ops {
		right := def.VJP
		if right == nil || def.Traits&ir.Contraction == 0 {
			continue
		}
		def.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			grads := right(b, op, d)
			for i, g := range grads {
				if g != nil {
					grads[i] = aten.Scale(b, g, 1.5)
				}
			}
			return grads
		}
	}
	const name = "matmul_batched"
	require.True(t, agrees(t, dialects.Context(), name, engine.Options{Engine: engine.Clad}))
	require.False(t, agrees(t, ctx, name, engine.Options{Engine: engine.Clad}))
	require.True(t, agrees(t, ctx, name, engine.Options{Engine: engine.Clad, CladStyle: engine.CladPlain}))
}

// TestWhatCladDerivesIsProved leaves out `#pragma clad ON`, which a precompiled header
// does not bring: Clad then derives nothing and says nothing, and there must be no library.
func TestWhatCladDerivesIsProved(t *testing.T) {
	c, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{})
	if err != nil {
		t.Skipf("SKIPPED: engine clad: %v", err)
	}
	dir := t.TempDir()
	text := "%s\nstatic inline float f(float x) { return x * x; }\n" +
		"extern \"C\" __attribute__((visibility(\"default\"))) float df(float x) { float d = 0; clad::gradient(f).execute(x, &d); return d; }\n"
	compile := func(pragma string) error {
		_, err := c.Compile(context.Background(), toolchain.Request{Source: fmt.Sprintf(text, pragma), Output: filepath.Join(dir, "f.so")})
		return err
	}
	require.NoError(t, compile("#pragma clad ON"))
	require.NoError(t, os.Remove(filepath.Join(dir, "f.so")))
	var missing *toolchain.NotDerivedError
	require.ErrorAs(t, compile(""), &missing)
	require.Equal(t, "f", missing.Function)
	require.NoFileExists(t, filepath.Join(dir, "f.so"))
}

// TestEmptyTensorsHaveAPlace: where all values between kernels are empty, the memory that holds them is
// named in the text all the same.
func TestEmptyTensorsHaveAPlace(t *testing.T) {
	const text = `graph(%a : Float(0, 4, strides=[4, 1], requires_grad=1, device=cpu),
      %b : Float(4, 3, strides=[3, 1], requires_grad=1, device=cpu)):
  %c : Float(0, 3, strides=[3, 1], requires_grad=1, device=cpu) = aten::mm(%a, %b)
  %d : Float(0, 3, strides=[3, 1], requires_grad=1, device=cpu) = aten::exp(%c)
  return (%d)
`
	needClad(t)
	m, err := torchscript.Import(dialects.Context(), "empty.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	_, err = engine.Compile(context.Background(), m, engine.Options{Engine: engine.Clad})
	require.NoError(t, err)
}

// TestGradientsOfExpandedInputsAreWhole: an input that is expanded has the memory of fewer elements
// than its gradient, both where the gradient is stored and where it goes if nobody wants it.
func TestGradientsOfExpandedInputsAreWhole(t *testing.T) {
	const text = `graph(%a : Double(4, strides=[1], requires_grad=1, device=cpu),
      %x : Double(30, 4, strides=[0, 1], requires_grad=1, device=cpu)):
  %none : NoneType = prim::Constant()
  %b : Double(4, strides=[1], requires_grad=1, device=cpu) = aten::exp(%a)
  %c : Double(requires_grad=1, device=cpu) = aten::sum(%b, %none)
  %d : Double(4, strides=[1], requires_grad=1, device=cpu) = aten::mul(%b, %c)
  return (%d)
`
	m, err := torchscript.Import(dialects.Context(), "expanded.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	l, err := engine.Lower(m, engine.Options{Engine: engine.Clad})
	require.NoError(t, err)
	require.Contains(t, l.Source, "__builtin_memset(grad_in[1], 0, 960)")
	const zeros, whole = 64, 30 * 4 * 8
	require.GreaterOrEqual(t, l.Meta.WorkspaceBytes, int64(zeros+whole))
}
