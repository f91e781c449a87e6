package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// threadsProgram runs both sweeps of the library before it without a host, and with one
// that has three threads, and compares all bits.
const threadsProgram = valuesProgram + `
#include <thread>

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
  for (auto &v : inputs) in.push_back(numbers(v, ++seed, false)), grads.push_back(std::vector<char>(in.back().size()));
  for (auto &v : outputs) out.push_back(numbers(v, 0, false)), seeds.push_back(numbers(v, ++seed, false));
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
	sanitized := sanitizes(t, "-fsanitize=thread")
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
				if sanitized && (pipeline == engine.GradPairs && !strings.Contains(path, "gpt2") || os.Getenv("CLADOPT_LONG") != "") {
					runProgram(t, "g++", file, "-pthread", "-std=c++17", "-O1", "-march=native", "-g", "-fsanitize=thread")
				}
			})
		}
	}
}
