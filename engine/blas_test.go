package engine_test

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// countingBLAS is the reference BLAS' definition of its products. It counts its calls, by
// transpositions, and those whose arguments a BLAS refuses.
const countingBLAS = `
#include <stdint.h>
static int32_t calls[2][2], wrong;
int32_t count(int32_t ta, int32_t tb) { int32_t n = calls[ta][tb]; calls[ta][tb] = 0; return n; }
int32_t refused(void) { return wrong; }
#define GEMM(name, T)                                                                                            \
  void name(const char *transa, const char *transb, const int32_t *m, const int32_t *n, const int32_t *k,          \
            const T *alpha, const T *a, const int32_t *lda, const T *b, const int32_t *ldb, const T *beta, T *c, \
            const int32_t *ldc) {                                                                                \
    const int ta = *transa == 'T', tb = *transb == 'T';                                                          \
    const int32_t rows_a = ta ? *k : *m, rows_b = tb ? *n : *k;                                                  \
    calls[ta][tb]++;                                                                                             \
    if ((!ta && *transa != 'N') || (!tb && *transb != 'N') || *m < 0 || *n < 0 || *k < 0 ||                      \
        *lda < (rows_a > 1 ? rows_a : 1) || *ldb < (rows_b > 1 ? rows_b : 1) || *ldc < (*m > 1 ? *m : 1)) {      \
      wrong++;                                                                                                   \
      return;                                                                                                    \
    }                                                                                                            \
    for (int64_t j = 0; j < *n; ++j)                                                                             \
      for (int64_t i = 0; i < *m; ++i) {                                                                         \
        double sum = 0;                                                                                          \
        for (int64_t p = 0; p < *k; ++p)                                                                         \
          sum += (double)a[ta ? p + i * *lda : i + p * *lda] * b[tb ? j + p * *ldb : p + j * *ldb];              \
        c[i + j * *ldc] = (T)(*alpha * sum + (*beta == 0 ? 0 : *beta * c[i + j * *ldc]));                        \
      }                                                                                                          \
  }
GEMM(sgemm_, float)
GEMM(dgemm_, double)
`

// blas is a BLAS that counts.
type blas struct {
	host    abi.Host
	count   func(ta, tb int32) int32
	refused func() int32
}

func newBLAS(t *testing.T) *blas {
	t.Helper()
	if _, err := toolchain.Find(context.Background()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("SKIPPED: cc is not installed")
	}
	dir := t.TempDir()
	source, library := filepath.Join(dir, "blas.c"), filepath.Join(dir, "libcounting.so")
	require.NoError(t, os.WriteFile(source, []byte(countingBLAS), 0o600))
	out, err := exec.Command("cc", "-O2", "-shared", "-fPIC", "-o", library, source).CombinedOutput()
	require.NoError(t, err, "%s", out)
	b := &blas{host: abi.SerialHost()}
	name, err := native.LendBLAS(&b.host, library)
	require.NoError(t, err)
	require.Equal(t, library, name)
	handle, err := purego.Dlopen(library, purego.RTLD_NOW)
	require.NoError(t, err)
	purego.RegisterLibFunc(&b.count, handle, "count")
	purego.RegisterLibFunc(&b.refused, handle, "refused")
	return b
}

// calls are how often it was called since it was asked, by "NN", "NT", "TN" and "TT".
func (b *blas) calls() map[string]int {
	calls := map[string]int{}
	for i, name := range []string{"NN", "NT", "TN", "TT"} {
		if n := b.count(int32(i/2), int32(i%2)); n > 0 {
			calls[name] = int(n)
		}
	}
	return calls
}

// blasWays are the engines that can call a BLAS.
func blasWays(t *testing.T) map[string]engine.Options {
	ways := map[string]engine.Options{
		"builtin/" + engine.GradPairs: {Engine: engine.Builtin, Pipeline: engine.GradPairs},
		"builtin/" + engine.GradJoint: {Engine: engine.Builtin, Pipeline: engine.GradJoint},
	}
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err != nil {
		t.Logf("SKIPPED: engine clad: %v", err)
	} else {
		ways["clad"] = engine.Options{Engine: engine.Clad}
	}
	return ways
}

// compiled is a program of a graph, with products as gemm says.
func compiled(t *testing.T, m *ir.Module, o engine.Options, gemm string) *engine.Program {
	t.Helper()
	o.GEMM = gemm
	p, err := engine.Compile(context.Background(), m, o)
	require.NoError(t, err)
	return p
}

