package engine_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// valuesProgram says in C++ which inputs and outputs the library before it has, and makes
// values of them: wild ones have infinities, NaN, large numbers and places that no tensor has.
const valuesProgram = `
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

struct Value { int kind; size_t n; bool grad; };  // kind: 4 and 8 floats, 1 booleans, 0 integers
static const std::vector<Value> inputs = {%s};
static const std::vector<Value> outputs = {%s};

static std::vector<char> numbers(const Value &v, unsigned seed, bool wild) {
  static const double edges[] = {INFINITY, -INFINITY, NAN, 1e30, -1e30, 0, -0.0, 1e-30};
  const size_t size = v.kind == 4 ? 4 : v.kind == 1 ? 1 : 8;
  std::vector<char> data(v.n * size);
  for (size_t i = 0; i < v.n; ++i) {
    seed = seed * 1664525u + 1013904223u;
    const unsigned edge = seed >> 8 & 15;
    double x = double(seed >> 8) / double(1 << 23) - 1;
    int64_t place = int64_t(seed >> 8) %% 4;
    if (wild && edge < 8) x = edges[edge], place = edge & 1 ? INT64_MAX - edge : INT64_MIN + edge;
    if (v.kind == 4) ((float *)data.data())[i] = float(x);
    if (v.kind == 8) ((double *)data.data())[i] = x;
    if (v.kind == 0) ((int64_t *)data.data())[i] = place;
    if (v.kind == 1) data[i] = x > 0;
  }
  return data;
}
`

// definedProgram runs both sweeps of the library before it on memory that is no larger
// than it has to be. Wild data may be refused.
const definedProgram = valuesProgram + `
int main() {
  for (bool wild : {false, true}) {
    std::vector<std::vector<char>> memory;
    auto place = [&](std::vector<char> data) -> void * { return memory.push_back(std::move(data)), memory.back().data(); };
    std::vector<void *> in, out, seeds, grads;
    unsigned seed = 1;
    for (auto &v : inputs) in.push_back(place(numbers(v, ++seed, wild))), grads.push_back(v.grad ? place(numbers(v, 0, false)) : nullptr);
    for (auto &v : outputs) out.push_back(place(numbers(v, 0, false))), seeds.push_back(v.grad ? place(numbers(v, ++seed, wild)) : nullptr);
    void *ws = aligned_alloc(64, %d);
    int failed = ct_forward(nullptr, in.data(), out.data(), ws);
    if (!failed) failed = ct_backward(nullptr, in.data(), out.data(), seeds.data(), grads.data(), ws);
    free(ws);
    if (failed && !(wild && failed >= CT_ERROR_DATA) && failed != CT_ERROR_GRADIENT) return printf("a sweep returned %%d\n", failed), 1;
  }
}
`

// TestKernelsAreDefined runs the kernels of observed graphs under the compiler's address
// and undefined behaviour sanitizers. CLADOPT_LONG=1 takes all graphs and pipelines.
func TestKernelsAreDefined(t *testing.T) {
	sanitizers := "-fsanitize=address,undefined,float-cast-overflow"
	if !sanitizes(t, sanitizers) {
		t.Skip("SKIPPED: kernels were not run with sanitizers")
	}
	graphs, err := filepath.Glob(filepath.Join(observed, "*.graph"))
	require.NoError(t, err)
	long := os.Getenv("CLADOPT_LONG") != ""
	ran := 0
	for _, path := range graphs {
		name := strings.TrimSuffix(filepath.Base(path), ".graph")
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			if !long && (pipeline != engine.GradPairs || !shortRun[name]) {
				continue
			}
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			m, err := torchscript.Import(dialects.Context(), path, src, torchscript.ImportOptions{})
			if err != nil {
				continue // what is refused: another test knows which
			}
			ran++
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				l, err := engine.Lower(m, engine.Options{Engine: engine.Builtin, Pipeline: pipeline})
				require.NoError(t, err)
				text := l.Source + fmt.Sprintf(definedProgram, values(t, l.Meta.Inputs), values(t, l.Meta.Outputs), (l.Meta.WorkspaceBytes+63)/64*64)
				file := filepath.Join(t.TempDir(), "graph.cpp")
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				runProgram(t, "g++", file, "-std=c++17", "-O1", "-march=native", "-g", sanitizers, "-fno-sanitize-recover=all")
			})
		}
	}
	require.GreaterOrEqual(t, ran, len(shortRun))
}

// shortRun are graphs with the elementary functions, matrices, windows, places, and scans.
var shortRun = map[string]bool{"activations": true, "gpt2_block": true, "conv2d_pool_classifier": true, "index_select_gather": true, "cumsum_minmax": true}

// sanitizes reports whether programs that g++ makes with these sanitizers run.
func sanitizes(t *testing.T, flag string) bool {
	file := filepath.Join(t.TempDir(), "empty.cpp")
	require.NoError(t, os.WriteFile(file, []byte("int main() {}\n"), 0o600))
	program := file + ".out"
	if out, err := exec.Command("g++", flag, "-o", program, file).CombinedOutput(); err != nil {
		t.Logf("SKIPPED: g++ does not take %s: %v %s", flag, err, out)
		return false
	}
	if out, err := exec.Command(program).CombinedOutput(); err != nil {
		t.Logf("SKIPPED: programs made with %s do not run here: %v %s", flag, err, out)
		return false
	}
	return true
}

// runProgram compiles and runs a program and returns what it prints.
func runProgram(t *testing.T, compiler, file string, flags ...string) string {
	t.Helper()
	program := file + ".out"
	out, err := exec.Command(compiler, append(flags, "-o", program, file)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(program).CombinedOutput()
	require.NoError(t, err, "%.3000s", out)
	return strings.TrimSpace(string(out))
}

// values are the initialisers of valuesProgram's lists.
func values(t *testing.T, list []abi.Value) string {
	kinds := map[tensor.DType]int{tensor.F32: 4, tensor.F64: 8, tensor.Bool: 1, tensor.I64: 0}
	var out []string
	for _, v := range list {
		kind, ok := kinds[v.DType]
		require.True(t, ok, v.DType)
		n := int64(1)
		for i, size := range v.Shape {
			if len(v.Strides) > i {
				n += (size - 1) * v.Strides[i]
			}
		}
		if v.Strides == nil {
			for _, size := range v.Shape {
				n *= size
			}
		}
		out = append(out, fmt.Sprintf("{%d, %d, %v}", kind, n, v.RequiresGrad))
	}
	return strings.Join(out, ", ")
}
