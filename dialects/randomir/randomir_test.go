package randomir_test

import (
	"math/rand"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// modules are the seeds of a test: a few hundred, or thousands in make soak.
func modules() int64 {
	if os.Getenv("CLADOPT_SOAK") != "" {
		return 5000
	}
	return 300
}

// argumentPlace is the location of a block argument.
var argumentPlace = regexp.MustCompile(`( loc\([^)]*\))([,)])`)

// TestModulesRoundTrip wants what is printed, in each form, to be read as an equal
// module, and what is printed of that to be the same text.
func TestModulesRoundTrip(t *testing.T) {
	ctx := dialects.Context()
	forms := []ir.PrintOptions{{}, {Generic: true}, {Locations: true}, {Generic: true, Locations: true}}
	used := map[ir.OpName]bool{}
	for seed := int64(0); seed < modules(); seed++ {
		r := rand.New(rand.NewSource(seed))
		for _, text := range []string{randomir.Loops(r, 40, true), randomir.Aten(r, 30)} {
			m, err := mlir.Parse(ctx, "random.mlir", []byte(text))
			require.NoError(t, err, "seed %d:\n%s", seed, text)
			require.NoError(t, ir.Verify(ctx, m.Op), "seed %d:\n%s", seed, text)
			m.Op.Walk(func(op *ir.Op) { used[op.Name] = true })
			for _, o := range forms {
				printed := ir.Print(m.Op, o)
				again, err := mlir.Parse(ctx, "printed.mlir", []byte(printed))
				require.NoError(t, err, "seed %d:\n%s", seed, printed)
				require.Equal(t, printed, ir.Print(again.Op, o), "seed %d", seed)
				want := ir.Print(m.Op, ir.PrintOptions{Generic: true, Locations: o.Locations})
				got := ir.Print(again.Op, ir.PrintOptions{Generic: true, Locations: o.Locations})
				if o.Locations && !o.Generic {
					// MLIR's form of a loop has no place for those of its arguments.
					want, got = argumentPlace.ReplaceAllString(want, "$2"), argumentPlace.ReplaceAllString(got, "$2")
				}
				require.Equal(t, want, got, "seed %d", seed)
			}
		}
	}
	for _, name := range []ir.OpName{"scf.while", "scf.if", "scf.for", "func.call", "memref.subview", "memref.copy", "tensor.insert_slice",
		"linalg.generic", "cf.assert", "math.powf", "arith.bitcast", "aten.matmul", "aten.softmax", "aten.where", "aten.prod"} {
		require.True(t, used[name], "no random module has %s", name)
	}
}

// TestSameSeedSameModule wants a failure to be repeatable by its seed.
func TestSameSeedSameModule(t *testing.T) {
	a, b := rand.New(rand.NewSource(3)), rand.New(rand.NewSource(3))
	require.Equal(t, randomir.Loops(a, 50, true), randomir.Loops(b, 50, true))
	require.Equal(t, randomir.Aten(a, 50), randomir.Aten(b, 50))
	require.False(t, strings.Contains(randomir.Loops(a, 50, false), "test."))
}

// TestModulesInMLIR wants mlir-opt to accept the modules of its own dialects, and to
// make the same of them as of what is printed here, many to a process.
func TestModulesInMLIR(t *testing.T) {
	if _, err := exec.LookPath("mlir-opt-16"); err != nil {
		t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
	}
	const batch = 100
	for first := int64(0); first < modules(); first += batch {
		var sources, pretty, generic []string
		for seed := first; seed < first+batch; seed++ {
			text := randomir.Loops(rand.New(rand.NewSource(seed)), 40, true)
			m, err := mlir.Parse(dialects.Context(), "random.mlir", []byte(text))
			require.NoError(t, err)
			sources = append(sources, text)
			pretty = append(pretty, m.String())
			generic = append(generic, ir.Print(m.Op, ir.PrintOptions{Generic: true}))
		}
		want := mlirOpt(t, sources)
		for _, texts := range [][]string{pretty, generic} {
			got := mlirOpt(t, texts)
			for i := range want {
				require.Equal(t, want[i], got[i], "seed %d:\n%s", first+int64(i), texts[i])
			}
		}
	}
}

const split = "// -----\n"

// mlirOpt is what mlir-opt makes of each text.
func mlirOpt(t *testing.T, texts []string) []string {
	t.Helper()
	cmd := exec.Command("mlir-opt-16", "--split-input-file")
	cmd.Stdin = strings.NewReader(strings.Join(texts, split))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", stderr.String())
	parts := strings.Split(string(out), split)
	require.Len(t, parts, len(texts))
	return parts
}