// sameNumbers are numbers by chance for a program's inputs and its outputs' adjoints, of the
// size that layers start with; elements that share memory are one number.
func sameNumbers(t *testing.T, meta abi.Meta) (inputs []tensor.Tensor, adjoints []*tensor.Tensor) {
	t.Helper()
	r := rand.New(rand.NewSource(1))
	draw := func(v abi.Value) tensor.Tensor {
		x, err := tensor.New(v.DType, v.Shape)
		require.NoError(t, err)
		scale, shift := 1.0, 0.0
		if n := len(v.Shape); n > 1 {
			scale = 1 / math.Sqrt(float64(v.Shape[n-1]))
		}
		if slices.Contains(v.Strides, 0) {
			scale, shift = 0, 0.25
		}
		switch v.DType {
		case tensor.F32:
			for i := range tensor.Values[float32](x) {
				tensor.Values[float32](x)[i] = float32(shift + scale*(r.Float64()*2-1))
			}
		case tensor.F64:
			for i := range tensor.Values[float64](x) {
				tensor.Values[float64](x)[i] = shift + scale*(r.Float64()*2-1)
			}
		case tensor.I64:
			for i := range tensor.Values[int64](x) {
				tensor.Values[int64](x)[i] = r.Int63n(4)
			}
		default:
			for i := range x.Data {
				x.Data[i] = byte(r.Intn(2))
			}
		}
		return x
	}
	for _, v := range meta.Inputs {
		inputs = append(inputs, draw(v))
	}
	for _, v := range meta.Outputs {
		g := draw(v)
		adjoints = append(adjoints, &g)
	}
	return inputs, adjoints
}

