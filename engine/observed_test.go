package engine_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

const observed = "../testdata/observed"

// unsupported are the observed graphs that must be refused, with the op and the
// line that the refusal names.
var unsupported = map[string]struct {
	op   string
	line int
}{
	"unsupported_nonzero": {"aten::nonzero", 2},
	"unsupported_svd":     {"aten::svd", 4},
	"dropout_train":       {"aten::dropout", 4},
}

func importGraph(t *testing.T, name string, o torchscript.ImportOptions) (*ir.Module, error) {
	t.Helper()
	path := filepath.Join(observed, name+".graph")
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	return torchscript.Import(dialects.Context(), path, src, o)
}

// graphs lists the observed graphs that are supported, those with data only if asked.
func graphs(t *testing.T, withData bool) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(observed, "*.graph"))
	require.NoError(t, err)
	var out []string
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".graph")
		_, refused := unsupported[name]
		_, err := os.Stat(filepath.Join(observed, name+".safetensors"))
		if !refused && (err == nil || !withData) {
			out = append(out, name)
		}
	}
	require.Greater(t, len(out), 40)
	return out
}

// engines are the ways to run a graph; those that need a compiler are left out,
// loudly, where there is none.
func engines(t *testing.T) []engine.Options {
	t.Helper()
	out := []engine.Options{{Engine: engine.Interp}}
	if _, err := toolchain.Find(context.Background()); err != nil {
		t.Logf("SKIPPED: engine builtin: %v", err)
		return out
	}
	out = append(out, engine.Options{Engine: engine.Builtin, Pipeline: engine.GradPairs}, engine.Options{Engine: engine.Builtin, Pipeline: engine.GradJoint})
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err != nil {
		t.Logf("SKIPPED: engine clad: %v", err)
		return out
	}
	return append(out, engine.Options{Engine: engine.Clad}, engine.Options{Engine: engine.Clad, CladStyle: engine.CladPlain})
}

// TestObservedGraphsAgreeWithLibTorch holds outputs and gradients of every engine
// against those that LibTorch recorded, and sees a gradient that is off by 0.01.
func TestObservedGraphsAgreeWithLibTorch(t *testing.T) {
	for _, name := range graphs(t, true) {
		for _, o := range engines(t) {
			t.Run(name+"/"+o.Engine+"/"+o.Pipeline+o.CladStyle, func(t *testing.T) {
				t.Parallel()
				p := agreesWithLibTorch(t, name, o)
				require.Equal(t, o.Engine, p.Engine)
				if o.Engine == engine.Clad && o.CladStyle == "" {
					for _, slow := range []string{"clad::tape", "restore_tracker", "_reverse_forw", "numerical_diff"} {
						require.NotContains(t, p.Lowered.Derived, slow, "what Clad derives is not a line of calls")
					}
				}
			})
		}
	}
}

// TestObservedGraphsAgreeWithLibTorchByGCC holds engine builtin to the same with the other
// compiler. CLADOPT_LONG=1 takes all graphs.
func TestObservedGraphsAgreeWithLibTorchByGCC(t *testing.T) {
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("SKIPPED: engine builtin by g++: there is none")
	}
	t.Setenv("CLADOPT_CXX", "g++")
	for _, name := range graphs(t, true) {
		if !shortRun[name] && os.Getenv("CLADOPT_LONG") == "" {
			continue
		}
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				agreesWithLibTorch(t, name, engine.Options{Engine: engine.Builtin, Pipeline: pipeline})
			})
		}
	}
}

func agreesWithLibTorch(t *testing.T, name string, o engine.Options) *engine.Program {
	t.Helper()
	m, err := importGraph(t, name, torchscript.ImportOptions{})
	require.NoError(t, err)
	p, err := engine.Compile(context.Background(), m, o)
	require.NoError(t, err)
	d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
	require.NoError(t, err)
	r, err := p.Run(d.Inputs, d.GradOut)
	require.NoError(t, err)
	compared := engine.Compare(p.Meta, d, r)
	require.NotEmpty(t, compared)
	for _, c := range compared {
		require.True(t, c.OK, "%s: %s", c.Name, c.Mismatch)
	}
	spoilOne(t, p, d, r)
	return p
}

// spoilOne adds 0.01 to one element of a recorded gradient and wants it found.
func spoilOne(t *testing.T, p *engine.Program, d *engine.Data, r *engine.Result) {
	t.Helper()
	for i, g := range d.GradIn {
		if g == nil || g.Len() == 0 {
			continue
		}
		spoilt := g.Clone()
		if g.DType == tensor.F32 {
			tensor.Values[float32](spoilt)[0] += 0.01
		} else {
			tensor.Values[float64](spoilt)[0] += 0.01
		}
		d.GradIn[i] = &spoilt
		bad := 0
		for _, c := range engine.Compare(p.Meta, d, r) {
			if !c.OK {
				bad++
			}
		}
		// 0.01 is within the tolerance of gradients of a thousand and more only.
		require.Equal(t, 1, bad, "a gradient that is off by 0.01 was accepted")
		return
	}
}

