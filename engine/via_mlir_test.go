package engine_test

import (
	"context"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// needMLIR skips the test, loudly, where MLIR's tools are not installed.
func needMLIR(t *testing.T) {
	t.Helper()
	if _, err := toolchain.FindMLIR(); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
}

var mlirWays = []engine.Options{
	{Engine: engine.Builtin, Via: engine.ViaMLIR, Pipeline: engine.GradPairs},
	{Engine: engine.Builtin, Via: engine.ViaMLIR, Pipeline: engine.GradJoint},
}

// sample is what make test takes of a list: every nth, announced; make check takes all.
func sample(t *testing.T, list []string, n int) []string {
	t.Helper()
	if os.Getenv("CLADOPT_LONG") != "" {
		return list
	}
	var out []string
	for i := 0; i < len(list); i += n {
		out = append(out, list[i])
	}
	t.Logf("SKIPPED: %d of %d graphs by way of MLIR; make check runs them", len(list)-len(out), len(list))
	return out
}

// TestObservedGraphsViaMLIR holds what MLIR's tools make of the loops against LibTorch.
func TestObservedGraphsViaMLIR(t *testing.T) {
	needMLIR(t)
	for _, name := range sample(t, graphs(t, true), 5) {
		for _, o := range mlirWays {
			t.Run(name+"/"+o.Pipeline, func(t *testing.T) {
				t.Parallel()
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				p, err := engine.Compile(context.Background(), m, o)
				require.NoError(t, err)
				d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
				require.NoError(t, err)
				agree(t, p, d)
			})
		}
	}
}

// TestOpsViaMLIR does so for every op.
func TestOpsViaMLIR(t *testing.T) {
	needMLIR(t)
	for _, path := range sample(t, oracleGraphs(t), 16) {
		for _, o := range mlirWays {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".graph")+"/"+o.Pipeline, func(t *testing.T) {
				t.Parallel()
				p, err := engine.Compile(context.Background(), importOracle(t, path, torchscript.ImportOptions{}), o)
				require.NoError(t, err)
				d, err := engine.ReadData(strings.TrimSuffix(path, ".graph")+".safetensors", p.Meta)
				require.NoError(t, err)
				agree(t, p, d)
			})
		}
	}
}

// TestRandomGraphsViaMLIR holds random graphs and their gradients against the
// interpreter.
func TestRandomGraphsViaMLIR(t *testing.T) {
	needMLIR(t)
	compared := 0
	for seed := int64(5000); seed < 5000+seeds(4, 60, 1000); seed++ {
		m, text, d, ok := randomCase(t, seed)
		if !ok {
			continue
		}
		compared++
		for _, o := range mlirWays {
			p, err := engine.Compile(context.Background(), m, o)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			t.Logf("seed %d, %s", seed, o.Pipeline)
			agree(t, p, d)
		}
	}
	require.NotZero(t, compared)
}

// agree runs p and compares all that d holds.
func agree(t *testing.T, p *engine.Program, d *engine.Data) {
	t.Helper()
	r, err := p.Run(d.Inputs, d.GradOut)
	require.NoError(t, err)
	compared := engine.Compare(p.Meta, d, r)
	require.NotEmpty(t, compared)
	for _, c := range compared {
		if !c.OK {
			t.Errorf("%s", disagreement(p, d, r, c))
		}
	}
}

// TestBadIndicesViaMLIR wants a wrong index at any place to be the error that the C++
// gives, and the same library to be right again after.
func TestBadIndicesViaMLIR(t *testing.T) {
	needMLIR(t)
	for _, name := range []string{"embedding_lookup", "index_select_gather", "cross_entropy", "log_softmax_nll"} {
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				var ways []*engine.Program
				for _, via := range []string{engine.ViaCPP, engine.ViaMLIR} {
					p, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Builtin, Pipeline: pipeline, Via: via})
					require.NoError(t, err)
					ways = append(ways, p)
				}
				d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), ways[0].Meta)
				require.NoError(t, err)
				bad := 0
				for i := range d.Inputs {
					if d.Inputs[i].DType != tensor.I64 {
						continue
					}
					places := tensor.Values[int64](d.Inputs[i])
					for k := range places {
						for _, wrong := range []int64{-1000, -11, 1000, 1 << 62, -1 << 63} {
							right := places[k]
							places[k] = wrong
							_, want := ways[0].Run(d.Inputs, d.GradOut)
							_, got := ways[1].Run(d.Inputs, d.GradOut)
							places[k] = right
							require.Error(t, want)
							require.Error(t, got)
							require.Equal(t, message(want), message(got))
							bad++
						}
					}
				}
				require.NotZero(t, bad)
				agree(t, ways[1], d)
			})
		}
	}
}

