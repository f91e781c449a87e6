package mlir_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// TestLocationsOfEveryKind reads names, call sites, fused places with and without an
// attribute, and aliases of all of them, as mlir-opt prints them, and loses nothing.
func TestLocationsOfEveryKind(t *testing.T) {
	src, err := os.ReadFile("testdata/locations.mlir")
	require.NoError(t, err)
	m, err := mlir.Parse(dialects.Context(), "<stdin>", src)
	require.NoError(t, err)
	for _, kind := range []string{
		`loc(callsite("inner"("a.py":3:4) at "b.py":5:6))`, `loc(fused<"meta">["x.py":1:1, "y.py":2:2])`, `loc("named"("c.py":1:2))`,
		`loc(callsite("f" at callsite("g" at "h")))`, `loc("arg")`, "loc(unknown)",
	} {
		require.Contains(t, ir.Print(m.Op, ir.PrintOptions{Locations: true}), kind)
	}
	if _, err := exec.LookPath("mlir-opt-16"); err != nil {
		t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
	}
	opt := func(text string, args ...string) string {
		cmd := exec.Command("mlir-opt-16", append(args, "--mlir-print-debuginfo")...)
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.Output()
		require.NoError(t, err)
		return string(out)
	}
	want := opt(string(src), "--mlir-print-local-scope")
	for _, args := range [][]string{nil, {"--mlir-print-local-scope"}, {"--mlir-print-op-generic"}} {
		m, err := mlir.Parse(dialects.Context(), "<stdin>", []byte(opt(string(src), args...)))
		require.NoError(t, err)
		for _, generic := range []bool{false, true} {
			require.Equal(t, want, opt(ir.Print(m.Op, ir.PrintOptions{Locations: true, Generic: generic}), "--mlir-print-local-scope"))
		}
	}
}

// TestAliasesThatDouble wants an error of text that stands for 2^40 others.
func TestAliasesThatDouble(t *testing.T) {
	for use, form := range map[string]string{
		"module attributes {test.x = #a0} {}":      "#a%d = [#a%d, #a%[2]d]\n",
		"module {} loc(#a0)":                       "#a%d = loc(fused[#a%d, #a%[2]d])\n",
		"module {} loc(callsite(#a0 at \"here\"))": "#a%d = loc(callsite(#a%d at #a%[2]d))\n",
		"func.func private @f(!a0)":                "!a%d = tuple<!a%d, !a%[2]d>\n",
	} {
		text, last := use+"\n", "#a40 = unit\n"
		switch {
		case strings.Contains(form, "loc("):
			last = "#a40 = loc(\"x\")\n"
		case form[0] == '!':
			last = "!a40 = i64\n"
		}
		for i := 0; i < 40; i++ {
			text += fmt.Sprintf(form, i, i+1)
		}
		_, err := mlir.Parse(dialects.Context(), "double.mlir", []byte(text+last))
		require.ErrorContains(t, err, "double.mlir:")
		require.ErrorContains(t, err, "aliases stand for more than")
	}
}

// TestForeignText wants an error with its place of what MLIR has and this project has
// not.
func TestForeignText(t *testing.T) {
	in := func(body string) string {
		return "func.func @f(%x: f32, %i: index) {\n  " + body + "\n  func.return\n}\n"
	}
	for text, want := range map[string]string{
		in("%0 = vector.broadcast %x : f32 to vector<4xf32>"):          "2:8: error: vector.broadcast is not a registered op",
		in("%0 = arith.addui_extended %i, %i : index, i1"):             "2:8: error: arith.addui_extended is not a registered op",
		in("affine.for %k = 0 to 4 {\n }"):                             "2:3: error: affine.for is not a registered op",
		in("cf.br ^bb1\n^bb1:"):                                        "2:3: error: cf.br is not a registered op",
		in("\"cf.br\"()[^bb1] : () -> ()\n^bb1:"):                      "2:12: error: cf.br: successors, that is control flow between blocks, are not supported",
		in("%0 = arith.constant dense<1.0> : vector<4xf32>"):           "2:",
		in("%0 = arith.constant sparse<0, 1.0> : tensor<4xf32>"):       "2:",
		in("%0 = arith.constant dense_resource<blob> : tensor<4xf32>"): "2:",
		in("%0 = arith.addf %x, %x fastmath<wild> : f32"):              "2:",
		"func.func @f(%x: complex<f32>) {\n  func.return\n}\n":         "1:",
		"func.func @f(%x: f80) {\n  func.return\n}\n":                  "1:",
		"llvm.func @f()\n": "1:1: error: llvm.func is not a registered op",
		"module {\n}\n\n{-#\n  dialect_resources: {\n    builtin: {\n    }\n  }\n#-}\n": "4:1: error: ",
		"#set = affine_set<(d0) : (d0 >= 0)>\nmodule attributes {test.s = #set} {\n}\n": "1:19: error: ",
	} {
		m, err := mlir.Parse(dialects.Context(), "foreign.mlir", []byte(text))
		if err == nil {
			err = ir.Verify(m.Ctx, m.Op)
		}
		require.ErrorContains(t, err, "foreign.mlir:"+want, "%s", text)
		for _, e := range diag.All(err) {
			require.True(t, e.Pos.Known(), "%s", text)
		}
	}
}
