package engine_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// TestConventions holds gradients at kinks against those that LibTorch 1.13 and 2.15 gave for the same inputs and
// gradients of 1: x, y and z below. The graphs are the same, but for the comment before them.
func TestConventions(t *testing.T) {
	const head = `graph(%x : Float(5, strides=[1], requires_grad=1, device=cpu),
      %y : Float(5, strides=[1], requires_grad=1, device=cpu),
      %z : Float(5, strides=[1], requires_grad=1, device=cpu)):
  %one : float = prim::Constant[value=1.]()
  %three : float = prim::Constant[value=3.]()
  %four : int = prim::Constant[value=4]()
  %o : int = prim::Constant[value=1]()
  %m : Float(5, strides=[1], requires_grad=1, device=cpu) = aten::sub(%x, %four, %o)
  %a : Float(5, strides=[1], requires_grad=1, device=cpu) = aten::sub(%x, %o, %o)
  %b : Float(5, strides=[1], requires_grad=1, device=cpu) = aten::sub(%y, %o, %o)
  %r : Float(5, strides=[1], requires_grad=1, device=cpu) = `
	inputs := []tensor.Tensor{
		tensor.Of([]int64{5}, []float32{1, 2, 3, 1, 5}),
		tensor.Of([]int64{5}, []float32{1, 1, 2, 1, 1}),
		tensor.Of([]int64{5}, []float32{3, 2, 3, 1, 0}),
	}
	ones := tensor.Of([]int64{5}, []float32{1, 1, 1, 1, 1})
	nan := float32(math.NaN())
	type gradients [][]float32
	for _, c := range []struct {
		op, conventions string
		older, newer    gradients
	}{
		{"aten::clamp(%x, %one, %three)", "clamp.through_bounds",
			gradients{{1, 1, 1, 1, 0}}, gradients{{0, 1, 0, 0, 0}}},
		{"aten::clamp(%x, %three, %one)", "clamp.through_bounds", // crossed bounds
			gradients{{0, 0, 0, 0, 0}}, gradients{{0, 0, 0, 0, 0}}},
		{"aten::clamp(%x, %y, %z)", "clamp_min.first_ties clamp_max.first_ties",
			gradients{{1, 1, 1, 1, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}},
			gradients{{.5, .5, .5, 1, 0}, {.5, 0, 0, 0, 0}, {0, .5, .5, 0, 1}}},
		{"aten::clamp_min(%x, %y)", "clamp_min.first_ties",
			gradients{{1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}}, gradients{{.5, 1, 1, .5, 1}, {.5, 0, 0, .5, 0}}},
		{"aten::clamp_max(%x, %y)", "clamp_max.first_ties",
			gradients{{1, 0, 0, 1, 0}, {0, 1, 1, 0, 1}}, gradients{{.5, 0, 0, .5, 0}, {.5, 1, 1, .5, 1}}},
		{"aten::fmax(%x, %y)", "fmax.first_ties",
			gradients{{1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}}, gradients{{.5, 1, 1, .5, 1}, {.5, 0, 0, .5, 0}}},
		{"aten::fmin(%x, %y)", "fmin.first_ties",
			gradients{{1, 0, 0, 1, 0}, {0, 1, 1, 0, 1}}, gradients{{.5, 0, 0, .5, 0}, {.5, 1, 1, .5, 1}}},
		{"aten::hardswish(%m)", "hardswish.through_ends",
			gradients{{-.5, -1. / 6, 1. / 6, -.5, 5. / 6}}, gradients{{0, -1. / 6, 1. / 6, 0, 5. / 6}}},
		{"aten::atan2(%a, %b)", "atan2.nan_at_origin",
			gradients{{nan, 0, .2, nan, 0}, {nan, -1, -.4, nan, -.25}}, gradients{{0, 0, .2, 0, 0}, {0, -1, -.4, 0, -.25}}},
	} {
		for text, want := range map[string]gradients{
			"# conventions: " + c.conventions + "\n" + head + c.op + "\n  return (%r)\n": c.older,
			head + c.op + "\n  return (%r)\n":                                            c.newer,
		} {
			for _, o := range engines(t) {
				if o.CladStyle == engine.CladPlain {
					continue // at kinks Clad has conventions of its own: docs/clad-form.md
				}
				m, err := torchscript.Import(dialects.Context(), "kinks.graph", []byte(text), torchscript.ImportOptions{})
				require.NoError(t, err)
				p, err := engine.Compile(context.Background(), m, o)
				require.NoError(t, err)
				r, err := p.Run(inputs, []*tensor.Tensor{&ones})
				require.NoError(t, err)
				for i, w := range want {
					require.InDeltaSlice(t, w, tensor.Values[float32](*r.Gradients[i]), 1e-6, "%s %s %s: gradient %d of\n%s", o.Engine, o.Pipeline, o.CladStyle, i, text)
				}
			}
		}
	}
}