// message is an error without the library's path.
func message(err error) string {
	_, text, _ := strings.Cut(err.Error(), ".so: ")
	return text
}

// TestTroubleViaMLIR wants a missing tool to be one line, a text that a tool refuses to
// be an error with what was tried, and none to leave a file.
func TestTroubleViaMLIR(t *testing.T) {
	needMLIR(t)
	m, err := importGraph(t, "square_sum", torchscript.ImportOptions{})
	require.NoError(t, err)
	build := func(source string, o engine.Options) error {
		dir := t.TempDir()
		low, err := engine.Lower(m, o)
		require.NoError(t, err)
		if source != "" {
			low.Source = source
		}
		err = low.Build(context.Background(), filepath.Join(dir, "graph.so"))
		left, _ := os.ReadDir(dir)
		require.Empty(t, left)
		return err
	}
	o := mlirWays[0]
	for source, tool := range map[string]string{
		"module {":                           "mlir-opt-16 --convert-linalg-to-loops",
		"func.func @f() { math.oops }":       "mlir-opt-16 --convert-linalg-to-loops",
		"func.func private @f()":             "clang-16 -O3", // no graph to call
		`"test.op"() : () -> ()`:             "mlir-translate-16 --mlir-to-llvmir",
		"module attributes {test.a = 1} { }": "clang-16 -O3",
	} {
		err := build(source, o)
		var failed *toolchain.CompileError
		require.True(t, errors.As(err, &failed), "%v", err)
		require.Contains(t, err.Error(), tool)
		require.Contains(t, err.Error(), "error")
	}
	o.Timeout = time.Millisecond
	require.ErrorContains(t, build("", o), "did not end within 1ms")

	empty := t.TempDir()
	t.Setenv("PATH", empty)
	for _, tool := range []string{"mlir-opt-16", "mlir-translate-16", "clang-16"} {
		err := build("", mlirWays[0])
		require.ErrorIs(t, err, toolchain.ErrNoMLIR)
		require.ErrorContains(t, err, "install "+tool)
		require.NotContains(t, err.Error(), "\n")
		require.NoError(t, os.WriteFile(filepath.Join(empty, tool), []byte("#!/bin/sh\n"), 0o700))
	}
	_, err = engine.Lower(m, engine.Options{Engine: engine.Interp, Via: engine.ViaMLIR})
	require.ErrorContains(t, err, "has no route via mlir")
	_, err = engine.Lower(m, engine.Options{Engine: engine.Builtin, Via: "fax"})
	require.ErrorContains(t, err, `unknown route "fax"`)
}

// TestHandedToMLIR wants nothing in what is handed over that ends the process, piles up
// memory, or shows kernels to everyone; and this project's parser to read it.
func TestHandedToMLIR(t *testing.T) {
	loops := 0
	for _, name := range graphs(t, false) {
		for _, o := range mlirWays {
			m, err := importGraph(t, name, torchscript.ImportOptions{})
			require.NoError(t, err)
			low, err := engine.Lower(m, o)
			require.NoError(t, err)
			text := roundTrip(t, low.Prepared)
			require.Equal(t, text, low.Source)
			require.NotContains(t, text, "cf.assert")
			if strings.Contains(low.Module.String(), "cf.assert") {
				loops++
			}
			for _, line := range strings.Split(text, "\n") {
				if strings.Contains(line, "memref.alloca") {
					require.True(t, strings.HasPrefix(line, "    %"), "%s: memory on the stack in a loop: %s", name, line)
				}
				if strings.Contains(line, "func.func @k") {
					require.Contains(t, line, "#llvm.linkage<internal>")
				}
			}
		}
	}
	require.Greater(t, loops, 5)
}

// TestLibraryViaMLIR wants the entry points of the contract and no other symbol.
func TestLibraryViaMLIR(t *testing.T) {
	needMLIR(t)
	m, err := importGraph(t, "embedding_lookup", torchscript.ImportOptions{})
	require.NoError(t, err)
	low, err := engine.Lower(m, mlirWays[0])
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "graph.so")
	require.NoError(t, low.Build(context.Background(), path))
	require.NotZero(t, low.CompileTime)
	file, err := elf.Open(path)
	require.NoError(t, err)
	defer file.Close()
	symbols, err := file.DynamicSymbols()
	require.NoError(t, err)
	var exported []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF {
			exported = append(exported, s.Name)
		}
	}
	require.ElementsMatch(t, []string{"ct_abi", "ct_backward", "ct_forward", "ct_meta"}, exported)
}
