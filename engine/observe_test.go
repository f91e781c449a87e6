package engine_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/clad/llvmir/llvmirtest"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// observe lowers a graph and compiles it to be looked into, with its kernels apart or as
// they are in the library.
func observe(t *testing.T, name, by string, apart bool, w toolchain.Watch) (*engine.Lowered, *toolchain.Observation) {
	t.Helper()
	m, err := importGraph(t, name, torchscript.ImportOptions{})
	require.NoError(t, err)
	low, err := engine.Lower(m, engine.Options{Engine: by, Sources: []string{name + ".graph"}, Traced: true, Apart: apart})
	require.NoError(t, err)
	o, err := low.Observe(context.Background(), w)
	require.NoError(t, err)
	return low, o
}

// TestLoopsOfLibraries holds the loops that are found in the library of every observed
// graph against those that opt finds, and the calls against those of machine code.
func TestLoopsOfLibraries(t *testing.T) {
	versions, engines := []string{"16"}, []string{engine.Builtin}
	if os.Getenv("CLADOPT_LONG") != "" {
		versions = []string{"16", "14", "19"}
		if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err == nil {
			engines = append(engines, engine.Clad)
		} else {
			t.Logf("SKIPPED: libraries of the engine clad: %v", err)
		}
	} else {
		t.Log("SKIPPED: clang 14 and 19 and the engine clad need CLADOPT_LONG=1")
	}
	for _, version := range versions {
		opt, ok := llvmirtest.Opt(version)
		if _, err := exec.LookPath("clang++-" + version); err != nil || !ok {
			t.Logf("SKIPPED: clang++-%s with its opt is not installed", version)
			continue
		}
		for _, by := range engines {
			if by == engine.Clad && version != "16" {
				continue // a plugin is for one clang
			}
			t.Run(version+"/"+by, func(t *testing.T) {
				t.Setenv("CLADOPT_CXX", "clang++-"+version)
				for _, name := range graphs(t, false) {
					t.Run(name, func(t *testing.T) {
						low, o := observe(t, name, by, true, toolchain.Watch{Machine: true})
						llvmirtest.Compare(t, opt, o.IR, 0)
						checkFacts(t, low, low.Facts(o, "final"), o.IR)
					})
				}
			})
		}
	}
}

// checkFacts wants everything understood, every kernel found, a row for each inner loop
// of its text, and the calls that machine code has.
func checkFacts(t *testing.T, low *engine.Lowered, f *inspect.Facts, text string) {
	t.Helper()
	require.Empty(t, f.Notes)
	require.Zero(t, f.Unknown)
	byName := map[string]*inspect.Function{}
	for _, x := range f.Functions {
		if x.IsKernel() {
			byName[x.Name] = x
		}
	}
	for _, k := range low.Meta.Kernels {
		x := byName[k.Name]
		if slices.Contains(f.Absent, k.Name) {
			require.NotContains(t, text, "call void @_ZL"+fmt.Sprint(len(k.Name), k.Name)+"P", "a kernel is called that is said to be absent")
			continue
		}
		require.NotNil(t, x, "kernel %s", k.Name)
		for _, l := range x.Loops {
			if l.State == inspect.Scalar || l.State == inspect.Unrolled && l.FP > 0 {
				require.NotEmpty(t, l.Reason, "%s, line %d", x.Name, l.Line)
			}
			if l.State == inspect.Vectorized || l.State == inspect.Vector {
				require.Greater(t, l.Width, 1)
				require.Positive(t, l.VectorFP+l.VectorMemory+l.Gathers+l.Scatters, "%s, line %d: records and IR disagree", x.Name, l.Line)
			}
			require.NotEmpty(t, l.Places, "%s, line %d", x.Name, l.Line)
			require.NotEmpty(t, l.Ops, "%s, line %d", x.Name, l.Line)
		}
		for callee := range maps.Keys(x.Machine.Calls) {
			if x.Calls[strings.Replace(callee, "sincos", "sin", 1)] > 0 && x.Calls[strings.Replace(callee, "sincos", "cos", 1)] > 0 {
				continue // one call for both
			}
			if callee == "__tls_get_addr" {
				continue // where the host's table is
			}
			require.Contains(t, x.Calls, callee, "kernel %s calls it in machine code", k.Name)
		}
	}
}

