package dialects_test

import (
	"os"
	"path/filepath"
	"strings"
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

// suiteFiles are the lit files of the ops that are MLIR's own, or the forms of them
// that must be refused.
func suiteFiles(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, d := range dialects.Context().Dialects() {
		if d.Uniform {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../lit/tests/ops", d.Name, folder, "*.mlir"))
		require.NoError(t, err)
		for _, file := range files {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			out[file] = string(src)
		}
	}
	require.Greater(t, len(out), 80)
	return out
}

// TestSuiteInMLIR wants mlir-opt to accept the lit files of its ops, and to make the
// same of them as of what is printed here.
func TestSuiteInMLIR(t *testing.T) {
	ctx := dialects.Context()
	var sources, pretty, generic []string
	for file, src := range suiteFiles(t, "") {
		m, err := mlir.Parse(ctx, file, []byte(src))
		require.NoError(t, err)
		sources = append(sources, src)
		pretty = append(pretty, m.String())
		generic = append(generic, ir.Print(m.Op, ir.PrintOptions{Generic: true}))
	}
	agreeInMLIR(t, sources, pretty, generic)
}

// agreeInMLIR wants mlir-opt to make the same of corresponding modules.
func agreeInMLIR(t *testing.T, sources, pretty, generic []string) {
	t.Helper()
	const split = "\n// -----\n"
	args := []string{"--split-input-file", "--allow-unregistered-dialect"}
	want := mlirOpt(t, strings.Join(sources, split), args...)
	require.Equal(t, want, mlirOpt(t, strings.Join(pretty, split), args...))
	require.Equal(t, want, mlirOpt(t, strings.Join(generic, split), args...))
}

// TestWrongFormsInMLIR wants mlir-opt to refuse the forms that are refused here, each
// by itself.
func TestWrongFormsInMLIR(t *testing.T) {
	n := 0
	for file, src := range suiteFiles(t, "Inputs") {
		for i, form := range strings.Split(src, "// -----\n") {
			_, problem := tryMLIROpt(t, form, "--allow-unregistered-dialect")
			require.NotEmpty(t, problem, "%s, form %d:\n%s", file, i, form)
			n++
		}
	}
	require.Greater(t, n, 250)
}
