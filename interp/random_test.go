package interp_test

import (
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/tensor"
)

// toLLVM lowers numbers, loops and memory to the LLVM dialect.
var toLLVM = []string{"-convert-linalg-to-loops", "-convert-scf-to-cf", "-expand-strided-metadata", "-lower-affine", "-arith-expand", "-convert-math-to-llvm",
	"-convert-math-to-libm", "-convert-arith-to-llvm", "-convert-memref-to-llvm", "-convert-func-to-llvm", "-convert-cf-to-llvm", "-reconcile-unrealized-casts"}

// TestAgreesWithMLIRsRunner holds the interpreter against what MLIR itself makes of random
// programs: mlir-cpu-runner compiles and runs them. They agree to the last bit.
func TestAgreesWithMLIRsRunner(t *testing.T) {
	for _, tool := range []string{"mlir-opt-16", "mlir-cpu-runner-16"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: %s is not installed (Debian: mlir-16-tools)", tool)
		}
	}
	n := int64(25)
	if os.Getenv("CLADOPT_SOAK") != "" {
		n = 1000
	}
	for seed := int64(0); seed < n; seed++ {
		text := randomir.Exact(rand.New(rand.NewSource(seed)), 60)
		m := parse(t, text)
		require.NoError(t, ir.Verify(m.Ctx, m.Op), "seed %d\n%s", seed, text)
		out, err := interp.New(m).Call("main", nil)
		require.NoError(t, err, "seed %d\n%s", seed, text)
		lowered := pipe(t, m.String(), "mlir-opt-16", toLLVM...)
		printed := pipe(t, lowered, "mlir-cpu-runner-16", "-e", "main", "-entry-point-result=i64")
		want, err := strconv.ParseInt(strings.TrimSpace(printed), 10, 64)
		require.NoError(t, err, "%s", printed)
		require.Equal(t, want, tensor.Values[int64](*out[0])[0], "seed %d\n%s", seed, text)
	}
}

func pipe(t *testing.T, in, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(in)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s: %s\n%s", name, stderr.String(), in)
	return string(out)
}
