package engine_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// threadsProgram runs both sweeps of the library before it without a host, and with one
// that has three threads, and compares all bits.
const threadsProgram = `
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

struct Value { int kind; size_t n; bool grad; };  // kind: 4 and 8 floats, 1 booleans, 0 integers
static const Value inputs[] = {%s};
static const Value outputs[] = {%s};

static std::vector<char> numbers(const Value &v, unsigned seed) {
  const size_t size = v.kind == 4 ? 4 : v.kind == 1 ? 1 : 8;
  std::vector<char> data((v.n + 1) * size);
  for (size_t i = 0; i < v.n; ++i) {
    seed = seed * 1664525u + 1013904223u;
    const double x = double(seed >> 8) / double(1 << 23) - 1;
    if (v.kind == 4) ((float *)data.data())[i] = float(x);
    if (v.kind == 8) ((double *)data.data())[i] = x;
    if (v.kind == 0) ((int64_t *)data.data())[i] = int64_t(seed >> 8) %% 4;
    if (v.kind == 1) data[i] = x > 0;
  }
  return data;
}

static int calls;
static void parallel_for(void *, int64_t n, int64_t grain, void (*body)(void *, int64_t, int64_t), void *arg) {
  ++calls;
  const int64_t chunk = (n + 2) / 3 > grain ? (n + 2) / 3 : grain;
  std::vector<std::thread> threads;
  for (int64_t begin = chunk; begin < n; begin += chunk)
    threads.emplace_back(body, arg, begin, begin + chunk < n ? begin + chunk : n);
  if (n > 0) body(arg, 0, chunk < n ? chunk : n);
  for (auto &t : threads) t.join();
}

static std::vector<std::vector<char>> sweeps(const ct_host *host) {
  std::vector<std::vector<char>> in, out, seeds, grads;
  std::vector<void *> i, o, s, g;
  unsigned seed = 1;
  for (auto &v : inputs) in.push_back(numbers(v, ++seed)), grads.push_back(std::vector<char>(in.back().size()));
  for (auto &v : outputs) out.push_back(numbers(v, 0)), seeds.push_back(numbers(v, ++seed));
  for (size_t k = 0; k < in.size(); ++k) i.push_back(in[k].data()), g.push_back(inputs[k].grad ? grads[k].data() : nullptr);
  for (size_t k = 0; k < out.size(); ++k) o.push_back(out[k].data()), s.push_back(outputs[k].grad ? seeds[k].data() : nullptr);
  void *ws = aligned_alloc(64, %d + 64);
  int failed = ct_forward(host, i.data(), o.data(), ws);
  if (!failed) failed = ct_backward(host, i.data(), o.data(), s.data(), g.data(), ws);
  free(ws);
  if (failed) printf("a sweep returned %%d\n", failed), exit(1);
  out.insert(out.end(), grads.begin(), grads.end());
  return out;
}

int main() {
  ct_host host = {};
  host.version = CLADOPT_ABI_VERSION;
  host.threads = 3;
  host.parallel_for = parallel_for;
  const auto alone = sweeps(nullptr), together = sweeps(&host);
  for (size_t k = 0; k < alone.size(); ++k)
    if (alone[k] != together[k]) return printf("value %%zu differs\n", k), 1;
  printf("%%d\n", calls);
}
`

// TestThreadsChangeNoBit runs large graphs on one thread and on three, which must not
// meet: the compiler's thread sanitizer watches where there is one.
func TestThreadsChangeNoBit(t *testing.T) {
	compiler, err := toolchain.Find(context.Background())
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	sanitizes := sanitizesThreads(t)
	graphs, err := filepath.Glob("testdata/threads/*.graph")
	require.NoError(t, err)
	large, err := filepath.Glob(filepath.Join(observed, "big_*.graph"))
	require.NoError(t, err)
	require.Greater(t, len(graphs)+len(large), 4)
	for _, path := range append(graphs, large...) {
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".graph")+"/"+pipeline, func(t *testing.T) {
				src, err := os.ReadFile(path)
				require.NoError(t, err)
				m, err := torchscript.Import(dialects.Context(), path, src, torchscript.ImportOptions{})
				require.NoError(t, err)
				l, err := engine.Lower(m, engine.Options{Engine: engine.Builtin, Pipeline: pipeline})
				require.NoError(t, err)
				text := l.Source + fmt.Sprintf(threadsProgram, values(t, l.Meta.Inputs), values(t, l.Meta.Outputs), l.Meta.WorkspaceBytes)
				file := filepath.Join(t.TempDir(), "graph.cpp")
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				flags := []string{"-pthread"}
				for _, f := range toolchain.Flags {
					if f != "-shared" && f != "-fno-exceptions" {
						flags = append(flags, f)
					}
				}
				require.NotEqual(t, "0", runProgram(t, compiler.Path, file, flags...), "no loop was shared")
				if sanitizes && (pipeline == engine.GradPairs && !strings.Contains(path, "gpt2") || os.Getenv("CLADOPT_LONG") != "") {
					runProgram(t, "g++", file, "-pthread", "-std=c++17", "-O1", "-march=native", "-g", "-fsanitize=thread")
				}
			})
		}
	}
}

// sanitizesThreads reports whether g++ has a thread sanitizer that works.
func sanitizesThreads(t *testing.T) bool {
	file := filepath.Join(t.TempDir(), "empty.cpp")
	require.NoError(t, os.WriteFile(file, []byte("int main() {}\n"), 0o600))
	program := file + ".out"
	if out, err := exec.Command("g++", "-fsanitize=thread", "-o", program, file).CombinedOutput(); err != nil {
		t.Logf("SKIPPED: g++ has no thread sanitizer: %v %s", err, out)
		return false
	}
	if out, err := exec.Command(program).CombinedOutput(); err != nil {
		t.Logf("SKIPPED: the thread sanitizer does not run here: %v %s", err, out)
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

// values are the initialisers of threadsProgram's lists.
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
