package engine_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/llir/llvm/asm"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// TestLLVMAgreesWithLibTorch holds what runs by way of LLVM IR against what LibTorch
// recorded, for every graph and both gradient pipelines, and against the C++, in make test
// of one of them: the same operations in the same order, but for sums that the two may have
// vectorised in different ways.
func TestLLVMAgreesWithLibTorch(t *testing.T) {
	o := viaLLVM(t)
	_, noCPP := toolchain.Find(context.Background())
	if noCPP != nil {
		t.Logf("SKIPPED: the comparison with C++: %v", noCPP)
	}
	for _, name := range graphs(t, true) {
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				run := func(via string) (*engine.Program, *engine.Data, *engine.Result) {
					p, err := engine.Compile(context.Background(), m, engine.Options{Engine: o.Engine, Pipeline: pipeline, Via: via})
					require.NoError(t, err)
					d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
					require.NoError(t, err)
					r, err := p.Run(d.Inputs, d.GradOut)
					require.NoError(t, err)
					return p, d, r
				}
				p, d, r := run(engine.ViaLLVM)
				require.Contains(t, p.Lowered.Source, "define i32 @ct_forward(")
				compared := engine.Compare(p.Meta, d, r)
				require.NotEmpty(t, compared)
				for _, c := range compared {
					require.True(t, c.OK, "%s: %s", c.Name, c.Mismatch)
				}
				spoilOne(t, p, d, r)
				if noCPP == nil && (pipeline == engine.GradPairs || os.Getenv("CLADOPT_LONG") != "") {
					_, _, want := run(engine.ViaCPP)
					for _, c := range engine.Compare(p.Meta, asRecorded(want), r) {
						require.True(t, c.OK, "%s against C++: %s", c.Name, c.Mismatch)
					}
					same, all := sameBits(r, want)
					t.Logf("%d of %d numbers are those of the C++ in every bit", same, all)
				}
			})
		}
	}
}

// asRecorded is a result in the place of what was recorded.
func asRecorded(r *engine.Result) *engine.Data {
	d := &engine.Data{GradIn: r.Gradients}
	for i := range r.Outputs {
		d.Outputs = append(d.Outputs, &r.Outputs[i])
	}
	return d
}

// sameBits counts the numbers of two results that agree in every bit.
func sameBits(r, want *engine.Result) (same, all int) {
	count := func(x, y tensor.Tensor) {
		size := len(x.Data) / max(int(x.Len()), 1)
		for i := 0; i+size <= len(x.Data) && size > 0; i += size {
			all++
			if slices.Equal(x.Data[i:i+size], y.Data[i:i+size]) {
				same++
			}
		}
	}
	for i := range r.Outputs {
		count(r.Outputs[i], want.Outputs[i])
	}
	for i, g := range r.Gradients {
		if g != nil {
			count(*g, *want.Gradients[i])
		}
	}
	return same, all
}

// TestLLVMIsRead holds the text of every graph, in both forms of pointers, against what
// reads LLVM IR here: llir's reader, which is to print it as it was, opt's verifier of each
// version, and llc of one, which makes machine code of it.
func TestLLVMIsRead(t *testing.T) {
	readers := map[int][]int{16: {14, 15, 16, 19}, 19: {15, 16, 19}} // of text for a version
	for _, name := range []string{"opt-14", "opt-15", "opt-16", "opt-19", "llc-16", "llc-19"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Logf("SKIPPED: %s is not installed", name)
		}
	}
	for _, name := range graphs(t, false) {
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				for written, versions := range readers {
					low, err := engine.Lower(m, engine.Options{Engine: engine.Builtin, Via: engine.ViaLLVM, Pipeline: pipeline, LLVMVersion: written})
					require.NoError(t, err)
					if written == 16 {
						readByLLIR(t, low.Source)
					} else {
						require.NotRegexp(t, `(i8|i32|i64|float|double)\*`, low.Source)
					}
					for _, v := range versions {
						tool(t, low.Source, fmt.Sprintf("opt-%d", v), "-passes=verify", "-disable-output", "-")
					}
					if pipeline == engine.GradPairs {
						tool(t, low.Source, fmt.Sprintf("llc-%d", written), "-O0", "-filetype=null", "-")
					}
				}
			})
		}
	}
}

// readByLLIR wants llir to read the text and to print the same, comments left out.
func readByLLIR(t *testing.T, text string) {
	t.Helper()
	again, err := asm.ParseString("graph.ll", text)
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, ";") {
			lines = append(lines, line)
		}
	}
	require.Equal(t, strings.Join(lines, ""), again.String())
}

// tool wants a program of LLVM's, where it is installed, to take the text and say nothing.
func tool(t *testing.T, text, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		return // said so before
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", path, out)
	require.Empty(t, string(out))
}

