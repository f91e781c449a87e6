package inspect_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/clad/toolchain"
)

// kernels are those of testdata/kernels.cpp, with the lines of their graph.
var kernels = []string{"saxpy", "recurrence", "call", "search", "gather", "heap", "pressure", "small", "twice"}

// facts compiles testdata/kernels.cpp with a clang and makes facts of it.
func facts(t *testing.T, version string) *inspect.Facts {
	t.Helper()
	if _, err := exec.LookPath("clang++-" + version); err != nil {
		t.Skipf("SKIPPED: clang++-%s is not installed", version)
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: compiles for x86-64")
	}
	t.Setenv("CLADOPT_CXX", "clang++-"+version)
	compiler, err := toolchain.Find(context.Background())
	require.NoError(t, err)
	source, err := os.ReadFile("testdata/kernels.cpp")
	require.NoError(t, err)
	o, err := compiler.Observe(context.Background(), toolchain.Request{Source: string(source)}, toolchain.Watch{Machine: true, March: "x86-64-v4"})
	require.NoError(t, err)
	in := inspect.Input{IR: o.IR, Records: o.Records, Assembly: o.Assembly, Source: string(source), SourceName: toolchain.SourceName,
		Ops: map[string][]string{"k.graph:2": {"aten.cumsum"}}}
	for _, k := range kernels {
		in.Kernels = append(in.Kernels, abi.Kernel{Name: k})
	}
	return inspect.Collect(in)
}

func function(t *testing.T, f *inspect.Facts, name string) *inspect.Function {
	t.Helper()
	i := slices.IndexFunc(f.Functions, func(x *inspect.Function) bool { return x.Name == name })
	require.GreaterOrEqual(t, i, 0, "no function %s", name)
	return f.Functions[i]
}

// TestWhyALoopIsNotVectorised has kernels that are made so that they cannot be, and
// wants each named with the reason, by all clangs.
func TestWhyALoopIsNotVectorised(t *testing.T) {
	for _, version := range []string{"14", "16", "19"} {
		t.Run(version, func(t *testing.T) {
			f := facts(t, version)
			require.Empty(t, f.Notes)
			for kernel, want := range map[string]struct{ place, reason string }{
				"recurrence": {"k.graph:2", "value that could not be identified as reduction is used outside the loop"},
				"call":       {"k.graph:3", "call instruction cannot be vectorized: y0[i] = lgammaf(x0[i]);"},
				"search":     {"k.graph:4", "could not determine number of loop iterations"},
				"heap":       {"k.graph:6", "call instruction cannot be vectorized"},
			} {
				x := function(t, f, kernel)
				require.Equal(t, inspect.Forward, x.Role)
				l := x.Loops[0]
				require.Equal(t, inspect.Scalar, l.State, "%s", kernel)
				require.Equal(t, want.place, l.Places)
				require.Contains(t, l.Reason, want.reason, "%s", kernel)
				require.Equal(t, 1, l.Width)
			}
			require.Equal(t, []string{"aten.cumsum"}, function(t, f, "recurrence").Loops[0].Ops)

			found := inspect.Run(inspect.Vectorised, f)
			var lines []string
			for _, x := range found {
				lines = append(lines, x.String())
			}
			text := strings.Join(lines, "\n")
			require.Contains(t, text, "k.graph:2: recurrence (aten.cumsum): for (int64_t i = 0; i < 4096; ++i): vectorised: is not vectorised: value that could not be identified")
			for _, fine := range []string{"saxpy", "gather", "twice"} {
				require.NotContains(t, text, ": "+fine)
			}
		})
	}
}

// TestFactsOfKernels looks at every kind of fact.
func TestFactsOfKernels(t *testing.T) {
	f := facts(t, "16")
	saxpy := function(t, f, "saxpy")
	require.Len(t, saxpy.Loops, 1)
	l := saxpy.Loops[0]
	require.Equal(t, inspect.Vectorized, l.State)
	require.Equal(t, 8, l.Width, "clang prefers 256 bits for x86-64-v4")
	require.Equal(t, 4, l.Interleave)
	require.Equal(t, l.Interleave*l.Unroll, l.Machine.FMA, "a product and a sum each")
	require.Equal(t, 2*l.Interleave*l.Unroll, l.Loads)
	require.Equal(t, l.Interleave*l.Unroll, l.Stores)
	require.Equal(t, l.FP, l.VectorFP)
	require.Empty(t, l.Calls)
	require.Equal(t, 1, saxpy.AllLoops)

	gather := function(t, f, "gather").Loops[0]
	require.Equal(t, inspect.Vectorized, gather.State)
	require.Positive(t, gather.Gathers)

	call := function(t, f, "call")
	require.Equal(t, map[string]int{"lgammaf": 1}, call.Loops[0].Calls)
	require.Equal(t, map[string]int{"lgammaf": 1}, call.Machine.Calls)

	heap := function(t, f, "heap")
	require.Equal(t, 2, heap.Heap)
	require.Equal(t, 2, heap.Loops[0].Heap)
	require.Equal(t, 1, heap.Allocas, "the volatile pointer")
	require.Equal(t, int64(8), heap.AllocaBytes)

	pressure := function(t, f, "pressure")
	require.Positive(t, pressure.Machine.Spills+pressure.Machine.Reloads, "no register for floats survives a call")
	require.Positive(t, pressure.Loops[0].Machine.Spills+pressure.Loops[0].Machine.Reloads)
	require.Positive(t, pressure.Machine.Stack)
	require.Zero(t, saxpy.Machine.Spills)

	// The loop over four elements is unrolled, and the loop around it vectorised.
	small := function(t, f, "small")
	var states []string
	for _, l := range small.Loops {
		states = append(states, l.State)
	}
	require.NotContains(t, states, inspect.Scalar)
	require.NotContains(t, states, inspect.Unrolled)

	// What is inlined is found where it went, by the lines of its text.
	forward := function(t, f, "ct_forward")
	require.Equal(t, inspect.Entry, forward.Role)
	require.Len(t, forward.Loops, 1)
	require.Equal(t, "twice", forward.Loops[0].In)
	require.Equal(t, "k.graph:10", forward.Loops[0].Places)
	require.Equal(t, inspect.Vectorized, forward.Loops[0].State)
	require.Equal(t, map[string]int{"saxpy": 1, "recurrence": 1, "call": 1, "search": 1, "gather": 1, "heap": 1, "pressure": 1, "small": 1}, forward.Calls)
}

// TestHooks runs those in the tree.
func TestHooks(t *testing.T) {
	f := facts(t, "16")
	names := func(h *inspect.Hook) []string {
		out := []string{}
		for _, x := range inspect.Run(h, f) {
			require.Equal(t, h.Name, x.Hook)
			out = append(out, x.Function)
		}
		slices.Sort(out)
		return out
	}
	require.Equal(t, []string{"call", "heap", "pressure"}, names(inspect.NoCallsInLoops))
	require.Equal(t, []string{"heap"}, names(inspect.NoHeap))
	require.Equal(t, []string{"call", "heap", "pressure", "recurrence", "search"}, names(inspect.Vectorised))
	for _, h := range inspect.Hooks() {
		require.NoError(t, h.Validate())
	}
	require.ErrorContains(t, (&inspect.Hook{Name: "x"}).Validate(), "needs Name, Doc and Run")
}
