package passes_test

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// modules is how many random modules a test takes: some, or many in make soak.
func modules(t *testing.T, some int64) int64 {
	t.Helper()
	if os.Getenv("CLADOPT_SOAK") != "" {
		return 20 * some
	}
	return some
}

func parse(t *testing.T, text string) *ir.Module {
	t.Helper()
	m, err := mlir.Parse(dialects.Context(), "random.mlir", []byte(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, ir.Verify(m.Ctx, m.Op), "%s", text)
	return m
}

// numbers are arguments for the functions of randomir.Loops.
func numbers(r *rand.Rand) []*tensor.Tensor {
	x, y := tensor.Scalar(r.NormFloat64()), tensor.Scalar(2*r.NormFloat64())
	n, c := tensor.Scalar(r.Int63n(20)-10), tensor.Scalar(r.Intn(2) == 0)
	return []*tensor.Tensor{&x, &y, &n, &c}
}

// tensors are arguments for the @graph of randomir.Aten.
func tensors(r *rand.Rand) []*tensor.Tensor {
	var out []*tensor.Tensor
	for _, shape := range [][]int64{{3, 4}, {4}, {3, 1}, {}, {4, 3}} {
		x, err := tensor.New(tensor.F64, shape)
		if err != nil {
			panic(err)
		}
		for k := range tensor.Values[float64](x) {
			tensor.Values[float64](x)[k] = 2*r.Float64() - 1
		}
		out = append(out, &x)
	}
	return out
}

// results runs a function of m.
func results(t *testing.T, m *ir.Module, name string, args []*tensor.Tensor) []tensor.Tensor {
	t.Helper()
	x := interp.New(m)
	x.MaxSteps = 1e7
	out, err := x.Call(name, args)
	require.NoError(t, err, "%s", m)
	values := make([]tensor.Tensor, len(out))
	for i := range out {
		values[i] = *out[i]
	}
	return values
}

// same wants the values of two runs to be equal, floats within tol.
func same(t *testing.T, want, got []tensor.Tensor, tol float64, format string, args ...any) {
	t.Helper()
	require.GreaterOrEqual(t, len(got), len(want)) // differentiate adds what is saved
	for i := range want {
		worst, ok := tensor.Agree(got[i], want[i], tensor.Tolerance{Abs: tol, Rel: tol})
		require.True(t, ok, "result %d: %s\n%s", i, worst, fmt.Sprintf(format, args...))
	}
}

// TestScalarPassesKeepTheMeaning runs each pass on random functions of MLIR's own
// dialects: they compute the same numbers to the last bit, and nothing changes when the
// pass runs again.
func TestScalarPassesKeepTheMeaning(t *testing.T) {
	before, after := 0, 0
	for seed := int64(0); seed < modules(t, 150); seed++ {
		r := rand.New(rand.NewSource(seed))
		text := randomir.Loops(r, 40, false)
		m := parse(t, text)
		args := numbers(r)
		var names []string
		want := map[string][]tensor.Tensor{}
		for op := m.Body().First(); op != nil; op = op.Next() {
			name := op.Str(ir.SymbolName)
			names = append(names, name)
			want[name] = results(t, m, name, args)
		}
		for _, pipeline := range []string{"canonicalize", "cse", "dce", "canonicalize,cse,dce", "cse,canonicalize,dce,cse"} {
			c := ir.CloneModule(m)
			require.NoError(t, engine.RunPipeline(c, pipeline, nil), "seed %d, %s\n%s", seed, pipeline, text)
			for _, name := range names {
				same(t, want[name], results(t, c, name, args), 0, "seed %d, %s, @%s\n%s\n%s", seed, pipeline, name, text, c)
			}
			once := c.String()
			if !strings.Contains(pipeline, ",") {
				require.NoError(t, engine.RunPipeline(c, pipeline, nil))
				require.Equal(t, once, c.String(), "seed %d: %s changes what it made", seed, pipeline)
			}
			again := parse(t, once)
			require.Equal(t, once, again.String())
			before, after = before+countOps(m), after+countOps(c)
		}
	}
	require.Less(t, 4*after, 3*before, "the passes have next to nothing to do")
}

func countOps(m *ir.Module) int {
	n := 0
	m.Op.Walk(func(*ir.Op) { n++ })
	return n
}

// tensorPasses are those that keep @graph a function on tensors. Groups are marked and
// outlined at once: other passes know nothing of the marks.
var tensorPasses = []string{"canonicalize", "cse", "dce", "decompose", "check-contiguity", "lower-to-linalg", "lower-to-linalg{elementwise-only=true}",
	"fuse-elementwise", "fuse-elementwise{max=6}", "fuse-reduction,outline-kernels"}

// TestTensorPassesKeepTheMeaning runs each pass, and pipelines of them in a random order
// that the passes' own wishes allow, on random graphs.
func TestTensorPassesKeepTheMeaning(t *testing.T) {
	for seed := int64(0); seed < modules(t, 100); seed++ {
		r := rand.New(rand.NewSource(seed))
		text := randomir.Aten(r, 25)
		m := parse(t, text)
		args := tensors(r)
		want := results(t, m, "graph", args)
		pipelines := []string{"canonicalize", "cse", "dce", "decompose", "lower-to-linalg", "decompose,lower-to-linalg,fuse-elementwise",
			"decompose,lower-to-linalg,fuse-elementwise,fuse-reduction,outline-kernels"}
		for k := 0; k < 4; k++ {
			pipelines = append(pipelines, randomPipeline(r))
		}
		for _, pipeline := range pipelines {
			c := ir.CloneModule(m)
			require.NoError(t, engine.RunPipeline(c, pipeline, nil), "seed %d, %s\n%s", seed, pipeline, text)
			same(t, want, results(t, c, "graph", args), 1e-10, "seed %d, %s\n%s\n%s", seed, pipeline, text, c)
		}
		for _, pass := range []string{"canonicalize", "cse", "dce", "decompose", "lower-to-linalg", "fuse-elementwise", "fuse-reduction", "check-contiguity"} {
			c := ir.CloneModule(m)
			require.NoError(t, engine.RunPipeline(c, pass, nil))
			once := c.String()
			require.NoError(t, engine.RunPipeline(c, pass, nil))
			require.Equal(t, once, c.String(), "seed %d: %s changes what it made", seed, pass)
		}
	}
}

// randomPipeline is passes in an order that is accepted.
func randomPipeline(r *rand.Rand) string {
	for {
		var steps []string
		outlined := false
		for k := 2 + r.Intn(8); k > 0; k-- {
			pass := tensorPasses[r.Intn(len(tensorPasses))]
			if outlined && pass != "canonicalize" && pass != "cse" && pass != "dce" {
				continue
			}
			outlined = outlined || pass == "fuse-reduction,outline-kernels"
			steps = append(steps, pass)
		}
		text := strings.Join(steps, ",")
		if _, err := engine.Registry().Parse(text); err == nil {
			return text
		}
	}
}
