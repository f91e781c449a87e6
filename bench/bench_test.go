// Package bench holds the benchmarks that documents quote. Nothing in it is a test:
// go test -run '^$' -bench . ./bench
package bench

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// mixedOps is a function of n ops of several dialects, in pretty and generic form.
func mixedOps(n int) string {
	var b strings.Builder
	b.WriteString("func.func @f(%x: f32, %m: memref<4x8xf32>, %i: index) {\n  %v0 = arith.constant 1.5 : f32\n")
	for k := 1; k < n; {
		switch k % 5 {
		case 0:
			fmt.Fprintf(&b, "  %%v%d = arith.mulf %%v%d, %%x : f32\n", k, k-1)
		case 1:
			fmt.Fprintf(&b, "  %%v%d = math.tanh %%v%d : f32\n", k, k-1)
		case 2:
			fmt.Fprintf(&b, "  %%v%d = memref.load %%m[%%i, %%i] : memref<4x8xf32>\n", k)
		case 3:
			fmt.Fprintf(&b, "  %%v%d = \"arith.addf\"(%%v%d, %%v%d) {fastmath = #arith.fastmath<none>} : (f32, f32) -> f32\n", k, k-1, k-2)
		case 4:
			fmt.Fprintf(&b, "  memref.store %%v%d, %%m[%%i, %%i] : memref<4x8xf32>\n  %%v%d = arith.negf %%v%d : f32\n", k-1, k, k-1)
		}
		k++
	}
	b.WriteString("  func.return\n}\n")
	return b.String()
}

var parserBucket = regexp.MustCompile(`([0-9.]+) \([^)]*\)\s+Parser`)

// BenchmarkParse reads 20,000 mixed ops, in turn with mlir-opt-16, which reports what
// its parser took; one thread each. The metric is the ratio of the medians.
func BenchmarkParse(b *testing.B) {
	opt, err := exec.LookPath("mlir-opt-16")
	if err != nil {
		b.Skip("SKIPPED: mlir-opt-16 is not installed (make deps installs it)")
	}
	src := []byte(mixedOps(20000))
	path := filepath.Join(b.TempDir(), "mixed.mlir")
	if err := os.WriteFile(path, src, 0o600); err != nil {
		b.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as cladopt runs
	ctx := dialects.Context()
	var ours, theirs []float64
	for b.Loop() {
		start := time.Now()
		if _, err := mlir.Parse(ctx, path, src); err != nil {
			b.Fatal(err)
		}
		ours = append(ours, time.Since(start).Seconds())
		report, err := exec.Command(opt, "--mlir-disable-threading", "--mlir-timing", "--mlir-timing-display=list", path, "-o", os.DevNull).CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, report)
		}
		m := parserBucket.FindSubmatch(report)
		if m == nil {
			b.Fatalf("mlir-opt-16 reports no time of its parser:\n%s", report)
		}
		t, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		theirs = append(theirs, t)
	}
	b.ReportMetric(1e3*median(ours), "ms/cladopt")
	b.ReportMetric(1e3*median(theirs), "ms/mlir-opt")
	b.ReportMetric(median(ours)/median(theirs), "ratio")
	b.ReportMetric(0, "ns/op")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// observedGraph is the text of a graph of n nodes: layers of elementwise ops and
// matrix products, each value read a few times.
func observedGraph(n int) []byte {
	const float = "Float(8, 16, strides=[16, 1], requires_grad=1, device=cpu)"
	r := rand.New(rand.NewSource(1))
	var b bytes.Buffer
	fmt.Fprintf(&b, "graph(%%0 : %s,\n      %%1 : Float(16, 16, strides=[16, 1], requires_grad=1, device=cpu)):\n", float)
	values, next := []int{0}, 2
	define := func(format string, args ...any) {
		fmt.Fprintf(&b, "  %%%d : %s = %s\n", next, float, fmt.Sprintf(format, args...))
		values = append(values, next)
		next++
	}
	for k := 0; k < n; k++ {
		x, y := values[len(values)-1], values[max(0, len(values)-1-r.Intn(4))]
		switch p := r.Float64(); {
		case p < 0.4:
			define("aten::mul(%%%d, %%%d)", x, y)
		case p < 0.7:
			define("aten::tanh(%%%d)", x)
		case p < 0.9:
			fmt.Fprintf(&b, "  %%%d : int = prim::Constant[value=1]()\n", next)
			next++
			k++
			define("aten::add(%%%d, %%%d, %%%d)", x, y, next-1)
		default:
			define("aten::matmul(%%%d, %%1)", x)
		}
	}
	fmt.Fprintf(&b, "  return (%%%d)\n", values[len(values)-1])
	return b.Bytes()
}

// BenchmarkGraph reads, imports, optimises, differentiates and lowers graphs of n
// nodes to C++ text, as cladopt compile --emit=cpp does.
func BenchmarkGraph(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as cladopt runs
	for _, n := range []int{1000, 3000, 10000, 30000, 100000} {
		src := observedGraph(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			size := 0
			for b.Loop() {
				m, err := torchscript.Import(dialects.Context(), "bench.graph", src, torchscript.ImportOptions{})
				if err != nil {
					b.Fatal(err)
				}
				l, err := engine.Lower(m, engine.Options{Engine: engine.Builtin})
				if err != nil {
					b.Fatal(err)
				}
				size = len(l.Source)
			}
			per := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(1e6*per/float64(n), "us/node")
			b.ReportMetric(float64(size)/float64(n), "bytes/node")
		})
	}
}
