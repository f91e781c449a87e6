package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/cli"
)

// squareSum is a graph whose loops are vectorised and not shared by threads.
const squareSum = "../lit/tests/inspect/Inputs/big_square_sum.graph"

// clang names the compiler for a test of cladopt inspect.
func clang(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("clang++-16"); err != nil {
		t.Skip("SKIPPED: clang++-16 is not installed")
	}
	t.Setenv("CLADOPT_CXX", "clang++-16")
}

// TestInspectNamesAKernelThatIsNotVectorised wants op, line and reason of loops that
// cannot be vectorised.
func TestInspectNamesAKernelThatIsNotVectorised(t *testing.T) {
	clang(t)
	status, stdout, stderr := run("inspect", "../lit/tests/inspect/Inputs/not-vectorized.graph", "--engine=builtin", "--hook=vectorised")
	require.Equal(t, 1, status, "findings are a failure: %s", stderr)
	require.Contains(t, stdout, "not-vectorized.graph:7: k1 (aten.cumsum): for (int64_t k = 0; k < 4096; ++k): vectorised: is not vectorised: "+
		"value that could not be identified as reduction is used outside the loop\n")
	require.NotContains(t, stdout, "aten.tanh")
}

func TestInspectAsJSON(t *testing.T) {
	clang(t)
	status, stdout, stderr := run("inspect", squareSum, "--engine=builtin", "--json", "--hook=all")
	require.Zero(t, status, "%s", stderr)
	var got struct {
		inspect.Facts
		Findings []inspect.Finding `json:"findings"`
	}
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&got))
	require.Equal(t, "builtin", got.Engine)
	require.Contains(t, got.Compiler, "clang version 16")
	require.Equal(t, "final", got.Stage)
	require.Empty(t, got.Findings)
	for _, f := range got.Functions {
		if !f.IsKernel() {
			continue
		}
		require.Equal(t, "big_square_sum.graph:2,4", f.Places)
		require.Equal(t, []string{"aten.mul", "aten.sum"}, f.Ops)
		require.Contains(t, f.IR, "define ")
		for _, l := range f.Loops {
			require.Equal(t, inspect.Vectorized, l.State)
			require.Greater(t, l.Width, 1)
		}
	}
}

// TestInspectShowsIR looks at the IR of a kernel at each stage.
func TestInspectShowsIR(t *testing.T) {
	clang(t)
	at := map[string]string{}
	for _, stage := range []string{"simplify", "vectorize", "final"} {
		status, stdout, stderr := run("inspect", squareSum, "--engine=builtin", "--after="+stage, "--kernel=k0", "--march=x86-64-v3")
		require.Zero(t, status, "%s", stderr)
		require.Contains(t, stdout, "; k0, forward, big_square_sum.graph:2,4: aten.mul, aten.sum\n")
		require.Contains(t, stdout, "; k0_pullback_first, pullback, big_square_sum.graph:2,4: aten.mul, aten.sum\n")
		require.Contains(t, stdout, "; loop, C++ line ")
		require.NotContains(t, stdout, "!dbg")
		require.NotContains(t, stdout, "ct_forward", "only the kernel and its pullback")
		at[stage] = stdout
	}
	require.NotContains(t, at["simplify"], "<8 x float>")
	require.Contains(t, at["simplify"], "the vectorisers have not run")
	require.Contains(t, at["vectorize"], "fadd reassoc nsz arcp contract <8 x float>")
	require.Contains(t, at["final"], "fadd reassoc nsz arcp contract <8 x float>")

	status, stdout, stderr := run("inspect", squareSum, "--engine=builtin", "--kernel=k0_pullback_first")
	require.Zero(t, status, "%s", stderr)
	require.NotContains(t, stdout, "; k0, ")
}

