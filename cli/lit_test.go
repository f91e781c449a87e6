package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/lit"
	"github.com/cladopt/cladopt/passes"
)

const suite = "../lit/tests"

// TestLit runs the suite in process.
func TestLit(t *testing.T) {
	c := cli.LitConfig(cli.Config{})
	files, err := c.Find(suite)
	require.NoError(t, err)
	require.Greater(t, len(files), 100)
	for i, r := range c.RunAll(files) {
		t.Run(filepath.ToSlash(strings.TrimPrefix(files[i], suite+string(filepath.Separator))), func(t *testing.T) {
			switch r.Status {
			case lit.Pass, lit.XFail:
			case lit.Unsupported:
				t.Skipf("SKIPPED: %s", r.Output)
			default:
				t.Errorf("%s: %s", r.Status, r.Output)
			}
		})
	}
}

// TestEveryPassAndOpHasALitTest keeps the suite whole: a pass or an op without its
// file fails, as does a pass whose file names no case where it must not fire.
func TestEveryPassAndOpHasALitTest(t *testing.T) {
	for _, p := range passes.All() {
		text, err := os.ReadFile(filepath.Join(suite, "passes", p.Name+".mlir"))
		require.NoError(t, err, "pass %s", p.Name)
		if p.Name != "plan-memory" { // it is not optional: everything has a place
			require.Contains(t, string(text), "Must not", "pass %s", p.Name)
		}
		require.FileExists(t, filepath.Join("../passes", strings.ReplaceAll(p.Name, "-", "_")+".go"))
	}
	for _, d := range dialects.Context().Dialects() {
		for _, op := range d.Ops {
			file := strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimPrefix(string(op.Name), d.Name+".")) + ".mlir"
			require.FileExists(t, filepath.Join(suite, "ops", d.Name, file), "op %s", op.Name)
			if !d.Uniform { // MLIR's own: with the forms that must be refused
				require.FileExists(t, filepath.Join(suite, "ops", d.Name, "Inputs", file), "op %s", op.Name)
			}
		}
	}
}

// run is one run of the command.
func run(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = cli.Main(cli.Config{}, args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

const mlp = "../testdata/observed/linear_relu_linear_mse"

func TestExitStatus(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	deep := strings.Repeat("(", 10000)
	for name, c := range map[string]struct {
		status int
		says   string
		args   []string
	}{
		"help":               {0, "", []string{"--help"}},
		"unknown flag":       {2, "unknown flag", []string{"opt", "--nope", "-"}},
		"unknown pass":       {2, "no pass or pipeline is named \"canon\"", []string{"opt", write("e.mlir", ""), "-p", "canon"}},
		"missing file":       {1, "cannot read", []string{"opt", filepath.Join(dir, "none.mlir")}},
		"truncated graph":    {1, "t.graph:", []string{"opt", write("t.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4) = aten::mul(%0,")}},
		"undefined value":    {1, "u.graph:2:71: error: aten::neg: %9 is used before it is defined", []string{"opt", write("u.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::neg(%9)\n  return (%1)\n")}},
		"redefined value":    {1, "%0 is defined twice", []string{"opt", write("r.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %0 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::neg(%0)\n  return (%0)\n")}},
		"wrong arity":        {1, "aten::neg: arguments fit no known form", []string{"opt", write("a.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::neg(%0, %0, %0)\n  return (%1)\n")}},
		"wrong shape":        {1, "is recorded as tensor<5xf32>, but the op gives tensor<4xf32>", []string{"opt", write("s.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(5, strides=[1], requires_grad=1, device=cpu) = aten::neg(%0)\n  return (%1)\n")}},
		"huge size":          {1, "beyond what fits in memory", []string{"opt", write("h.graph", "graph(%0 : Float(4294967296, 4294967296, strides=[4294967296, 1], requires_grad=1, device=cpu)):\n  return (%0)\n")}},
		"unknown op":         {3, "aten::frobnicate", []string{"opt", write("o.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::frobnicate(%0)\n  return (%1)\n")}},
		"hidden weights":     {1, "hidden as <Tensor>", []string{"opt", write("w.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4, strides=[1], requires_grad=0, device=cpu) = prim::Constant[value=<Tensor>]()\n  return (%1)\n")}},
		"detached write":     {3, "writes to a detached tensor", []string{"opt", write("dw.graph", "graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):\n  %1 : Float(4, strides=[1], requires_grad=0, device=cpu) = aten::detach(%0)\n  %2 : Float(4, strides=[1], requires_grad=0, device=cpu) = aten::relu_(%1)\n  return (%0)\n")}},
		"svd":                {3, "aten::svd", []string{"run", "../testdata/observed/unsupported_svd.graph", "../testdata/observed/unsupported_svd.safetensors"}},
		"nonzero":            {3, "unsupported_nonzero.graph:2", []string{"compile", "../testdata/observed/unsupported_nonzero.graph"}},
		"dropout":            {3, "random numbers", []string{"explain", "../testdata/observed/dropout_train.graph"}},
		"deep nesting":       {1, "deep", []string{"opt", write("d.mlir", "func.func @f() { \"a.b\"() {x = "+deep+"} : () -> () }")}},
		"element types":      {1, "aten.mul: element types differ: got f32 and i64", []string{"opt", write("m.mlir", "func.func @f(%x: tensor<f32>, %y: tensor<i64>) {\n  %0 = aten.mul %x, %y : (tensor<f32>, tensor<i64>) -> tensor<f32>\n  func.return\n}\n")}},
		"wrong data":         {1, "expected f32[8 5]", []string{"check", mlp + ".graph", "../testdata/observed/square_sum.safetensors", "--engine=interp"}},
		"lying header":       {1, "lie.safetensors", []string{"check", mlp + ".graph", write("lie.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}"), "--engine=interp"}},
		"bad output":         {1, "cannot write", []string{"compile", mlp + ".graph", "-o", filepath.Join(dir, "no/such/folder/x.cpp")}},
		"output is a folder": {1, "it is a directory", []string{"compile", mlp + ".graph", "-o", dir}},
		"library no file":    {1, "it is not a file", []string{"compile", mlp + ".graph", "--engine=builtin", "--emit=so", "-o", "/dev/stdout"}},
		"agrees":             {0, "", []string{"check", mlp + ".graph", mlp + ".safetensors", "--engine=interp"}},
		"clad by name":       {1, "Clad was not found: the plugin cannot be read", []string{"run", mlp + ".graph", mlp + ".safetensors", "--engine=clad", "--clad-plugin=" + filepath.Join(dir, "none.so")}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(c.args...)
			require.Equal(t, c.status, status, "%s%s", stdout, stderr)
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, "internal error")
		})
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "a partial output file was left behind")
}

func TestJSONErrors(t *testing.T) {
	status, stdout, _ := run("explain", "../testdata/observed/unsupported_svd.graph", "--json")
	require.Equal(t, 3, status)
	require.JSONEq(t, `{"errors": [{"code": "unsupported", "op": "aten::svd", "file": "../testdata/observed/unsupported_svd.graph", "line": 4,
		"reason": "a matrix decomposition has no kernel here; leave it to LibTorch", "remedy": ""}]}`, stdout)
}
