package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// reuse is a graph whose backward sweep has masks of booleans as well as scratch memory
// of numbers.
const reuse = `graph(%x : Double(6, strides=[1], requires_grad=1, device=cpu)):
  %1 : Double(6, strides=[1], requires_grad=1, device=cpu) = aten::exp(%x)
  %2 : Double(6, strides=[1], requires_grad=1, device=cpu) = aten::tanh(%1)
  %3 : Double(requires_grad=1, device=cpu) = aten::min(%1)
  %4 : Double(6, strides=[1], requires_grad=1, device=cpu) = aten::mul(%2, %3)
  return (%4, %3)
`

// scratchPlace is scratch memory in the C++ for Clad.
var scratchPlace = regexp.MustCompile(`\((\w+) \*\)\(tmp \+ (\d+)\)`)

// TestPlacesHaveOneType wants no byte of the workspace to be used by two types: compilers
// take it for granted that reads and writes by different types touch different memory.
func TestPlacesHaveOneType(t *testing.T) {
	texts := map[string]string{"reuse": reuse}
	files, err := filepath.Glob("../testdata/observed/*.graph")
	require.NoError(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		texts[filepath.Base(f)] = string(text)
	}
	places := 0
	for name, text := range texts {
		m, err := torchscript.Import(dialects.Context(), name, []byte(text), torchscript.ImportOptions{})
		if err != nil {
			continue // unsupported, which other tests are about
		}
		for _, o := range []engine.Options{
			{Engine: engine.Builtin, Pipeline: engine.GradPairs}, {Engine: engine.Builtin, Pipeline: engine.GradJoint}, {Engine: engine.Clad},
		} {
			l, err := engine.Lower(m, o)
			require.NoError(t, err, "%s %s", name, o.Engine)
			types := map[string]string{}
			for _, use := range scratchPlace.FindAllStringSubmatch(l.Source, -1) {
				places++
				before, seen := types[use[2]]
				require.True(t, !seen || before == use[1], "%s, engine %s: scratch memory at %s is used as %s and as %s", name, o.Engine, use[2], before, use[1])
				types[use[2]] = use[1]
			}
			bytes := map[int64]ir.Type{} // by cache line, which no two buffers share
			l.Module.Op.Walk(func(op *ir.Op) {
				if op.Name != memref.OpView {
					return
				}
				places++
				at, ok := arith.ConstantValue(op.Operand(1))
				require.True(t, ok)
				mt := op.Result(0).Type().(*ir.MemRefType)
				n, _ := ir.NumElements(mt.Shape())
				for line := at.I / 64; line*64 < at.I+n*ir.ByteSize(mt.Elem()); line++ {
					require.True(t, bytes[line] == nil || bytes[line] == mt.Elem(), "%s, engine %s %s: byte %d of the workspace is used as %s and as %s",
						name, o.Engine, o.Pipeline, line*64, bytes[line], mt.Elem())
					bytes[line] = mt.Elem()
				}
			})
		}
	}
	require.Greater(t, places, 100)
}