// TestLLVMOfOtherVersions makes libraries with each clang and its llvm-link: products,
// elementary functions, assertions and booleans.
func TestLLVMOfOtherVersions(t *testing.T) {
	for _, version := range []int{14, 15, 16, 19} {
		clang := fmt.Sprintf("clang-%d", version)
		t.Run(clang, func(t *testing.T) {
			if _, err := exec.LookPath(clang); err != nil {
				t.Skipf("SKIPPED: %s is not installed", clang)
			}
			t.Setenv("CLADOPT_CLANG", clang)
			for _, name := range []string{"gpt2_block", "cross_entropy", "activations", "inplace_masked_and_index", "zero_size"} {
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				p, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Builtin, Via: engine.ViaLLVM})
				require.NoError(t, err)
				require.Equal(t, version >= 17, strings.Contains(p.Lowered.Source, "ptr noalias"))
				d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
				require.NoError(t, err)
				r, err := p.Run(d.Inputs, d.GradOut)
				require.NoError(t, err)
				for _, c := range engine.Compare(p.Meta, d, r) {
					require.True(t, c.OK, "%s: %s", c.Name, c.Mismatch)
				}
			}
		})
	}
}

// viaLLVM skips the test where the route cannot be gone.
func viaLLVM(t *testing.T) engine.Options {
	t.Helper()
	if _, err := toolchain.FindLLVM(context.Background()); err != nil {
		t.Skipf("SKIPPED: route llvm: %v", err)
	}
	return engine.Options{Engine: engine.Builtin, Via: engine.ViaLLVM}
}

// TestLLVMOfEveryOp holds every op that is imported against what LibTorch gave for it, edge
// values and gradients included: in make test the f64 graphs, in make check all.
func TestLLVMOfEveryOp(t *testing.T) {
	o := viaLLVM(t)
	for _, path := range oracleGraphs(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".graph")
		if strings.HasSuffix(name, "_f32") && os.Getenv("CLADOPT_LONG") == "" {
			continue // of make check
		}
		t.Run(name, func(t *testing.T) {
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

// TestLLVMOfRandomGraphs holds random graphs and their gradients against the interpreter.
func TestLLVMOfRandomGraphs(t *testing.T) {
	o := viaLLVM(t)
	for seed := int64(0); seed < seeds(8, 60, 1000); seed++ {
		m, text, d, ok := randomCase(t, seed)
		if !ok {
			continue
		}
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err, "seed %d\n%s", seed, text)
		got, err := p.Run(d.Inputs, d.GradOut)
		require.NoError(t, err, "seed %d\n%s", seed, text)
		for _, c := range engine.Compare(p.Meta, d, got) {
			require.True(t, c.OK, "seed %d: %s: %s\n%s", seed, c.Name, c.Mismatch, text)
		}
	}
}

// TestLLVMReportsData wants an index that is out of range to be the error that the C++
// makes of it, and nothing to be read.
func TestLLVMReportsData(t *testing.T) {
	const text = `graph(%weight : Float(3, 2, strides=[2, 1], requires_grad=1, device=cpu),
      %index : Long(2, strides=[1], requires_grad=0, device=cpu)):
  %2 : int = prim::Constant[value=-1]()
  %3 : bool = prim::Constant[value=0]()
  %4 : Float(2, 2, strides=[2, 1], requires_grad=1, device=cpu) = aten::embedding(%weight, %index, %2, %3, %3)
  return (%4)
`
	o := viaLLVM(t)
	m, err := torchscript.Import(dialects.Context(), "embedding.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	var said []string
	for _, via := range []string{engine.ViaLLVM, engine.ViaCPP} {
		o.Via = via
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		weight := tensor.Of([]int64{3, 2}, []float32{1, 2, 3, 4, 5, 6})
		r, err := p.Run([]tensor.Tensor{weight, tensor.Of([]int64{2}, []int64{2, 0})}, nil)
		require.NoError(t, err)
		require.Equal(t, []float32{5, 6, 1, 2}, tensor.Values[float32](r.Outputs[0]))
		_, err = p.Run([]tensor.Tensor{weight, tensor.Of([]int64{2}, []int64{0, 3})}, nil)
		require.Error(t, err)
		_, message, ok := strings.Cut(err.Error(), "graph.so: ") // the library's folder is its own
		require.True(t, ok, "%v", err)
		said = append(said, message)
	}
	require.Contains(t, said[0], "embedding.graph:5")
	require.Equal(t, said[1], said[0])
}

// TestLLVMWithoutTools wants one line that says what to install.
func TestLLVMWithoutTools(t *testing.T) {
	m, err := importGraph(t, "softmax_last", torchscript.ImportOptions{})
	require.NoError(t, err)
	t.Setenv("CLADOPT_CLANG", "/no/such/clang")
	_, err = engine.Compile(context.Background(), m, engine.Options{Engine: engine.Builtin, Via: engine.ViaLLVM})
	require.ErrorContains(t, err, "CLADOPT_CLANG=/no/such/clang")
	t.Setenv("CLADOPT_CLANG", "")
	t.Setenv("PATH", t.TempDir())
	_, err = engine.Compile(context.Background(), m, engine.Options{Engine: engine.Builtin, Via: engine.ViaLLVM})
	require.ErrorIs(t, err, toolchain.ErrNoLLVM)
	require.NotContains(t, err.Error(), "\n")
}
