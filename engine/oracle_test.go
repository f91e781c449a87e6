package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

// oracle is the folder of what scripts/make_oracle.py recorded. CLADOPT_ORACLE names
// another, such as one written with --split.
func oracle() string {
	if dir := os.Getenv("CLADOPT_ORACLE"); dir != "" {
		return dir
	}
	return "testdata/oracle"
}

func oracleGraphs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(oracle(), "*.graph"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func importOracle(t *testing.T, path string, o torchscript.ImportOptions) *ir.Module {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := torchscript.Import(dialects.Context(), path, src, o)
	require.NoError(t, err)
	return m
}

// oracleEngines are the interpreter and compiled code: in make test the f64 graphs,
// whose tolerance is narrow, in one pipeline, in make check all in both.
func oracleEngines(t *testing.T, name string) []engine.Options {
	if os.Getenv("CLADOPT_LONG") != "" {
		// The plain style follows Clad at kinks and infinities, not LibTorch.
		return slices.DeleteFunc(engines(t), func(o engine.Options) bool { return o.CladStyle == engine.CladPlain })
	}
	ways := ownEngines(t)
	if strings.HasSuffix(name, "_f32") {
		return ways[:1]
	}
	return ways[:min(len(ways), 2)]
}

// ownEngines are the engines but Clad, whose compiler takes long for graphs of this size.
func ownEngines(t *testing.T) []engine.Options {
	t.Helper()
	return slices.DeleteFunc(engines(t), func(o engine.Options) bool { return o.Engine == engine.Clad })
}

// TestOpsAgreeWithLibTorch holds every op that is imported against what LibTorch gave
// for it, edge values and gradients included.
func TestOpsAgreeWithLibTorch(t *testing.T) {
	for _, path := range oracleGraphs(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".graph")
		for _, o := range oracleEngines(t, name) {
			t.Run(name+"/"+o.Engine+o.Pipeline, func(t *testing.T) {
				t.Parallel()
				p, err := engine.Compile(context.Background(), importOracle(t, path, torchscript.ImportOptions{}), o)
				require.NoError(t, err)
				d, err := engine.ReadData(strings.TrimSuffix(path, ".graph")+".safetensors", p.Meta)
				require.NoError(t, err)
				r, err := p.Run(d.Inputs, d.GradOut)
				require.NoError(t, err)
				compared := engine.Compare(p.Meta, d, r)
				require.NotEmpty(t, compared)
				for _, c := range compared {
					if !c.OK {
						t.Errorf("%s", disagreement(p, d, r, c))
					}
				}
			})
		}
	}
}

// disagreement lists the elements that differ.
func disagreement(p *engine.Program, d *engine.Data, r *engine.Result, c engine.Comparison) string {
	var i int
	got, want := r.Outputs, d.Outputs
	if _, err := fmt.Sscanf(c.Name, "output.%d", &i); err != nil {
		fmt.Sscanf(c.Name, "grad_input.%d", &i)
		want = d.GradIn
		got = make([]tensor.Tensor, len(r.Gradients))
		for k, g := range r.Gradients {
			if g != nil {
				got[k] = *g
			}
		}
	}
	worst, n := tensor.Mismatches(got[i], *want[i], tensor.ToleranceOf(want[i].DType, engine.HasF32(p.Meta)), 6)
	text := fmt.Sprintf("%s: %d elements differ", c.Name, n)
	for _, w := range worst {
		text += "\n  " + w.String()
	}
	return text
}

// aliases are other names of ATen ops, which the tracer replaces: no graph of the oracle
// has them, so they are written into copies of the graphs.
var aliases = map[string]string{
	"absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
	"arctanh": "atanh", "clip": "clamp", "divide": "div", "true_divide": "div", "fix": "trunc", "greater": "gt", "greater_equal": "ge",
	"less": "lt", "less_equal": "le", "not_equal": "ne", "moveaxis": "movedim", "multiply": "mul", "negative": "neg", "subtract": "sub",
	"special_digamma": "digamma", "special_psi": "digamma", "special_erf": "erf", "special_erfc": "erfc", "special_gammaln": "lgamma",
	"special_softmax": "softmax", "special_log_softmax": "log_softmax", "swapaxes": "transpose", "swapdims": "transpose", "adjoint": "mH",
	"_unsafe_index": "index", "ger": "outer",
}

