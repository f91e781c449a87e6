package engine_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/tensor"
)

// TestLossesOfNaN wants NaN to have the gradient NaN, as in LibTorch, of the losses that
// are linear far from 0, whichever engine derives them.
func TestLossesOfNaN(t *testing.T) {
	const text = `graph(%x : Float(3, strides=[1], requires_grad=1, device=cpu),
      %y : Float(3, strides=[1], requires_grad=0, device=cpu)):
  %2 : int = prim::Constant[value=2]()
  %one : float = prim::Constant[value=1.]()
  %3 : Float(requires_grad=1, device=cpu) = aten::smooth_l1_loss(%x, %y, %2, %one)
  %4 : Float(requires_grad=1, device=cpu) = aten::huber_loss(%x, %y, %2, %one)
  return (%3, %4)
`
	m := imported(t, "losses.graph", text)
	nan := float32(math.NaN())
	x, y, one := tensor.Of([]int64{3}, []float32{nan, 3, 0.25}), tensor.Of([]int64{3}, []float32{0, 1, 0}), tensor.Of([]int64{}, []float32{1})
	for _, o := range engines(t) {
		t.Run(o.Engine+o.Pipeline+o.CladStyle, func(t *testing.T) {
			t.Parallel()
			p, err := engine.Compile(context.Background(), m, o)
			require.NoError(t, err)
			for i, adjoints := range [][]*tensor.Tensor{{&one, nil}, {nil, &one}} {
				r, err := p.Run([]tensor.Tensor{x, y}, adjoints)
				require.NoError(t, err)
				d := tensor.Values[float32](*r.Gradients[0])
				require.True(t, math.IsNaN(float64(d[0])), "output %d: %v", i, d)
				require.Equal(t, []float32{1, 0.25}, d[1:], "output %d", i)
			}
		})
	}
}
