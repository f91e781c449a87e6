package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
)

const vectorOfSeven = "Float(7, strides=[1], requires_grad=1, device=cpu)"

// TestLongChainsAreCut wants a chain of ops to become loops of bounded bodies, few of them.
func TestLongChainsAreCut(t *testing.T) {
	var text strings.Builder
	fmt.Fprintf(&text, "graph(%%0 : %s):\n", vectorOfSeven)
	const n = 1500
	for i := range n {
		fmt.Fprintf(&text, "  %%%d : %s = aten::sin(%%%d)\n", i+1, vectorOfSeven, i)
	}
	fmt.Fprintf(&text, "  return (%%%d)\n", n)
	m := imported(t, "chain.graph", text.String())
	require.NoError(t, engine.RunPipeline(m, "lower-to-linalg,fuse-elementwise", nil))
	loops := 0
	m.Op.Walk(func(op *ir.Op) {
		if op.Name == linalg.OpGeneric {
			loops++
			require.LessOrEqual(t, op.Body().Len()-1, 512)
		}
	})
	require.Equal(t, 3, loops)
}