func importText(t *testing.T, text string) *ir.Module {
	t.Helper()
	m, err := torchscript.Import(dialects.Context(), "products.graph", []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	return m
}

// withAndWithoutBLAS holds a program with a BLAS against the one with loops, and both of them, without a
// BLAS to call, in every bit. It returns how often the BLAS was called.
func withAndWithoutBLAS(t *testing.T, b *blas, m *ir.Module, o engine.Options) map[string]int {
	t.Helper()
	loops, p := compiled(t, m, o, engine.GEMMLoops), compiled(t, m, o, engine.GEMMBLAS)
	require.Equal(t, "", loops.Meta.GEMM)
	require.Equal(t, engine.GEMMBLAS, p.Meta.GEMM)
	require.NotContains(t, loops.Lowered.Source, "gemm_blas")
	inputs, adjoints := sameNumbers(t, p.Meta)
	run := func(p *engine.Program) *engine.Result {
		r, err := p.Run(inputs, adjoints)
		require.NoError(t, err)
		return r
	}
	want, alone := run(loops), run(p)
	same, all := sameBits(alone, want)
	require.Equal(t, all, same, "numbers differ where no BLAS is lent")
	require.Empty(t, b.calls())
	require.NoError(t, loops.Lend(b.host))
	run(loops)
	require.Empty(t, b.calls(), "loops call no BLAS")

	require.NoError(t, p.Lend(b.host))
	compared := engine.Compare(p.Meta, asRecorded(want), run(p))
	require.NotEmpty(t, compared)
	for _, c := range compared {
		require.True(t, c.OK, "%s: %s", c.Name, c.Mismatch)
	}
	require.Zero(t, b.refused(), "a BLAS would refuse arguments")
	return b.calls()
}

// layouts are the strides of a matrix of rows and columns: adjacent in rows or in columns,
// and each with room between them.
func layouts(rows, columns int) [][2]int {
	return [][2]int{{columns, 1}, {1, rows}, {columns + 3, 1}, {1, rows + 5}}
}

// TestBLASComputesLargeProducts multiplies matrices of every layout, in both precisions,
// forward and backward.
func TestBLASComputesLargeProducts(t *testing.T) {
	b := newBLAS(t)
	const m, n, k = 96, 80, 72
	for way, o := range blasWays(t) {
		for _, dtype := range []string{"Float", "Double"} {
			if dtype == "Double" && way != "builtin/"+engine.GradPairs && os.Getenv("CLADOPT_LONG") == "" {
				continue
			}
			t.Run(way+"/"+dtype, func(t *testing.T) {
				var params, nodes, results []string
				matrix := func(rows, columns int, strides [2]int) string {
					name := fmt.Sprintf("%%%d", len(params))
					params = append(params, fmt.Sprintf("%s : %s(%d, %d, strides=[%d, %d], requires_grad=1, device=cpu)", name, dtype, rows, columns, strides[0], strides[1]))
					return name
				}
				for _, left := range layouts(m, k) {
					for _, right := range layouts(k, n) {
						x, y := matrix(m, k, left), matrix(k, n, right)
						result := fmt.Sprintf("%%%d", 100+len(results))
						nodes = append(nodes, fmt.Sprintf("  %s : %s(%d, %d, strides=[%d, 1], requires_grad=1, device=cpu) = aten::mm(%s, %s)\n", result, dtype, m, n, n, x, y))
						results = append(results, result)
					}
				}
				calls := withAndWithoutBLAS(t, b, importText(t, "graph("+strings.Join(params, ",\n      ")+"):\n"+strings.Join(nodes, "")+"  return ("+strings.Join(results, ", ")+")\n"), o)
				total := 0
				for _, n := range calls {
					total += n
				}
				require.Equal(t, 3*16, total, "%v", calls) // a product, and one for each of its operands' gradients
				require.Len(t, calls, 4, "%v", calls)
			})
		}
	}
}

// TestBLASOfManyProducts calls it for each product of a batch, and once more for each part of
// a sum that is in pieces, which adds to what is there.
func TestBLASOfManyProducts(t *testing.T) {
	b := newBLAS(t)
	for way, o := range blasWays(t) {
		t.Run(way, func(t *testing.T) {
			calls := withAndWithoutBLAS(t, b, importText(t, `graph(%0 : Float(3, 64, 72, strides=[4608, 72, 1], requires_grad=1, device=cpu),
      %1 : Float(3, 72, 80, strides=[5760, 80, 1], requires_grad=1, device=cpu)):
  %2 : Float(3, 64, 80, strides=[5120, 80, 1], requires_grad=1, device=cpu) = aten::bmm(%0, %1)
  return (%2)
`), o)
			require.Equal(t, map[string]int{"NN": 3, "TN": 3, "NT": 3}, calls)
			calls = withAndWithoutBLAS(t, b, importText(t, `graph(%0 : Float(3, 64, 72, strides=[5200, 80, 1], requires_grad=1, device=cpu),
      %1 : Float(96, 72, strides=[72, 1], requires_grad=1, device=cpu),
      %2 : Float(96, strides=[1], requires_grad=1, device=cpu)):
  %3 : Float(3, 64, 96, strides=[6144, 96, 1], requires_grad=1, device=cpu) = aten::linear(%0, %1, %2)
  %4 : Float(3, 64, 96, strides=[6144, 96, 1], requires_grad=1, device=cpu) = aten::relu(%3)
  return (%4)
`), o)
			require.Equal(t, 3, calls["TN"], "%v", calls) // forward: x is in three pieces, w transposed
			require.Equal(t, 3, calls["NT"], "%v", calls) // the gradient of w is a sum over them
			require.Positive(t, calls["NN"], "%v", calls)
		})
	}
}

// TestBLASOfObservedGraphs holds large observed graphs with a BLAS against those with loops.
func TestBLASOfObservedGraphs(t *testing.T) {
	b := newBLAS(t)
	for way, o := range blasWays(t) {
		for name, least := range map[string]int{"big_mlp": 8, "big_gpt2_block": 18} {
			if name == "big_gpt2_block" && os.Getenv("CLADOPT_LONG") == "" {
				continue // the reference BLAS takes seconds
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				calls := withAndWithoutBLAS(t, b, m, o)
				total := 0
				for _, n := range calls {
					total += n
				}
				require.GreaterOrEqual(t, total, least, "%v", calls)
			})
		}
	}
}

