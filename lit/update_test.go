package lit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// update runs lit --update on a test whose command prints output.
func update(t *testing.T, test, output string) (status int, after string) {
	dir := t.TempDir()
	path := filepath.Join(dir, "case.test")
	require.NoError(t, os.WriteFile(path, []byte(test), 0o640))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "out"), []byte(output), 0o600))
	var out bytes.Buffer
	status = config().Main([]string{"--update", path}, &out, &out)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "a partial file was left behind")
	return status, string(text)
}

func TestUpdate(t *testing.T) {
	const run = "# RUN: cat %S/out | FileCheck %s\n"
	for name, c := range map[string]struct{ before, output, after string }{
		"one line changes": {
			run + "# CHECK: func @f\n#   CHECK-NEXT:   %[[A:.*]] = add %x, %y\n# CHECK-NEXT: return %[[A]]\nfunc\n",
			"func @f\n  %0 = add %x, %y\n  call @g\n  return %0\n",
			run + "# CHECK: func @f\n#   CHECK-NEXT:   %[[A:.*]] = add %x, %y\n# CHECK-NEXT: call @g\n# CHECK-NEXT: return %[[A]]\nfunc\n",
		},
		"a line goes": {
			run + "# CHECK-LABEL: func @f\n# CHECK-NEXT: mul %a, %b\n# CHECK-NEXT: return\n# CHECK-NOT: mul\n",
			"func @f\nreturn\n",
			run + "# CHECK-LABEL: func @f\n# CHECK-NEXT: return\n# CHECK-NOT: mul\n",
		},
		"a line changes a little": {
			run + "# CHECK: func @f(%a: f32)\n# CHECK: return %a : f32\n",
			"func @f(%a: f64)\nreturn %a : f64\n",
			run + "# CHECK: func @f(%a: f64)\n# CHECK: return %a : f64\n",
		},
		"brackets and braces are literal": {
			run + "# CHECK: value {{.*}}1, 2]] of b\n",
			"value [[1, 2, 3]] of {{b}}\n",
			run + "# CHECK: value {{\\[\\[}}1, 2, 3]] of {{[{][{]}}b}}\n",
		},
		"an empty line": {
			run + "# CHECK: one\n# CHECK-NEXT: two\n",
			"one\n\ntwo\n",
			run + "# CHECK: one\n# CHECK-EMPTY:\n# CHECK-NEXT: two\n",
		},
		"each prefix by its run line": {
			run + "# RUN: FileCheck %s --check-prefix=OTHER --input-file=%S/out\n# CHECK: alpha one\n# OTHER: alpha two\n",
			"alpha three\n",
			run + "# RUN: FileCheck %s --check-prefix=OTHER --input-file=%S/out\n# CHECK: alpha three\n# OTHER: alpha three\n",
		},
		"whole lines": {
			"# RUN: cat %S/out | FileCheck %s --match-full-lines --strict-whitespace\n# CHECK:  a b c\n",
			"   a b d\n",
			"# RUN: cat %S/out | FileCheck %s --match-full-lines --strict-whitespace\n# CHECK:   a b d\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, after := update(t, c.before, c.output)
			require.Equal(t, c.after, after)
			require.Equal(t, 0, status)
			status, again := update(t, after, c.output)
			require.Equal(t, 0, status)
			require.Equal(t, after, again)
		})
	}
}

// A test that fails for another reason, or whose lines cannot be made to fit, stays.
func TestUpdateLeavesAlone(t *testing.T) {
	for name, c := range map[string]struct{ test, output string }{
		"command fails":    {"# RUN: not cat %S/out | FileCheck %s\n# CHECK: alpha one\n", "alpha two\n"},
		"nothing is alike": {"# RUN: cat %S/out | FileCheck %s\n# CHECK: alpha\n", "beta\n"},
		"a forbidden line": {"# RUN: cat %S/out | FileCheck %s\n# CHECK: alpha\n# CHECK-NOT: beta\n", "alpha\nbeta\n"},
		"other file":       {"# RUN: FileCheck %S/none < %S/out\n# CHECK: alpha one\n", "alpha two\n"},
	} {
		t.Run(name, func(t *testing.T) {
			status, after := update(t, c.test, c.output)
			require.Equal(t, 1, status)
			require.Equal(t, c.test, after)
		})
	}
}