func TestUnsupportedGraphsAreRefused(t *testing.T) {
	for name, want := range unsupported {
		_, err := importGraph(t, name, torchscript.ImportOptions{})
		require.Error(t, err)
		require.Equal(t, diag.Unsupported, diag.CodeOf(err))
		e := diag.All(err)[0]
		require.Equal(t, want.op, e.Op)
		require.Equal(t, want.line, e.Pos.Line)
		require.NotEmpty(t, e.Message)
	}
}

// toLLVM lowers the loop level to the LLVM dialect by MLIR's own passes.
var toLLVM = []string{"-convert-linalg-to-loops", "-convert-scf-to-cf", "-expand-strided-metadata", "-lower-affine", "-convert-math-to-llvm", "-convert-math-to-libm",
	"-arith-expand", "-convert-arith-to-llvm", "-convert-memref-to-llvm", "-convert-func-to-llvm", "-convert-cf-to-llvm", "-reconcile-unrealized-casts"}

func mlirOpt(t *testing.T, text string, args ...string) string {
	t.Helper()
	cmd := exec.Command("mlir-opt-16", args...)
	cmd.Stdin = strings.NewReader(text)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", stderr.String())
	return string(out)
}

// TestLevelsAreMLIR holds the kernel and the loop level of every graph against
// mlir-opt-16, which also lowers the latter to the LLVM dialect; and both levels
// against this project's parser.
func TestLevelsAreMLIR(t *testing.T) {
	if _, err := exec.LookPath("mlir-opt-16"); err != nil {
		t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
	}
	for _, name := range graphs(t, false) {
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				roundTrip(t, m)
				pm := &passes.Manager{Before: func(p *passes.Pass, m *ir.Module) {
					if p.Name == "lower-to-loops" {
						roundTrip(t, m)
						mlirOpt(t, ir.Print(m.Op, ir.PrintOptions{Generic: true}), "--allow-unregistered-dialect")
					}
				}}
				low, err := engine.Lower(m, engine.Options{Pipeline: pipeline, Manager: pm})
				require.NoError(t, err)
				text := roundTrip(t, low.Module)
				lowered := mlirOpt(t, text, toLLVM...)
				for _, left := range []string{"scf.", "memref.", "arith.", "builtin.unrealized_conversion_cast"} {
					require.NotContains(t, lowered, left)
				}
				require.Equal(t, mlirOpt(t, text), mlirOpt(t, ir.Print(low.Module.Op, ir.PrintOptions{Generic: true})))
			})
		}
	}
}

// roundTrip parses what was printed, with locations and without, and wants the same.
func roundTrip(t *testing.T, m *ir.Module) string {
	t.Helper()
	for _, o := range []ir.PrintOptions{{Locations: true}, {Generic: true, Locations: true}, {Generic: true}, {}} {
		text := ir.Print(m.Op, o)
		again, err := mlir.Parse(m.Ctx, "round.mlir", []byte(text))
		require.NoError(t, err)
		require.NoError(t, ir.Verify(m.Ctx, again.Op))
		require.Equal(t, text, ir.Print(again.Op, o))
	}
	return m.String()
}

// TestSymbolicSizes specialises a generalised graph to another size and holds it
// against the interpreter on the graph imported at that size.
func TestSymbolicSizes(t *testing.T) {
	m, err := importGraph(t, "squared_error", torchscript.ImportOptions{Generalize: [][2]int{{0, 0}, {1, 0}}})
	require.NoError(t, err)
	require.Contains(t, m.String(), "tensor<?xf32>")
	require.NoError(t, engine.RunPipeline(m, "specialize-shapes{sizes=s0:5}", nil))
	guards := m.Symbol(passes.GraphName).Attr(passes.GuardsMark)
	require.Equal(t, `["s0 == 5", "s1 == 5", "s0 == s1"]`, guards.String())
	x, y := []float32{1, 2, 3, 4, 5}, []float32{0, 2, 5, 4, 1}
	one := tensor.Scalar[float32](1)
	for _, o := range engines(t) {
		p, err := engine.Compile(context.Background(), m, o)
		require.NoError(t, err)
		r, err := p.Run([]tensor.Tensor{tensor.Of([]int64{5}, x), tensor.Of([]int64{5}, y)}, []*tensor.Tensor{&one})
		require.NoError(t, err)
		require.Equal(t, []float32{1 + 4 + 16}, tensor.Values[float32](r.Outputs[0]))
		require.Equal(t, []float32{2, 0, -4, 0, 8}, tensor.Values[float32](*r.Gradients[0]))
	}
	m, err = importGraph(t, "squared_error", torchscript.ImportOptions{Generalize: [][2]int{{0, 0}, {1, 0}}})
	require.NoError(t, err)
	err = engine.RunPipeline(m, "specialize-shapes{sizes=s0:5+s1:6}", nil)
	require.ErrorContains(t, err, "s0 == s1")
}
