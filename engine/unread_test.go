package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// TestUnreadInputs: of a linear layer whose input wants no gradient, autograd saves the input and neither
// weight nor bias; of a product both factors, of a difference nothing.
func TestUnreadInputs(t *testing.T) {
	const text = `graph(%x : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu),
      %w : Float(4, 3, strides=[3, 1], requires_grad=1, device=cpu),
      %b : Float(4, strides=[1], requires_grad=1, device=cpu),
      %p : Float(4, strides=[1], requires_grad=1, device=cpu),
      %c : Float(4, strides=[1], requires_grad=1, device=cpu)):
  %1 : int = prim::Constant[value=1]()
  %h : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::linear(%x, %w, %b)
  %m : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::mul(%h, %p)
  %d : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::sub(%m, %c, %1)
  return (%d)
`
	for _, o := range engines(t) {
		if o.Engine == engine.Interp {
			continue // it makes no library
		}
		m, err := torchscript.Import(dialects.Context(), "unread.graph", []byte(text), torchscript.ImportOptions{})
		require.NoError(t, err)
		l, err := engine.Lower(m, o)
		require.NoError(t, err)
		var unread []bool
		for _, v := range l.Meta.Inputs {
			unread = append(unread, v.Unread)
		}
		want := []bool{false, true, true, false, true}
		if o.CladStyle == engine.CladPlain {
			want = make([]bool, 5) // Clad alone knows
		}
		require.Equal(t, want, unread, "%s %s %s", o.Engine, o.Pipeline, o.CladStyle)
	}
}