// uncovered are what the oracle does not show, each with the reason.
var uncovered = map[string]string{
	"aten::true_divide.Scalar": "an alias of div.Scalar that stands beside div with a mode in every graph",
	"aten::rsub.Tensor":        "the tracer records sub with its operands exchanged",
	"aten.full_like":           "made for sizes that are not known, which a trace has not: TestSymbolicSizes",
}

// TestAliasesImportAlike writes each alias in place of the op that it names, and wants
// the same module.
func TestAliasesImportAlike(t *testing.T) {
	for _, path := range oracleGraphs(t) {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		want := importOracle(t, path, torchscript.ImportOptions{}).String()
		withAliases(t, string(src), func(alias string, m *ir.Module, err error) {
			require.NoError(t, err, "%s in %s", alias, path)
			require.Equal(t, want, m.String(), "%s in %s", alias, path)
		}, nil)
	}
}

// withAliases imports a text once for each alias of an op that stands in it.
func withAliases(t *testing.T, text string, f func(alias string, m *ir.Module, err error), used func(*ir.Signature)) {
	t.Helper()
	for alias, name := range aliases {
		node := regexp.MustCompile(`(= aten::)` + name + `(_?\()`)
		if !node.MatchString(text) || alias == "true_divide" && strings.Contains(text, `"floor"`) {
			continue // it takes no mode
		}
		m, err := torchscript.Import(dialects.Context(), alias, []byte(node.ReplaceAllString(text, "${1}"+alias+"${2}")), torchscript.ImportOptions{Used: used})
		f(alias, m, err)
	}
}

// TestOracleCoversEveryOp wants every schema that is imported, and every op of the
// aten dialect at some stage of the pipelines, in the oracle's graphs.
func TestOracleCoversEveryOp(t *testing.T) {
	seen := map[string]bool{}
	note := func(m *ir.Module) {
		m.Op.Walk(func(op *ir.Op) { seen[string(op.Name)] = true })
	}
	used := func(s *ir.Signature) { seen[schemaName(s)] = true }
	for _, path := range oracleGraphs(t) {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		withAliases(t, string(src), func(string, *ir.Module, error) {}, used)
		m := importOracle(t, path, torchscript.ImportOptions{Used: used})
		note(m)
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			pm := &passes.Manager{Before: func(_ *passes.Pass, m *ir.Module) { note(m) }}
			require.NoError(t, engine.RunPipeline(ir.CloneModule(m), pipeline, pm))
		}
	}
	aten := dialects.Context().Dialect("aten")
	want := map[string]bool{}
	add := func(schema string) {
		s, err := ir.ParseSchema(schema)
		require.NoError(t, err)
		want[schemaName(s)] = true
	}
	for _, def := range aten.Ops {
		if len(def.Torch) > 0 && !strings.HasPrefix(def.Torch[0], "aten::") {
			continue // of a library besides LibTorch
		}
		want[string(def.Name)] = true
		for _, schema := range def.Torch {
			add(schema)
		}
	}
	for _, imp := range aten.Imports {
		add(imp.Schema)
	}
	for name := range want {
		_, excused := uncovered[name]
		switch {
		case !seen[name] && !excused:
			t.Errorf("%s stands in no graph of the oracle: add a case to scripts/make_oracle.py", name)
		case seen[name] && excused:
			t.Errorf("%s is listed as uncovered, but stands in the oracle", name)
		}
	}
	for name := range uncovered {
		require.True(t, want[name], "%s is listed as uncovered, but is not imported", name)
	}
}

// schemaName is "aten::add.Tensor".
func schemaName(s *ir.Signature) string { return strings.TrimSuffix(s.Name+"."+s.Overload, ".") }
