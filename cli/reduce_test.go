package cli_test

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/passes"
)

// fussy is a pass that panics where an exp is read by an abs.
var fussy = &passes.Pass{Name: "test-fussy", Doc: "Fails.", Run: func(p *passes.Run) error {
	p.Root().Walk(func(op *ir.Op) {
		if op.Name == "aten.abs" && op.Operand(0).Def() != nil && op.Operand(0).Def().Name == "aten.exp" {
			panic("abs of exp")
		}
	})
	return nil
}}

// TestReduceLargeModule takes a module of 2,000 ops down to what the failure needs, with
// the command in process.
func TestReduceLargeModule(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	text := randomir.Aten(rand.New(rand.NewSource(1)), 2300)
	end := strings.LastIndex(text, "  func.return")
	text = text[:end] + "  %e = aten.exp " + text[strings.Index(text, "%"):strings.Index(text, ":")] + " : tensor<3x4xf64>\n  %z = aten.abs %e : tensor<3x4xf64>\n" + text[end:]
	input := filepath.Join(t.TempDir(), "in.mlir")
	require.NoError(t, os.WriteFile(input, []byte(text), 0o600))
	m, err := mlir.Parse(dialects.Context(), input, []byte(text))
	require.NoError(t, err)
	require.Greater(t, opsIn(m), 2000)

	output := filepath.Join(t.TempDir(), "out.mlir")
	var out, errs bytes.Buffer
	status := cli.Main(cli.Config{Passes: []*passes.Pass{fussy}}, []string{"reduce", input,
		"--test=cladopt opt -p cse,test-fussy", "--message=abs of exp", "-o", output}, strings.NewReader(""), &out, &errs)
	require.Equal(t, 0, status, "%s", errs.String())
	small, err := os.ReadFile(output)
	require.NoError(t, err)
	m, err = mlir.Parse(dialects.Context(), output, small)
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
	require.LessOrEqual(t, opsIn(m), 5, "%s", small)
	require.Contains(t, string(small), "aten.exp")
	require.Contains(t, string(small), "aten.abs")

	same, err := os.ReadFile(input)
	require.NoError(t, err)
	require.Equal(t, text, string(same), "the input was changed")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "temporary files are left")
}

func opsIn(m *ir.Module) int {
	n := -1
	m.Op.Walk(func(*ir.Op) { n++ })
	return n
}

func TestReduceSaysWhatIsWrong(t *testing.T) {
	input := filepath.Join(t.TempDir(), "in.mlir")
	require.NoError(t, os.WriteFile(input, []byte(twoFunctions), 0o600))
	for name, c := range map[string]struct {
		test, message, says string
		status              int
	}{
		"does not fail": {"cladopt opt -p cse", "", "exits with status 0, expected a command that fails", cli.ExitFailure},
		"other message": {"cladopt opt -p nothing", "teapot", `does not print "teapot", but:`, cli.ExitFailure},
		"no command":    {"", "", "--test is empty", cli.ExitUsage},
		"no program":    {"./no-such-program", "", "no-such-program", cli.ExitFailure},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run("reduce", input, "--test="+c.test, "--message="+c.message)
			require.Equal(t, c.status, status)
			require.Contains(t, stderr, c.says)
			require.Empty(t, stdout)
		})
	}
}
