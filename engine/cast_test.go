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

// TestNoGradientThroughIntegers: of x less its whole part the gradient is 1, of its whole part alone there is none.
func TestNoGradientThroughIntegers(t *testing.T) {
	const text = `graph(%x : Float(4, strides=[1], requires_grad=1, device=cpu)):
  %1 : int = prim::Constant[value=1]()
  %4 : int = prim::Constant[value=4]()
  %no : bool = prim::Constant[value=0]()
  %n : NoneType = prim::Constant()
  %i : Long(4, strides=[1], requires_grad=0, device=cpu) = aten::to(%x, %4, %no, %no, %n)
  %d : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::sub(%x, %i, %1)
  %m : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::mul(%x, %i)
  return (%d, %m)
`
	x := tensor.Of([]int64{4}, []float32{-1.5, 0.25, 2.5, 7})
	ones := tensor.Of([]int64{4}, []float32{1, 1, 1, 1})
	for _, o := range engines(t) {
		m, err := torchscript.Import(dialects.Context(), "cast.graph", []byte(text), torchscript.ImportOptions{})
		require.NoError(t, err)
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		r, err := p.Run([]tensor.Tensor{x}, []*tensor.Tensor{&ones, &ones})
		require.NoError(t, err)
		require.Equal(t, []float32{-0.5, 0.25, 0.5, 0}, tensor.Values[float32](r.Outputs[0]), "%s %s", o.Engine, o.Pipeline)
		require.InDeltaSlice(t, []float32{0, 1, 3, 8}, tensor.Values[float32](*r.Gradients[0]), 0, "%s %s %s", o.Engine, o.Pipeline, o.CladStyle)
	}
}
