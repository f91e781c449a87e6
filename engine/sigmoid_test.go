package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// TestSlopeOfSmallSigmoids wants the slope 1 - sigmoid(x) of log(sigmoid(x)) also where the square of the
// sigmoid is no float: the derivative of the one must not go by such a square.
func TestSlopeOfSmallSigmoids(t *testing.T) {
	const text = `graph(%x : Float(3, strides=[1], requires_grad=1, device=cpu)):
  %s : Float(3, strides=[1], requires_grad=1, device=cpu) = aten::sigmoid(%x)
  %l : Float(3, strides=[1], requires_grad=1, device=cpu) = aten::log(%s)
  return (%l)
`
	m, err := torchscript.Import(dialects.Context(), "log_sigmoid.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	x, g := tensor.Of([]int64{3}, []float32{-60, -80, 0}), tensor.Of([]int64{3}, []float32{1, 1, 1})
	for _, o := range engines(t) {
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		r, err := p.Run([]tensor.Tensor{x}, []*tensor.Tensor{&g})
		require.NoError(t, err)
		require.InDeltaSlice(t, []float32{1, 1, 0.5}, tensor.Values[float32](*r.Gradients[0]), 1e-5, "%s %s %s", o.Engine, o.Pipeline, o.CladStyle)
	}
}