// TestBLASIsNotCalledForSmallProducts runs graphs that LibTorch recorded: their products are
// small, and one of them has none that a BLAS could read.
func TestBLASIsNotCalledForSmallProducts(t *testing.T) {
	b := newBLAS(t)
	for way, o := range blasWays(t) {
		for _, name := range []string{"matmul_batched", "linear_relu_linear_mse"} {
			t.Run(name+"/"+way, func(t *testing.T) {
				m, err := importGraph(t, name, torchscript.ImportOptions{})
				require.NoError(t, err)
				p := compiled(t, m, o, engine.GEMMBLAS)
				require.NoError(t, p.Lend(b.host))
				d, err := engine.ReadData(filepath.Join(observed, name+".safetensors"), p.Meta)
				require.NoError(t, err)
				r, err := p.Run(d.Inputs, d.GradOut)
				require.NoError(t, err)
				for _, c := range engine.Compare(p.Meta, d, r) {
					require.True(t, c.OK, "%s: %s", c.Name, c.Mismatch)
				}
				require.Empty(t, b.calls())
			})
		}
		// 64 x 63 x 64 is the last size below, and rows that share memory are none of BLAS'.
		small := importText(t, `graph(%0 : Float(64, 63, strides=[63, 1], requires_grad=1, device=cpu),
      %1 : Float(63, 64, strides=[64, 1], requires_grad=1, device=cpu),
      %2 : Float(96, 80, strides=[0, 1], requires_grad=0, device=cpu),
      %3 : Float(80, 72, strides=[72, 1], requires_grad=0, device=cpu),
      %4 : Float(96, 80, strides=[160, 2], requires_grad=0, device=cpu)):
  %5 : Float(64, 64, strides=[64, 1], requires_grad=1, device=cpu) = aten::mm(%0, %1)
  %6 : Float(96, 72, strides=[72, 1], requires_grad=0, device=cpu) = aten::mm(%2, %3)
  %7 : Float(96, 72, strides=[72, 1], requires_grad=0, device=cpu) = aten::mm(%4, %3)
  return (%5, %6, %7)
`)
		t.Run(way, func(t *testing.T) { require.Empty(t, withAndWithoutBLAS(t, b, small, o)) })
	}
}

// TestBLASOfOnePrecision calls what is lent, and loops for what is not.
func TestBLASOfOnePrecision(t *testing.T) {
	b := newBLAS(t)
	m := importText(t, `graph(%0 : Float(64, 64, strides=[64, 1], requires_grad=1, device=cpu),
      %1 : Double(64, 64, strides=[64, 1], requires_grad=1, device=cpu)):
  %2 : Float(64, 64, strides=[64, 1], requires_grad=1, device=cpu) = aten::mm(%0, %0)
  %3 : Double(64, 64, strides=[64, 1], requires_grad=1, device=cpu) = aten::mm(%1, %1)
  return (%2, %3)
`)
	o := engine.Options{Engine: engine.Builtin}
	require.NotEmpty(t, withAndWithoutBLAS(t, b, m, o))
	p := compiled(t, m, o, engine.GEMMBLAS)
	inputs, adjoints := sameNumbers(t, p.Meta)
	for _, lent := range []struct{ s, d uintptr }{{b.host.Sgemm, 0}, {0, b.host.Dgemm}, {0, 0}} {
		host := b.host
		host.Sgemm, host.Dgemm = lent.s, lent.d
		require.NoError(t, p.Lend(host))
		_, err := p.Run(inputs, adjoints)
		require.NoError(t, err)
		total := 0
		for _, n := range b.calls() {
			total += n
		}
		require.Equal(t, lent.s != 0 || lent.d != 0, total == 3, "%d calls", total)
	}
}

// TestBLASIsRefused names what has no product to leave to a BLAS.
func TestBLASIsRefused(t *testing.T) {
	m := importText(t, `graph(%0 : Float(4, strides=[1], requires_grad=1, device=cpu)):
  %1 : Float(4, strides=[1], requires_grad=1, device=cpu) = aten::relu(%0)
  return (%1)
`)
	for want, o := range map[string]engine.Options{
		"engine interp calls no BLAS":      {Engine: engine.Interp, GEMM: engine.GEMMBLAS},
		"the way via llvm calls no BLAS":   {Engine: engine.Builtin, Via: engine.ViaLLVM, GEMM: engine.GEMMBLAS},
		"the way via mlir calls no BLAS":   {Engine: engine.Builtin, Via: engine.ViaMLIR, GEMM: engine.GEMMBLAS},
		"the plain style has bare loops":   {Engine: engine.Clad, CladStyle: engine.CladPlain, GEMM: engine.GEMMBLAS},
		`unknown value "mkl" for products`: {Engine: engine.Builtin, GEMM: "mkl"},
	} {
		_, err := engine.Compile(context.Background(), m, o)
		require.ErrorContains(t, err, want)
	}
}
