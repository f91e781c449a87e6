package torchscript_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/torchscript"
)

const clamped = `graph(%x : Float(3, strides=[1], requires_grad=1, device=cpu)):
  %1 : float = prim::Constant[value=1.]()
  %2 : NoneType = prim::Constant()
  %3 : Float(3, strides=[1], requires_grad=1, device=cpu) = aten::clamp_(%x, %1, %2)
  return (%3)
`

func TestConventionsAreKept(t *testing.T) {
	f, err := torchscript.Parse("c.graph", []byte("\n # captured somewhere\n# conventions: clamp.through_bounds  fmax.first_ties\n"+clamped))
	require.NoError(t, err)
	require.Equal(t, "# conventions: clamp.through_bounds fmax.first_ties\n"+clamped, f.String())
	require.Equal(t, "c.graph:3:38", f.Conventions[1].Pos.String())
	m, err := torchscript.Import(dialects.Context(), "c.graph", []byte(f.String()), torchscript.ImportOptions{})
	require.NoError(t, err)
	require.Contains(t, m.String(), "through_bounds = true")
	// Behind the beginning of the graph it is a comment like others.
	f, err = torchscript.Parse("c.graph", []byte(clamped+"# conventions: clamp.through_bounds\n"))
	require.NoError(t, err)
	require.Empty(t, f.Conventions)
}

func TestUnknownConventionsAreRefused(t *testing.T) {
	for _, name := range []string{"clamp.min", "exp.through_bounds", "func.first_ties", "clamp", "."} {
		_, err := torchscript.Import(dialects.Context(), "c.graph", []byte("# conventions: "+name+"\n"+clamped), torchscript.ImportOptions{})
		require.ErrorContains(t, err, "c.graph:1:16: error: convention \""+name)
		require.ErrorContains(t, err, "is not known; known are atan2.nan_at_origin, clamp.through_bounds,")
	}
}