func TestInspectAroundAPass(t *testing.T) {
	clang(t)
	status, stdout, stderr := run("inspect", squareSum, "--engine=builtin", "--before-after=loop-vectorize", "--kernel=k0", "--march=x86-64-v3")
	require.Zero(t, status, "%s", stderr)
	before, after, ok := strings.Cut(stdout, "; after LoopVectorizePass: k0\n")
	require.True(t, ok, "%s", stdout)
	require.Contains(t, before, "; before LoopVectorizePass: k0\n")
	require.NotContains(t, before, "<8 x float>")
	require.Contains(t, after, "<8 x float>")
	status, stdout, stderr = run("inspect", squareSum, "--engine=builtin", "--before-after=sroa", "--kernel=k0")
	require.Zero(t, status, "%s", stderr)
	require.Contains(t, stdout, ": k0, as it was\n", "SROA runs twice")
	status, _, stderr = run("inspect", squareSum, "--engine=builtin", "--before-after=nonsense")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, `clang printed no IR around "nonsense"`)
}

// TestInspectRunsHooksOfAUser registers one as a user's program does.
func TestInspectRunsHooksOfAUser(t *testing.T) {
	clang(t)
	wide := &inspect.Hook{Name: "wide", Doc: "loops are as wide as can be", Run: func(f *inspect.Function) []inspect.Finding {
		var out []inspect.Finding
		for _, l := range f.Loops {
			if l.Width < 8 {
				out = append(out, inspect.Finding{Loop: l, Message: "is narrow"})
			}
		}
		return out
	}}
	run := func(h *inspect.Hook, args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		status := cli.Main(cli.Config{Hooks: []*inspect.Hook{h}}, append([]string{"inspect", squareSum, "--engine=builtin"}, args...), strings.NewReader(""), &stdout, &stderr)
		return status, stdout.String(), stderr.String()
	}
	status, stdout, stderr := run(wide, "--hook=wide", "--march=x86-64-v3")
	require.Zero(t, status, "%s%s", stdout, stderr)
	require.Contains(t, stdout, "big_square_sum.graph: 6 functions, no findings\n")
	status, stdout, _ = run(wide, "--hook=wide,no-heap", "--march=x86-64")
	require.Equal(t, 1, status)
	require.Contains(t, stdout, "big_square_sum.graph:2,4: k0 (aten.mul, aten.sum): for (int64_t")
	require.Contains(t, stdout, ": wide: is narrow\n")
	status, _, stderr = run(&inspect.Hook{Name: "broken"}, "--hook=broken")
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "a hook needs Name, Doc and Run")
}

func TestInspectErrors(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{squareSum, "--engine=interp"}, 2, "makes no LLVM IR"},
		{[]string{squareSum, "--engine=builtin", "--hook=what"}, 2, `there is no hook "what", expected no-calls-in-loops, no-heap, vectorised or all`},
		{[]string{squareSum, "--engine=builtin", "--kernel=k9"}, 1, `there is no kernel "k9", expected one of k0, k0_pullback_first`},
		{[]string{"nothing.graph"}, 1, "no such file"},
		{[]string{"../testdata/observed/unsupported_svd.graph"}, 3, "aten::svd"},
	} {
		status, stdout, stderr := run(append([]string{"inspect"}, c.args...)...)
		require.Equal(t, c.status, status, "%v: %s", c.args, stderr)
		require.Contains(t, stderr, c.want)
		require.Empty(t, stdout)
	}
	clang(t)
	status, _, stderr := run("inspect", squareSum, "--engine=builtin", "--march=no-such-cpu")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "no-such-cpu")

	// A compiler that is no clang.
	gcc := filepath.Join(t.TempDir(), "c++")
	require.NoError(t, os.WriteFile(gcc, []byte("#!/bin/sh\necho 'g++ (GCC) 12.2.0'\n"), 0o700))
	t.Setenv("CLADOPT_CXX", gcc)
	status, _, stderr = run("inspect", squareSum, "--engine=builtin")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "is not clang, which makes the LLVM IR to look into")
}
