package cli_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
)

// TestPackageTrainsByItself builds the example of a package without cladopt and
// LibTorch, and sees the loss fall.
func TestPackageTrainsByItself(t *testing.T) {
	trainPackage(t, ".cpp")
}

// TestPackageOfLLVM does so with a library that was made of LLVM IR.
func TestPackageOfLLVM(t *testing.T) {
	if _, err := toolchain.FindLLVM(context.Background()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	trainPackage(t, ".ll", "--via=llvm")
}

// trainPackage makes a package with further flags, whose text has the suffix.
func trainPackage(t *testing.T, suffix string, flags ...string) {
	t.Helper()
	cxx, err := toolchain.Find(context.Background())
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "mlp")
	graph := "../testdata/observed/linear_relu_linear_mse.graph"
	status, _, stderr := run(append([]string{"compile", graph, "--emit=package", "--engine=builtin", "-o", dir}, flags...)...)
	require.Zero(t, status, "%s", stderr)
	const name = "linear_relu_linear_mse"
	for _, f := range []string{name + ".h", name + suffix, "lib" + name + ".so", "CMakeLists.txt", "example.cpp"} {
		require.FileExists(t, filepath.Join(dir, f))
	}
	program := filepath.Join(t.TempDir(), "example")
	out, err := exec.Command(cxx.Path, "-std=c++17", "-O1", "-I"+dir, filepath.Join(dir, "example.cpp"), "-L"+dir, "-l"+name, "-Wl,-rpath,"+dir, "-o", program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "after 20 steps")

	status, _, stderr = run("compile", graph, "--emit=package", "--engine=builtin", "-o", dir)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "not empty")
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
