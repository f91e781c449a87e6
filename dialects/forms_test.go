package dialects_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// TestFormsInMLIR reads hand-written modules that use every op of the loop-level
// dialects in all its forms, and wants mlir-opt of the module and of what is printed
// here to be the same text, byte for byte.
func TestFormsInMLIR(t *testing.T) {
	ctx := dialects.Context()
	files, err := filepath.Glob("testdata/*.mlir")
	require.NoError(t, err)
	used := map[ir.OpName]bool{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		m, err := mlir.Parse(ctx, file, src)
		require.NoError(t, err)
		require.NoError(t, ir.Verify(ctx, m.Op), "%s", file)
		m.Op.Walk(func(op *ir.Op) { used[op.Name] = true })

		generic := ir.Print(m.Op, ir.PrintOptions{Generic: true})
		for _, text := range []string{m.String(), generic} {
			again, err := mlir.Parse(ctx, file, []byte(text))
			require.NoError(t, err, "%s", text)
			require.Equal(t, m.String(), again.String())
			require.Equal(t, generic, ir.Print(again.Op, ir.PrintOptions{Generic: true}))
		}

		want := mlirOpt(t, string(src))
		require.Equal(t, want, mlirOpt(t, m.String()), "%s", file)
		require.Equal(t, want, mlirOpt(t, generic), "%s", file)
		// What mlir-opt prints is read here too, and is the same module to it.
		for _, args := range [][]string{nil, {"--mlir-print-op-generic"}} {
			printed := mlirOpt(t, string(src), args...)
			again, err := mlir.Parse(ctx, file, []byte(printed))
			require.NoError(t, err, "%s", printed)
			require.NoError(t, ir.Verify(ctx, again.Op), "%s", printed)
			require.Equal(t, want, mlirOpt(t, again.String()), "%s", file)
		}
	}
	for _, name := range []string{"func", "scf", "memref", "tensor", "linalg"} {
		for _, def := range ctx.Dialect(name).Ops {
			require.True(t, used[def.Name], "no file of testdata uses %s", def.Name)
		}
	}
}