// checkRows wants a row for each inner loop in the text of a kernel: the C++ is indented
// as it is nested.
func checkRows(t *testing.T, low *engine.Lowered, f *inspect.Facts) {
	t.Helper()
	lines := strings.Split(low.Source, "\n")
	indent := func(i int) int { return len(lines[i]) - len(strings.TrimLeft(lines[i], " ")) }
	isLoop := func(i int) bool { return strings.HasPrefix(strings.TrimSpace(lines[i]), "for (") }
	checked := 0
	for _, text := range cpp.ReadTrace(low.Source).Functions {
		i := slices.IndexFunc(f.Functions, func(x *inspect.Function) bool { return x.IsKernel() && x.Name == text.Name })
		if i < 0 || text.Places == "" {
			continue
		}
		for l := text.First; l < text.Last; l++ { // lines[l] is line l+1
			if !isLoop(l) {
				continue
			}
			inner := true
			for k := l + 1; indent(k) > indent(l); k++ {
				inner = inner && !isLoop(k)
			}
			if inner {
				checked++
				require.True(t, slices.ContainsFunc(f.Functions[i].Loops, func(x *inspect.Loop) bool { return x.Line == l+1 }),
					"%s: line %d has no row: %s", text.Name, l+1, lines[l])
			}
		}
	}
	require.Positive(t, checked)
}

func checkHooks(t *testing.T, f *inspect.Facts) {
	t.Helper()
	require.Empty(t, inspect.Run(inspect.NoCallsInLoops, f))
	require.Empty(t, inspect.Run(inspect.NoHeap, f))
}

// nameless is a pattern for a finding in whatever function.
func nameless(found string) string {
	place, rest, _ := strings.Cut(found, ": ")
	_, rest, _ = strings.Cut(rest, " (")
	return "(?m)^" + regexp.QuoteMeta(place) + `: \w+ \(` + regexp.QuoteMeta(rest) + "$"
}

// TestInnerLoopsOfBigGraphs wants every inner loop of the big graphs vectorised, but
// for those that docs/inspect.md lists with the reason, and nothing called in them.
func TestInnerLoopsOfBigGraphs(t *testing.T) {
	if _, err := exec.LookPath("clang++-16"); err != nil {
		t.Skip("SKIPPED: clang++-16 is not installed")
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: compiles for x86-64")
	}
	t.Setenv("CLADOPT_CXX", "clang++-16")
	page, err := os.ReadFile("../docs/inspect.md")
	require.NoError(t, err)
	engines := []string{engine.Builtin}
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err == nil {
		engines = append(engines, engine.Clad)
	} else {
		t.Logf("SKIPPED: the engine clad: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(observed, "big_*.graph"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	listed := map[string]bool{}
	for _, march := range []string{"x86-64-v3", "x86-64-v4"} {
		for _, by := range engines {
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".graph")
				t.Run(march+"/"+by+"/"+name, func(t *testing.T) {
					if by == engine.Clad && march == "x86-64-v4" && os.Getenv("CLADOPT_LONG") == "" {
						t.Skip("SKIPPED: needs CLADOPT_LONG=1")
					}
					low, o := observe(t, name, by, true, toolchain.Watch{March: march})
					f := low.Facts(o, "final")
					checkRows(t, low, f)
					checkHooks(t, f)
					for _, found := range inspect.Run(inspect.Vectorised, f) {
						require.Contains(t, string(page), found.String()+"\n", "docs/inspect.md lists what is not vectorised: add it, with what can be done")
						listed[found.String()] = true
					}
					// In the library kernels are inlined, and their loops are what they were.
					low, o = observe(t, name, by, false, toolchain.Watch{March: march})
					f = low.Facts(o, "final")
					checkHooks(t, f)
					for _, found := range inspect.Run(inspect.Vectorised, f) {
						require.Regexp(t, nameless(found.String()), string(page), "it is not vectorised in the library")
					}
				})
			}
		}
	}
	for line := range strings.Lines(string(page)) {
		if strings.Contains(line, ": vectorised: is not vectorised: ") {
			require.True(t, listed[strings.TrimSpace(line)], "docs/inspect.md lists what is vectorised by now: %s", line)
		}
	}
}
