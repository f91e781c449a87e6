package toolchain_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
)

// callsSupport is LLVM IR that calls a function of support.
const callsSupport = `declare double @twice(double)
define double @f(double %x) {
  %y = call double @twice(double %x)
  ret double %y
}
`

const support = `extern "C" __attribute__((always_inline)) double twice(double x) { return 2 * x; }
extern "C" double unused(double x) { return x; }
`

func llvmTools(t *testing.T) *toolchain.LLVM {
	t.Helper()
	l, err := toolchain.FindLLVM(context.Background())
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	return l
}

// TestSupportIsMadeOnce compiles the C++ of functions that LLVM IR calls the first time
// only, and puts in what is called.
func TestSupportIsMadeOnce(t *testing.T) {
	l, cache := llvmTools(t), t.TempDir()
	if l.Link == "" {
		t.Skipf("SKIPPED: no llvm-link of LLVM %d", l.Version)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	kept := func() os.FileInfo {
		var found []os.FileInfo
		require.NoError(t, filepath.Walk(cache, func(_ string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() {
				found = append(found, info)
			}
			return err
		}))
		require.Len(t, found, 1, "one file of bitcode and nothing else")
		return found[0]
	}
	var first os.FileInfo
	for round := range 2 {
		dir := t.TempDir()
		_, err := l.Compile(context.Background(), toolchain.LLVMRequest{Source: callsSupport, Support: []string{support}, Output: filepath.Join(dir, "f.so")})
		require.NoError(t, err)
		onlyFiles(t, dir, "f.so")
		_, err = native.Open(filepath.Join(dir, "f.so"))
		require.ErrorContains(t, err, "ct_abi", "it loads, so nothing that it calls is missing; it is only no graph's")
		if round == 0 {
			first = kept()
		} else {
			require.True(t, os.SameFile(first, kept()))
		}
	}
}

// TestLLVMFailureLeavesNothing wants errors that say what is wrong, and no library.
func TestLLVMFailureLeavesNothing(t *testing.T) {
	l, dir := llvmTools(t), t.TempDir()
	_, err := l.Compile(context.Background(), toolchain.LLVMRequest{Source: "this is not LLVM IR\n", Output: filepath.Join(dir, "f.so")})
	var failed *toolchain.CompileError
	require.True(t, errors.As(err, &failed))
	require.Contains(t, failed.Output, "expected top-level entity")
	onlyFiles(t, dir)

	bare := *l
	bare.Link = ""
	_, err = bare.Compile(context.Background(), toolchain.LLVMRequest{Source: callsSupport, Support: []string{support}, Output: filepath.Join(dir, "f.so")})
	require.ErrorContains(t, err, "no llvm-link of LLVM")
	require.NotContains(t, err.Error(), "\n")
	onlyFiles(t, dir)

	t.Setenv("CLADOPT_CLANG", "/bin/sh")
	_, err = toolchain.FindLLVM(context.Background())
	require.ErrorContains(t, err, "CLADOPT_CLANG=/bin/sh")
}
