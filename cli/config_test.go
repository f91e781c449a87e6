package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/passes"
)

// own is a command with a dialect, a rule and a pipeline of its own.
func own() cli.Config {
	x := rewrite.Var("x")
	const double ir.OpName = "my.double"
	return cli.Config{
		Name: "my-opt",
		Dialects: []*ir.Dialect{{Name: "my", Summary: "an op", Uniform: true, Ops: []*ir.OpDef{{
			Name: double, Summary: "twice a tensor", Torch: []string{"my::double(Tensor self) -> Tensor"},
			Operands: ir.Params(ir.P("self", ir.AnyType)), Results: ir.Params(ir.P("out", ir.AnyType)), Traits: ir.Pure,
			Infer: func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[0]) },
			Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
				return []*ir.Value{aten.Add(b, op.Operand(0), op.Operand(0))}
			},
		}}}},
		Rules: []rewrite.Rule{{Law: "double(-x) => -double(x)", From: rewrite.Op(double, rewrite.Op(aten.OpNeg, x)), To: rewrite.Op(aten.OpNeg, rewrite.Op(double, x))}},
	}
}

func runAs(config cli.Config, args ...string) (status int, out string) {
	var b bytes.Buffer
	status = cli.Main(config, args, strings.NewReader(""), &b, &b)
	return status, b.String()
}

// TestOwnConfig wants what a program brings to be known to every command.
func TestOwnConfig(t *testing.T) {
	dir := t.TempDir()
	graph := filepath.Join(dir, "g.graph")
	require.NoError(t, os.WriteFile(graph, []byte(`graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):
  %1 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::neg(%0)
  %2 : Float(4, strides=[1], requires_grad=1, device=cpu) = my::double(%1)
  return (%2)
`), 0o600))
	status, out := runAs(own(), "opt", graph, "-p", "canonicalize", "--trace-rewrites")
	require.Zero(t, status, out)
	require.Contains(t, out, "double(-x) => -double(x)")
	require.Regexp(t, `my.double %arg0.*\n.*aten.neg %0`, out)
	status, out = runAs(own(), "compile", graph, "--emit=kernels")
	require.Zero(t, status, out)
	require.NotContains(t, out, "my.double")
	status, out = runAs(own(), "doc", dir)
	require.Zero(t, status, out)
	for page, says := range map[string]string{"ops.md": "### my.double", "rules.md": "double(-x) => -double(x)"} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		require.NoError(t, err)
		require.Contains(t, string(text), says)
	}
	status, out = runAs(own(), "opt", graph, "--nope")
	require.Equal(t, cli.ExitUsage, status)
	require.Contains(t, out, "my-opt: unknown flag")
}

// TestPrepare wants a user's pipeline before each of cladopt's, and a pipeline of his to
// replace one of the same name, in commands that do not name it.
func TestPrepare(t *testing.T) {
	ran := map[string]int{}
	count := func(name string) *passes.Pass {
		return &passes.Pass{Name: name, Doc: "Counts.", Run: func(*passes.Run) error { ran[name]++; return nil }}
	}
	config := cli.Config{Passes: []*passes.Pass{count("count-first"), count("count-own")}, Prepare: "count-first"}
	for _, args := range [][]string{
		{"run", mlp + ".graph", mlp + ".safetensors", "--engine=interp"}, {"explain", mlp + ".graph"},
		{"compile", mlp + ".graph", "--emit=kernels"}, {"compile", mlp + ".graph", "--pipeline=grad-joint", "--engine=builtin"},
	} {
		before := ran["count-first"]
		status, out := runAs(config, args...)
		require.Zero(t, status, out)
		require.Equal(t, before+1, ran["count-first"], args)
	}
	config.Pipelines = map[string]string{"interp": "count-own," + passes.Pipelines()["interp"]}
	status, out := runAs(config, "run", mlp+".graph", mlp+".safetensors", "--engine=interp")
	require.Zero(t, status, out)
	require.Equal(t, 1, ran["count-own"])

	config.Prepare = "count-frist"
	status, out = runAs(config, "doctor")
	require.Equal(t, cli.ExitUsage, status)
	require.Contains(t, out, `no pass or pipeline is named "count-frist"`)
}
