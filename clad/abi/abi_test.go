package abi_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/tensor"
)

func Example() {
	meta := abi.Meta{
		ABI:       abi.Version,
		Engine:    "builtin",
		Alignment: 64,
		Inputs:    []abi.Value{{DType: tensor.F32, Shape: []int64{4}, Strides: []int64{1}, RequiresGrad: true}},
		Outputs:   []abi.Value{{DType: tensor.F32, RequiresGrad: true}},
		Guards:    []string{"s0 < 8"},
	}
	text, err := meta.Encode()
	fmt.Println(text, err)
	// Output: {"abi":1,"inputs":[{"dtype":"f32","shape":[4],"strides":[1],"requires_grad":true}],"outputs":[{"dtype":"f32","shape":[],"requires_grad":true}],"mutated":[],"workspace_bytes":0,"alignment":64,"engine":"builtin","pipeline":"","guards":["s0 < 8"],"sources":[],"kernels":[]} <nil>
}

// TestHostMirrorsHeader compiles the header as C and as C++ and compares the
// layout of ct_host with that of Host.
func TestHostMirrorsHeader(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: ", err)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, abi.HeaderName), []byte(abi.Header), 0o666))
	source := `#include "cladopt_abi.h"
#include <stddef.h>
#include <stdio.h>
/* A BLAS as C callers declare it: it fits without a cast. */
static void sgemm_(const char* ta, const char* tb, const int* m, const int* n, const int* k, const float* alpha,
                   const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
                   const int* ldc) {
  (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b, (void)ldb, (void)beta;
  (void)c, (void)ldc;
}
int main(void) {
  ct_host host = {CLADOPT_ABI_VERSION, 1, 0, 0, sgemm_, 0};
  (void)host;
  printf("%d %d %d %d\n", CLADOPT_ABI_VERSION, CT_ERROR_HOST, CT_ERROR_GRADIENT, CT_ERROR_DATA);
  printf("%zu", sizeof(ct_host));
  printf(" %zu %zu", offsetof(ct_host, version), offsetof(ct_host, threads));
  printf(" %zu %zu", offsetof(ct_host, context), offsetof(ct_host, parallel_for));
  printf(" %zu %zu\n", offsetof(ct_host, sgemm), offsetof(ct_host, dgemm));
  return 0;
}
`
	var h abi.Host
	want := fmt.Sprintf("%d %d %d %d\n%d %d %d %d %d %d %d\n", abi.Version, abi.ErrorHost, abi.ErrorGradient, abi.ErrorData,
		unsafe.Sizeof(h), unsafe.Offsetof(h.Version), unsafe.Offsetof(h.Threads), unsafe.Offsetof(h.Context),
		unsafe.Offsetof(h.ParallelFor), unsafe.Offsetof(h.Sgemm), unsafe.Offsetof(h.Dgemm))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "layout.c"), []byte(source), 0o666))
	compile(t, cc, dir, "-std=c99", "-pedantic", "-o", "layout", "layout.c")
	got, err := exec.Command(filepath.Join(dir, "layout")).CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, want, string(got))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "use.cpp"), []byte(`#include "cladopt_abi.h"
#include "cladopt_abi.h"
int32_t ct_abi() { return CLADOPT_ABI_VERSION; }
`), 0o666))
	compile(t, cc, dir, "-std=c++17", "-fsyntax-only", "use.cpp")
}

