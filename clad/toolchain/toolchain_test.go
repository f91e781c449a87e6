package toolchain_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
)

func compiler(t *testing.T) *toolchain.Compiler {
	t.Helper()
	c, err := toolchain.Find(context.Background())
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	return c
}

func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.ElementsMatch(t, want, got)
}

func TestCompileMakesOneFile(t *testing.T) {
	c, dir := compiler(t), t.TempDir()
	r, err := c.Compile(context.Background(), toolchain.Request{Source: "extern \"C\" int f() { return 1; }\n", Output: filepath.Join(dir, "f.so")})
	require.NoError(t, err)
	require.Empty(t, r.Warnings)
	onlyFiles(t, dir, "f.so")
	for _, flag := range r.Command {
		require.NotContains(t, []string{"-ffast-math", "-Ofast"}, flag)
	}
}

func TestFailureLeavesNothing(t *testing.T) {
	c, dir := compiler(t), t.TempDir()
	_, err := c.Compile(context.Background(), toolchain.Request{Source: "this is not C++\n", Output: filepath.Join(dir, "f.so")})
	var failed *toolchain.CompileError
	require.True(t, errors.As(err, &failed))
	require.Contains(t, failed.Output, "error")
	onlyFiles(t, dir)

	endless := "template <int N> struct T { using a = typename T<N + 1>::a; using b = typename T<N + 2>::a; };\nT<0>::a x;\n"
	start := time.Now()
	_, err = c.Compile(context.Background(), toolchain.Request{Source: endless, Output: filepath.Join(dir, "f.so"),
		Flags: []string{"-ftemplate-depth=1000000"}, Timeout: 300 * time.Millisecond})
	require.Error(t, err)
	require.Less(t, time.Since(start), 30*time.Second)
	onlyFiles(t, dir)

	_, err = c.Compile(context.Background(), toolchain.Request{Source: "", Output: filepath.Join(dir, "no", "f.so")})
	require.ErrorContains(t, err, "cannot write")
}

func TestCompilerNamedByTheUser(t *testing.T) {
	t.Setenv("CLADOPT_CXX", "/no/such/compiler")
	_, err := toolchain.Find(context.Background())
	require.ErrorContains(t, err, "CLADOPT_CXX=/no/such/compiler")
	require.False(t, strings.Contains(err.Error(), "install"), "a compiler asked for by name is not replaced by another")
}
