package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// faulty are passes that fail at aten.tanh: with a panic, with a module that does not
// verify, with an error.
func faulty() []*passes.Pass {
	at := func(name string, do func(op *ir.Op) error) *passes.Pass {
		return &passes.Pass{Name: name, Doc: "Fails.", Run: func(p *passes.Run) error {
			var err error
			p.Root().Walk(func(op *ir.Op) {
				if op.Name == "aten.tanh" && err == nil {
					err = do(op)
				}
			})
			return err
		}}
	}
	return []*passes.Pass{
		at("test-panic", func(*ir.Op) error { panic("tanh is too much") }),
		at("test-break", func(op *ir.Op) error { op.SetAttr("unknown", nil); op.SetOperands(nil); return nil }),
		at("test-refuse", func(op *ir.Op) error { return errors.New("no tanh, please") }),
	}
}

const twoFunctions = `func.func @calm(%x: tensor<f32>) -> tensor<f32> {
  func.return %x : tensor<f32>
}
func.func @wild(%x: tensor<f32>) -> tensor<f32> {
  %0 = aten.tanh %x : tensor<f32>
  func.return %0 : tensor<f32>
}
`

func TestFailuresNamePassAndFunctionAndReplay(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tmp"), 0o700))
	input := filepath.Join(dir, "in.mlir")
	require.NoError(t, os.WriteFile(input, []byte(twoFunctions), 0o600))
	run := func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		status := cli.Main(cli.Config{Passes: faulty()}, args, strings.NewReader(""), &out, &errs)
		return status, errs.String()
	}
	for name, c := range map[string]struct{ pipeline, says string }{
		"panic":          {"cse,test-panic,dce", "pass test-panic: function @wild: internal error: tanh is too much"},
		"nested panic":   {"cse,func.func(dce,test-panic,cse),dce", "pass test-panic: function @wild: internal error: tanh is too much"},
		"verifier":       {"test-break", "pass test-break: function @wild: the module does not verify after it:"},
		"error":          {"test-refuse,cse", "pass test-refuse: function @wild: no tanh, please"},
		"nested refusal": {"func.func(test-refuse)", "pass test-refuse: function @wild: no tanh, please"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".mlir")
			status, first := run("opt", input, "-p", c.pipeline, "--crash-reproducer="+file)
			require.Equal(t, cli.ExitFailure, status)
			require.Contains(t, first, c.says)
			status, again := run("opt", file, "--run-reproducer")
			require.Equal(t, cli.ExitFailure, status)
			require.Contains(t, again, c.says)
		})
	}

	// A fault of the compiler leaves a reproducer without being asked; a refusal does not.
	status, says := run("opt", input, "-p", "test-refuse")
	require.Equal(t, cli.ExitFailure, status)
	require.NotContains(t, says, "wrote")
	_, _ = run("opt", input, "-p", "test-panic")
	left, err := filepath.Glob(filepath.Join(dir, "tmp", "cladopt-reproducer-*.mlir"))
	require.NoError(t, err)
	require.Len(t, left, 1)
	status, says = run("opt", left[0], "--run-reproducer")
	require.Equal(t, cli.ExitFailure, status)
	require.Contains(t, says, "tanh is too much")
}
