package mlir_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// suiteFiles are the IR texts of the lit suite.
func suiteFiles(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../../lit/tests/*/*.mlir", "../../lit/tests/*/*/*.mlir", "testdata/*.mlir"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		out = append(out, files...)
	}
	require.Greater(t, len(out), 100)
	return out
}

func TestRoundTripOfTheSuite(t *testing.T) {
	ctx := dialects.Context()
	for _, file := range suiteFiles(t) {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		m, err := mlir.Parse(ctx, file, src)
		require.NoError(t, err)
		for _, o := range []ir.PrintOptions{{}, {Generic: true}, {Locations: true}, {Generic: true, Locations: true}} {
			text := ir.Print(m.Op, o)
			again, err := mlir.Parse(ctx, file, []byte(text))
			require.NoError(t, err, "%s", file)
			require.Equal(t, text, ir.Print(again.Op, o))
		}
	}
}

// TestAgreesWithMLIR wants mlir-opt X and cladopt X | mlir-opt to be the same text,
// for files in MLIR's own dialects.
func TestAgreesWithMLIR(t *testing.T) {
	if _, err := exec.LookPath("mlir-opt-16"); err != nil {
		t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
	}
	ctx := dialects.Context()
	files, err := filepath.Glob("testdata/*.mlir")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	opt := func(text string, args ...string) string {
		cmd := exec.Command("mlir-opt-16", args...)
		cmd.Stdin = strings.NewReader(text)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.NoError(t, err, "%s\n%s", stderr.String(), text)
		return string(out)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		m, err := mlir.Parse(ctx, file, src)
		require.NoError(t, err)
		require.NoError(t, ir.Verify(ctx, m.Op))
		want := opt(string(src))
		require.Equal(t, want, opt(m.String()), "%s", file)
		require.Equal(t, want, opt(ir.Print(m.Op, ir.PrintOptions{Generic: true})), "%s", file)
		// And what MLIR prints, generic form and locations included, is read here.
		for _, args := range [][]string{nil, {"--mlir-print-op-generic"}, {"--mlir-print-debuginfo"}} {
			printed := opt(string(src), args...)
			again, err := mlir.Parse(ctx, file, []byte(printed))
			require.NoError(t, err, "%s", printed)
			require.Equal(t, want, opt(again.String()))
		}
	}
}

func TestErrors(t *testing.T) {
	ctx := dialects.Context()
	for src, want := range map[string]string{
		"func.func @f(%x: tensor<4xf32>) {\n  %0 = aten.neg %y : tensor<4xf32>\n  func.return\n}": "e.mlir:2:17: error: %y is used before it is defined\n    %0 = aten.neg %y : tensor<4xf32>\n                  ^",
		"func.func @f(%x: f32) {\n  %0 = arith.addf %x, %x : f64\n  func.return\n}":               "e.mlir:2:19: error: %x has type f32, expected f64",
		"%0 = nothing.here %x : f32": "e.mlir:1:6: error: nothing.here is not a registered op",
		"module {":                   "the text ends inside a region",
		"\"a.b\"() {x = 99999999999999999999 : i64} : () -> ()":         "is not a number of type i64",
		"\"a.b\"() : () -> tensor<99999999999999999999xf32>":            "does not fit 64 bits",
		"\"a.b\"() {x, x} : () -> ()":                                   "attribute \"x\" is given twice",
		"\"a.b\"()[^bb1] : () -> ()":                                    "successors",
		"#a = #a\n\"x.y\"() {k = #a} : () -> ()":                        "#a is defined by itself",
		"\"x.y\"() {k = affine_map<(d0) -> (d1)>} : () -> ()":           "d1 is not a dimension",
		"\"x.y\"() {k = \"never ends} : () -> ()":                       "a string does not end",
		strings.Repeat("module {", 1000):                                "nested more than 256 deep",
		"\"x.y\"() : () -> " + strings.Repeat("tuple<", 10000) + "f32":  "does not end",
		"\"x.y\"() {k = " + strings.Repeat("[", 10000) + "} : () -> ()": "nested more than 256 deep",
	} {
		_, err := mlir.Parse(ctx, "e.mlir", []byte(src))
		require.ErrorContains(t, err, want)
	}
	// Every error is reported, not the first alone, and what follows from one is not.
	_, err := mlir.Parse(ctx, "e.mlir", []byte("func.func @f(%x: f32) {\n  %0 = arith.addf %x, %y : f32\n  %1 = arith.negf %0 : f32\n  %2 = arith.oops %1 : f32\n  func.return\n}"))
	require.ErrorContains(t, err, "e.mlir:2:")
	require.ErrorContains(t, err, "e.mlir:4:")
	require.NotContains(t, err.Error(), "e.mlir:3:")
}

// TestLoopsSeeValuesAround reads a function that is not in a module: its loops see its
// arguments, and a function sees nothing of another.
func TestLoopsSeeValuesAround(t *testing.T) {
	ctx := dialects.Context()
	loop := "func.func @f(%n: index, %m: memref<4xf32>) {\n  scf.for %i = %n to %n step %n {\n    %v = memref.load %m[%i] : memref<4xf32>\n  }\n  func.return\n}\n"
	_, err := mlir.Parse(ctx, "f.mlir", []byte(loop))
	require.NoError(t, err)
	_, err = mlir.Parse(ctx, "f.mlir", []byte("%x = arith.constant 1.0 : f32\nfunc.func @f() -> f32 {\n  func.return %x : f32\n}\n"))
	require.ErrorContains(t, err, "f.mlir:3:15: error: %x is used before it is defined")
}

func FuzzParse(f *testing.F) {
	for _, file := range suiteFiles(f) {
		src, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(src))
	}
	ctx := dialects.Context()
	f.Fuzz(func(t *testing.T, src string) {
		m, err := mlir.Parse(ctx, "fuzz.mlir", []byte(src))
		if err != nil {
			return
		}
		_ = ir.Verify(ctx, m.Op)
		text := m.String()
		again, err := mlir.Parse(ctx, "again.mlir", []byte(text))
		if err == nil && again.String() != text {
			t.Fatalf("printing what was printed changes it:\n%s\n%s", text, again)
		}
	})
}

// mixed is a text of n ops of several dialects.
func mixed(n int) string {
	var b strings.Builder
	b.WriteString("func.func @f(%x: f32, %m: memref<4x8xf32>, %i: index) {\n  %v0 = arith.constant 1.5 : f32\n")
	for k := 1; k < n; k++ {
		switch k % 5 {
		case 0:
			fmt.Fprintf(&b, "  %%v%d = arith.mulf %%v%d, %%x : f32\n", k, k-1)
		case 1:
			fmt.Fprintf(&b, "  %%v%d = math.tanh %%v%d : f32\n", k, k-1)
		case 2:
			fmt.Fprintf(&b, "  %%v%d = memref.load %%m[%%i, %%i] : memref<4x8xf32>\n", k)
		case 3:
			fmt.Fprintf(&b, "  %%v%d = \"arith.addf\"(%%v%d, %%v%d) {fastmath = #arith.fastmath<none>} : (f32, f32) -> f32\n", k, k-1, k-2)
		case 4:
			fmt.Fprintf(&b, "  memref.store %%v%d, %%m[%%i, %%i] : memref<4x8xf32>\n  %%v%d = arith.negf %%v%d : f32\n", k-1, k, k-1)
		}
	}
	b.WriteString("  func.return\n}\n")
	return b.String()
}

func BenchmarkParse20000(b *testing.B) {
	src := []byte(mixed(20000))
	ctx := dialects.Context()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := mlir.Parse(ctx, "bench.mlir", src); err != nil {
			b.Fatal(err)
		}
	}
}

func TestMixedTextParses(t *testing.T) {
	m, err := mlir.Parse(dialects.Context(), "mixed.mlir", []byte(mixed(200)))
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
	if path := os.Getenv("CLADOPT_WRITE_MIXED"); path != "" {
		require.NoError(t, os.WriteFile(path, []byte(mixed(20000)), 0o600))
	}
}
