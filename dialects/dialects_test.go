package dialects_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// frames are the surroundings of Examples that cannot stand in any function: the
// Example takes the place of EXAMPLE, the values it uses that of VALUES.
var frames = map[ir.OpName]string{
	"func.func":         "EXAMPLE",
	"func.call":         "func.func private @f(f32) -> f32\nfunc.func @frame() {\nVALUES\nEXAMPLE\nfunc.return\n}",
	"func.return":       "func.func @frame() -> f32 {\nVALUES\nEXAMPLE\n}",
	"scf.yield":         inFunc("%frame = scf.if %cond -> (f32) {\nEXAMPLE\n} else {\nEXAMPLE\n}"),
	"scf.condition":     inFunc("%frame = scf.while : () -> f32 {\nEXAMPLE\n} do {\n^bb0(%any: f32):\nscf.yield\n}"),
	"scf.reduce":        inFunc("%frame = scf.parallel (%i) = (%lo) to (%hi) step (%s) init (%x) -> f32 {\nEXAMPLE\nscf.yield\n}"),
	"scf.reduce.return": inFunc("%frame = scf.parallel (%i) = (%lo) to (%hi) step (%s) init (%x) -> f32 {\nscf.reduce(%x) : f32 {\n^bb0(%a: f32, %b: f32):\nEXAMPLE\n}\nscf.yield\n}"),
	"linalg.index":      inNest("EXAMPLE\nlinalg.yield %a : f32"),
	"linalg.yield":      inNest("EXAMPLE"),
}

func inFunc(text string) string {
	return "func.func @frame() {\nVALUES\n" + text + "\nfunc.return\n}"
}

func inNest(text string) string {
	return inFunc("%frame = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [\"parallel\"]} " +
		"outs(%init : tensor<4xf32>) {\n^bb0(%a: f32):\n" + text + "\n} -> tensor<4xf32>")
}

var (
	undefined = regexp.MustCompile(`%(\w+) is used before it is defined`)
	mistyped  = regexp.MustCompile(`%(\w+) has type !test\.hole, expected (.+)`)
)

// exampleModule reads the Example of an op. The convention for Examples is that they
// may use any values without defining them: the test defines each by an op
// "test.value" of the type that the Example's own text gives it, which the parser's
// errors tell.
func exampleModule(t *testing.T, ctx *ir.Context, def *ir.OpDef) (text string, m *ir.Module) {
	t.Helper()
	frame, ok := frames[def.Name]
	if !ok {
		frame = inFunc("EXAMPLE")
	}
	frame = strings.ReplaceAll(frame, "EXAMPLE", def.Example)
	var names []string
	types := map[string]string{}
	for {
		var values []string
		for _, n := range names {
			values = append(values, fmt.Sprintf("%%%s = \"test.value\"() : () -> %s", n, types[n]))
		}
		text = "module {\n" + strings.ReplaceAll(frame, "VALUES", strings.Join(values, "\n")) + "\n}\n"
		m, err := mlir.Parse(ctx, string(def.Name), []byte(text))
		if err == nil {
			return text, m
		}
		if found := undefined.FindStringSubmatch(err.Error()); found != nil && types[found[1]] == "" {
			names = append(names, found[1])
			types[found[1]] = "!test.hole"
			continue
		}
		found := mistyped.FindStringSubmatch(err.Error())
		require.NotNil(t, found, "%v\n%s", err, text)
		require.Equal(t, "!test.hole", types[found[1]], "%v\n%s", err, text)
		types[found[1]] = found[2]
	}
}

var valueName = regexp.MustCompile(`%\w+`)

// normal is text without indentation and empty lines, its values named in order.
func normal(text string) string {
	names := map[string]string{}
	text = valueName.ReplaceAllStringFunc(text, func(n string) string {
		if names[n] == "" {
			names[n] = fmt.Sprintf("%%v%d", len(names))
		}
		return names[n]
	})
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// TestExamples holds for every op of every dialect: its Example parses, verifies and
// prints the same, in both forms.
func TestExamples(t *testing.T) {
	ctx := dialects.Context()
	for _, d := range ctx.Dialects() {
		require.NotEmpty(t, d.Summary, "%s", d.Name)
		for _, def := range d.Ops {
			t.Run(string(def.Name), func(t *testing.T) {
				require.NotEmpty(t, def.Summary)
				require.NotEmpty(t, def.Example)
				text, m := exampleModule(t, ctx, def)
				require.NoError(t, ir.Verify(ctx, m.Op), "%s", text)
				found := false
				m.Op.Walk(func(op *ir.Op) { found = found || op.Name == def.Name })
				require.True(t, found, "the Example shows no %s", def.Name)
				require.Equal(t, normal(text), normal(m.String()))

				generic := ir.Print(m.Op, ir.PrintOptions{Generic: true})
				again, err := mlir.Parse(ctx, string(def.Name), []byte(generic))
				require.NoError(t, err, "%s", generic)
				require.NoError(t, ir.Verify(ctx, again.Op), "%s", generic)
				require.Equal(t, m.String(), again.String())
				require.Equal(t, generic, ir.Print(again.Op, ir.PrintOptions{Generic: true}))
			})
		}
	}
}

// TestExamplesInMLIR holds the Examples of MLIR's own ops, in both forms, against
// mlir-opt: it accepts them and reads in them what stands in the Example.
func TestExamplesInMLIR(t *testing.T) {
	ctx := dialects.Context()
	var examples, pretty, generic []string
	for _, d := range ctx.Dialects() {
		if d.Uniform {
			continue // not MLIR's
		}
		for _, def := range d.Ops {
			text, m := exampleModule(t, ctx, def)
			examples = append(examples, text)
			pretty = append(pretty, m.String())
			generic = append(generic, ir.Print(m.Op, ir.PrintOptions{Generic: true}))
		}
	}
	agreeInMLIR(t, examples, pretty, generic)
}

// mlirOpt is what mlir-opt-16 makes of text, which it must accept.
func mlirOpt(t *testing.T, text string, args ...string) string {
	t.Helper()
	out, problem := tryMLIROpt(t, text, args...)
	require.Empty(t, problem, "%s", text)
	return out
}

// tryMLIROpt also returns what mlir-opt-16 says against the text, "" if it accepts it.
func tryMLIROpt(t *testing.T, text string, args ...string) (out, problem string) {
	t.Helper()
	if _, err := exec.LookPath("mlir-opt-16"); err != nil {
		t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
	}
	cmd := exec.Command("mlir-opt-16", args...)
	cmd.Stdin = strings.NewReader(text)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", err.Error() + "\n" + stderr.String()
	}
	return stdout.String(), ""
}
