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

// TestMissingAdjoints wants an output without an adjoint to contribute nothing in every
// engine, and one that no gradient reaches to take an adjoint that changes nothing.
func TestMissingAdjoints(t *testing.T) {
	const text = `graph(%x : Double(2, strides=[1], requires_grad=1, device=cpu),
      %y : Double(2, strides=[1], requires_grad=0, device=cpu)):
  %1 : Double(2, strides=[1], requires_grad=1, device=cpu) = aten::mul(%x, %x)
  %2 : Double(2, strides=[1], requires_grad=1, device=cpu) = aten::mul(%x, %y)
  %3 : Double(2, strides=[1], requires_grad=0, device=cpu) = aten::neg(%y)
  return (%1, %2, %3)
`
	m, err := torchscript.Import(dialects.Context(), "adjoints.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	vector := func(a, b float64) tensor.Tensor { return tensor.Of([]int64{2}, []float64{a, b}) }
	in := []tensor.Tensor{vector(3, -2), vector(5, 7)}
	g := vector(1, 2)
	for _, o := range engines(t) {
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		for _, c := range []struct {
			adjoints []*tensor.Tensor
			want     []float64
		}{
			{[]*tensor.Tensor{&g, nil, nil}, []float64{6, -8}},
			{[]*tensor.Tensor{nil, &g, nil}, []float64{5, 14}},
			{[]*tensor.Tensor{&g, &g, nil}, []float64{11, 6}},
			{[]*tensor.Tensor{&g, &g, &g}, []float64{11, 6}},
			{[]*tensor.Tensor{nil, nil, &g}, []float64{0, 0}},
			{[]*tensor.Tensor{&g}, []float64{6, -8}},
		} {
			r, err := p.Run(in, c.adjoints)
			require.NoError(t, err, "%s %s", o.Engine, o.Pipeline)
			require.Equal(t, c.want, tensor.Values[float64](*r.Gradients[0]), "%s %s", o.Engine, o.Pipeline)
			require.Nil(t, r.Gradients[1])
		}
	}
}
