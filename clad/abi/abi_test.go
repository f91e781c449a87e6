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
