package cpp_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/toolchain"
)

// ulps bounds the error of the elementary functions, in units in the last place of the
// result, against libm in higher precision.
var ulps = map[string]float64{"exp": 2, "expm1": 3, "tanh": 2.5, "log": 2, "log1p": 3, "erf": 7}

const errorProgram = `
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
%s
// ulp is the distance of x from want in units of the last place of want.
static double ulp(float x, long double want) {
  float w = (float)want;
  if (w != w || x != x) return (w != w) == (x != x) ? 0 : 1e30;
  if (isinf(w) || isinf(x)) return w == x || (isinf(x) && fabsl(want) > 3.402823e38L) || (isinf(w) && fabsf(x) > 3.4028e38f) ? 0 : 1e30;
  float size = fabsf(w) < 1.2e-38f ? 1.4e-45f : nextafterf(fabsf(w), INFINITY) - fabsf(w);
  return (double)(fabsl((long double)x - want) / size);
}
static double ulp(double x, long double want) {
  double w = (double)want;
  if (w != w || x != x) return (w != w) == (x != x) ? 0 : 1e30;
  if (isinf(w) || isinf(x)) return w == x ? 0 : 1e30;
  double size = fabs(w) < 2.3e-308 ? 4.9e-324 : nextafter(fabs(w), INFINITY) - fabs(w);
  return (double)(fabsl((long double)x - want) / size);
}
static uint64_t state = 88172645463325252ull;
static uint64_t draw() { state ^= state << 13; state ^= state >> 7; return state ^= state << 17; }
template <class T, class U> void run(const char *name, T (*f)(T), long double (*want)(long double)) {
  T edges[] = {0, -(T)0, 1, -1, (T)INFINITY, -(T)INFINITY, (T)NAN, (T)1e-30, (T)-1e-30, (T)88.7, (T)-87.4, (T)-103.9, (T)709.7, (T)-745.1, (T)1e30, (T)-1e30, (T)0.5, (T)-0.5, (T)1e-40, (T)3e38};
  double worst = 0; T at = 0;
  auto look = [&](T x) {
    T y = f(x);
    double e = ulp(y, want((long double)x));
    if (e > worst) worst = e, at = x;
  };
  for (T x : edges) look(x);
  for (int i = 0; i < 400000; ++i) {
    uint64_t bits = draw();
    U u = (U)bits; T x; memcpy(&x, &u, sizeof x);
    look(x);
    look((T)((double)(int64_t)draw() / 9.3e18 * 12));
    look((T)((double)(int64_t)draw() / 9.3e18 * 100));
  }
  printf("%%s %%s %%g %%.17g\n", name, sizeof(T) == 4 ? "f32" : "f64", worst, (double)at);
}
int main() {
%s  return 0;
}
`

// run compiles a program with the flags of kernels and others, and returns what it prints.
func run(t *testing.T, c *toolchain.Compiler, source string, flags ...string) []byte {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	args := append([]string{"-o", program, source}, flags...)
	for _, f := range toolchain.Flags {
		if f != "-shared" {
			args = append(args, f)
		}
	}
	out, err := exec.Command(c.Path, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(program).Output()
	require.NoError(t, err, "%v", flags)
	return out
}

// TestElementaryFunctions measures the errors of the functions that kernels call,
// with the flags that kernels are compiled with, over all floats.
func TestElementaryFunctions(t *testing.T) {
	c, err := toolchain.Find(context.Background())
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	var calls, runs strings.Builder
	for _, name := range slices.Sorted(maps.Keys(ulps)) { // each is given the same values at every run
		fmt.Fprintf(&calls, "ct::%s(x) ", name)
		fmt.Fprintf(&runs, "  run<float, uint32_t>(%q, ct::%s, %sl);\n  run<double, uint64_t>(%q, ct::%s, %sl);\n", name, name, name, name, name, name)
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "errors.cpp")
	require.NoError(t, os.WriteFile(source, []byte(fmt.Sprintf(errorProgram, cpp.Prelude(calls.String()), runs.String())), 0o600))
	// A trap ends the program at what C++ leaves undefined.
	run(t, c, source, "-fsanitize=undefined,float-cast-overflow", "-fsanitize-undefined-trap-on-error")
	out := run(t, c, source)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, 2*len(ulps))
	for _, line := range lines {
		var name, elem string
		var worst, at float64
		_, err := fmt.Sscan(line, &name, &elem, &worst, &at)
		require.NoError(t, err, line)
		t.Logf("%s", line)
		if worst > ulps[name] {
			t.Errorf("%s of %s is off by %g ulp at %v, more than %g", name, elem, worst, at, ulps[name])
		}
	}
}