func compile(t *testing.T, cc, dir string, args ...string) {
	cmd := exec.Command(cc, append([]string{"-Wall", "-Wextra", "-Werror"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

func sample() abi.Meta {
	return abi.Meta{
		ABI: abi.Version,
		Inputs: []abi.Value{
			{DType: tensor.F32, Shape: []int64{4, 6}, Strides: []int64{1, 4}, RequiresGrad: true},
			{DType: tensor.I64, Shape: []int64{}, Strides: []int64{}},
		},
		Outputs:        []abi.Value{{DType: tensor.F32, Shape: []int64{4, 6}, RequiresGrad: true}},
		Mutated:        []abi.Mutation{{Input: 0, Output: 0}},
		WorkspaceBytes: 4096,
		Alignment:      64,
		Engine:         "clad",
		Pipeline:       "grad-pairs",
		Guards:         []string{"s0 % 16 == 0"},
		Sources:        []string{"mlp.graph"},
		Kernels: []abi.Kernel{{Name: "k0", Pullback: "k0_pullback", DerivedBy: "clad",
			Ops: []string{"aten.mul", "aten.relu"}, Lines: []int{3, 4}}},
	}
}

func TestMetaRoundTrip(t *testing.T) {
	text, err := sample().Encode()
	require.NoError(t, err)
	back, err := abi.ParseMeta(text)
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
	assert.NotContains(t, text, "null")
	assert.Equal(t, int64(24), back.Inputs[0].Len())
	assert.Equal(t, int64(1), back.Inputs[1].Len())

	_, err = abi.ParseMeta(strings.Replace(text, `{`, `{"later":[{}],`, 1))
	require.NoError(t, err, "a field of a later cladopt")
}

func TestBadMeta(t *testing.T) {
	for want, spoil := range map[string]func(*abi.Meta){
		"abi is 2, want 1":                      func(m *abi.Meta) { m.ABI = 2 },
		"inputs[0]: shape [4 6] and strides":    func(m *abi.Meta) { m.Inputs[0].Strides = nil },
		"inputs[0]: stride 1 of [1 -4]":         func(m *abi.Meta) { m.Inputs[0].Strides = []int64{1, -4} },
		"inputs[1]: i64 cannot have a gradient": func(m *abi.Meta) { m.Inputs[1].RequiresGrad = true },
		"outputs[0]: dimension 0":               func(m *abi.Meta) { m.Outputs[0].Shape = []int64{-1} },
		"outputs[0]: invalid(0)":                func(m *abi.Meta) { m.Outputs[0].DType = 0 },
		"outputs[0]: an output is contiguous":   func(m *abi.Meta) { m.Outputs[0].Strides = []int64{6, 1} },
		"mutated[0]: input 2 of 2":              func(m *abi.Meta) { m.Mutated[0].Input = 2 },
		"mutated[0]: input 1 is i64":            func(m *abi.Meta) { m.Mutated[0].Input = 1 },
		"workspace_bytes is -1":                 func(m *abi.Meta) { m.WorkspaceBytes = -1 },
		"alignment is 48":                       func(m *abi.Meta) { m.Alignment = 48 },
		"engine is missing":                     func(m *abi.Meta) { m.Engine = "" },
	} {
		m := sample()
		spoil(&m)
		_, err := m.Encode()
		assert.ErrorContains(t, err, want)
	}
	for _, text := range []string{"", "null", "[]", "{", `{"abi":"1"}`, `{"abi":1,"inputs":[{"dtype":"float"}]}`} {
		_, err := abi.ParseMeta(text)
		assert.Error(t, err, text)
	}
}

// TestHostHeader compiles the stand-alone host as C and as C++, with and without OpenMP and
// a BLAS, and has it run chunks: they are disjoint, together all, and none but the last is below the grain.
func TestHostHeader(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, abi.HeaderName), []byte(abi.Header), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, abi.HostHeaderName), []byte(abi.HostHeader), 0o666))
	source := `#include "cladopt_host.h"
#include "cladopt_host.h"
#include <stdio.h>
#ifdef CLADOPT_HOST_BLAS
void sgemm_(const char* ta, const char* tb, const int32_t* m, const int32_t* n, const int32_t* k, const float* alpha,
            const float* a, const int32_t* lda, const float* b, const int32_t* ldb, const float* beta, float* c, const int32_t* ldc) {
  (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b, (void)ldb, (void)beta, (void)ldc;
  *c = 7;
}
void dgemm_(const char* ta, const char* tb, const int32_t* m, const int32_t* n, const int32_t* k, const double* alpha,
            const double* a, const int32_t* lda, const double* b, const int32_t* ldb, const double* beta, double* c, const int32_t* ldc) {
  (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b, (void)ldb, (void)beta, (void)ldc;
  *c = 8;
}
#endif
static int seen[1000], calls, shorter; /* chunks below the grain */
static int64_t least;
static void body(void* arg, int64_t begin, int64_t end) {
  (void)arg;
  for (int64_t i = begin; i < end; ++i) ++seen[i];
#ifdef _OPENMP
#pragma omp critical
#endif
  {
    ++calls;
    if (end - begin < least) ++shorter;
  }
}
int main(void) {
  ct_host one = cladopt_host(1), host = cladopt_host(3);
  if (one.version != CLADOPT_ABI_VERSION || one.threads != 1 || one.parallel_for || cladopt_host(0).threads < 1) return 1;
#ifdef CLADOPT_HOST_BLAS
  float f = 0;
  double d = 0;
  host.sgemm(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &f, 0);
  host.dgemm(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &d, 0);
  if (f != 7 || d != 8) return 2;
#else
  if (host.sgemm || host.dgemm) return 2;
#endif
  if (!host.parallel_for) return printf("serial\n"), host.threads == 1 ? 0 : 3;
  static const int64_t sizes[] = {-1, 0, 1, 2, 3, 4, 7, 100, 999, 1000}, grains[] = {-5, 0, 1, 10, 400, 5000};
  for (int s = 0; s < 10; ++s)
    for (int g = 0; g < 6; ++g) {
      const int64_t n = sizes[s], grain = grains[g];
      for (int i = 0; i < 1000; ++i) seen[i] = 0;
      calls = 0, shorter = 0, least = grain;
      host.parallel_for(host.context, n, grain, body, 0);
      for (int i = 0; i < 1000; ++i)
        if (seen[i] != (i < n)) return 4;
      if (shorter > 1) return 7; /* the last */
      if (calls > 3 || (n <= 0 && calls) || (n > 0 && n <= grain && calls != 1)) return 5;
      if (n == 1000 && grain == 1 && calls != 3) return 6;
    }
  printf("%d threads\n", (int)host.threads);
  return 0;
}
`
	for _, suffix := range []string{"c", "cpp"} {
		compiler, standard := "cc", "-std=c99"
		if suffix == "cpp" {
			compiler, standard = "c++", "-std=c++17"
		}
		if _, err := exec.LookPath(compiler); err != nil {
			t.Logf("SKIPPED: %s is not installed", compiler)
			continue
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "host."+suffix), []byte(source), 0o666))
		for _, blas := range []string{"-UCLADOPT_HOST_BLAS", "-DCLADOPT_HOST_BLAS"} {
			for flag, want := range map[string]string{"-UOFF": "serial\n", "-fopenmp": "3 threads\n"} {
				compile(t, compiler, dir, standard, "-pedantic", blas, flag, "-o", "host", "host."+suffix)
				got, err := exec.Command(filepath.Join(dir, "host")).CombinedOutput()
				require.NoError(t, err, "%s %s %s: %s", suffix, blas, flag, got)
				assert.Equal(t, want, string(got), "%s %s", suffix, blas)
			}
		}
	}
}
