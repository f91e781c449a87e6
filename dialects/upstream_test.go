package dialects_test

import (
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// printings are the ways in which mlir-opt prints a module.
var printings = [][]string{
	nil,
	{"--mlir-print-op-generic"},
	{"--mlir-print-local-scope"},
	{"--mlir-print-op-generic", "--mlir-print-local-scope"},
	{"--mlir-print-debuginfo"},
	{"--mlir-print-op-generic", "--mlir-print-debuginfo"},
	{"--mlir-print-debuginfo", "--mlir-print-local-scope"},
	{"--mlir-print-elementsattrs-with-hex-if-larger=1"},
	{"--mlir-print-value-users"},
}

// wholeSuite is the text of every file of the lit suite that is read here, in the form
// that is printed here, generic: mlir-opt takes ops that it does not know in that form.
func wholeSuite(t *testing.T) (texts, names []string) {
	t.Helper()
	err := filepath.WalkDir("../lit/tests", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".mlir" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, part := range strings.Split(string(src), "// -----\n") {
			m, err := mlir.Parse(dialects.Context(), path, []byte(part))
			if err != nil || ir.Verify(dialects.Context(), m.Op) != nil {
				continue // the wrong forms under Inputs
			}
			texts, names = append(texts, ir.Print(m.Op, ir.PrintOptions{Generic: true, Locations: true})), append(names, path)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(texts), 250)
	return texts, names
}

// TestUpstreamTextOfTheSuite reads what mlir-opt prints of the whole suite, in every way,
// and wants an equal module.
func TestUpstreamTextOfTheSuite(t *testing.T) {
	texts, names := wholeSuite(t)
	readBack(t, texts, names)
}

// TestUpstreamTextOfRandomModules does so for random modules.
func TestUpstreamTextOfRandomModules(t *testing.T) {
	var texts, names []string
	n := int64(20)
	switch {
	case os.Getenv("CLADOPT_SOAK") != "":
		n = 3000
	case os.Getenv("CLADOPT_LONG") != "":
		n = 200
	}
	for seed := int64(0); seed < n; seed++ {
		for _, text := range []string{randomir.Loops(rand.New(rand.NewSource(seed)), 40, true), randomir.Aten(rand.New(rand.NewSource(seed)), 30)} {
			m, err := mlir.Parse(dialects.Context(), "random.mlir", []byte(text))
			require.NoError(t, err)
			texts, names = append(texts, ir.Print(m.Op, ir.PrintOptions{Generic: true, Locations: true})), append(names, "random.mlir")
		}
	}
	readBack(t, texts, names)
}

// argumentPlace is the location of an argument of a block, for which MLIR's form of a
// loop has no place.
var argumentPlace = regexp.MustCompile(`(%arg\d+: [^,()]+(?:\([^)]*\))?[^,()]*) loc\([^)]*\)`)

// bareYield is the end of a loop that carries nothing, which the same form leaves out.
var bareYield = regexp.MustCompile(`("scf.yield"\(\) : \(\) -> \(\)) loc\(.*\)`)

// withoutLost drops the locations that MLIR's form of loops loses.
func withoutLost(text string) string {
	return bareYield.ReplaceAllString(argumentPlace.ReplaceAllString(text, "$1"), "$1")
}

// readBack has mlir-opt print texts, reads that, and wants mlir-opt to make the same of
// what is printed here then, in both forms, as of the texts, locations included where it
// prints them.
func readBack(t *testing.T, texts, names []string) {
	t.Helper()
	canonicals := map[bool][]string{false: optEach(t, texts, canonical(false)...), true: optEach(t, texts, canonical(true)...)}
	for _, args := range printings {
		located := slices.Contains(args, "--mlir-print-debuginfo")
		var want, generic, pretty []string
		all := slices.Clone(canonicals[located])
		for i, text := range optEach(t, texts, args...) {
			m, err := mlir.Parse(dialects.Context(), "upstream.mlir", []byte(text))
			require.NoError(t, err, "%s, %v", names[i], args)
			require.NoError(t, ir.Verify(dialects.Context(), m.Op), "%s, %v", names[i], args)
			generic = append(generic, ir.Print(m.Op, ir.PrintOptions{Generic: true, Locations: located}))
			if !strings.Contains(text, "aten.") { // mlir-opt knows no other form of these
				pretty, want = append(pretty, ir.Print(m.Op, ir.PrintOptions{Locations: located})), append(want, all[i])
			}
		}
		require.NotEmpty(t, pretty)
		lost := located && !slices.Contains(args, "--mlir-print-op-generic")
		same(t, all, optEach(t, generic, canonical(located)...), lost, args)
		same(t, want, optEach(t, pretty, canonical(located)...), located, args)
	}
}

// same wants equal texts, but for what withoutLost drops if it is lost.
func same(t *testing.T, want, got []string, lost bool, args []string) {
	t.Helper()
	for i := range want {
		if lost {
			want[i], got[i] = withoutLost(want[i]), withoutLost(got[i])
		}
		require.Equal(t, want[i], got[i], "module %d, %v", i, args)
	}
}

// canonical is the way in which modules are compared.
func canonical(located bool) []string {
	args := []string{"--mlir-print-op-generic", "--mlir-print-local-scope"}
	if located {
		args = append(args, "--mlir-print-debuginfo")
	}
	return args
}

// optEach is what mlir-opt prints of each text.
func optEach(t *testing.T, texts []string, args ...string) []string {
	t.Helper()
	const split = "// -----\n"
	out := mlirOpt(t, strings.Join(texts, "\n"+split), append([]string{"--split-input-file", "--allow-unregistered-dialect"}, args...)...)
	parts := strings.Split(strings.TrimSpace(out)+"\n\n", split)
	require.Len(t, parts, len(texts))
	return parts
}
