package lit_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/lit"
)

func config() *lit.Config {
	return &lit.Config{
		Features: map[string]bool{"here": true, "there": false},
		Commands: map[string]lit.Command{
			"crash": func([]string, io.Reader, io.Writer, io.Writer) int { panic("crashed") },
			"both": func(_ []string, _ io.Reader, stdout, stderr io.Writer) int {
				fmt.Fprintln(stdout, "to stdout")
				fmt.Fprintln(stderr, "to stderr")
				return 3
			},
		},
	}
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "case.test")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status lit.Status
		says   string
	}{
		"passes":                {"RUN: true", lit.Pass, ""},
		"fails":                 {"RUN: true\nRUN: both", lit.Fail, "both: exit status 3\nto stdout\nto stderr"},
		"fails inside a pipe":   {"RUN: both | cat", lit.Fail, "both: exit status 3\nto stderr"},
		"no run line":           {"nothing", lit.Unresolved, "no RUN line"},
		"run after END":         {"RUN: true\nEND.\nRUN: false", lit.Pass, ""},
		"and stops":             {"RUN: false && both", lit.Fail, "false: exit status 1"},
		"or goes on":            {"RUN: both || true", lit.Pass, ""},
		"semicolon forgets":     {"RUN: both ; true", lit.Pass, ""},
		"quoted operator":       {"RUN: echo 'a && false' | FileCheck %s --check-prefix=Q\nQ: a && false", lit.Pass, ""},
		"stderr to a file":      {"RUN: not both 2>%t > %t.out\nRUN: cat %t | FileCheck %s --check-prefix=Q\nQ-NOT: stdout\nQ: stderr", lit.Pass, ""},
		"both to a file":        {"RUN: not both &> %t && cat %t | count 2", lit.Pass, ""},
		"digit inside a word":   {"RUN: echo x2>%t && cat %t | FileCheck %s --check-prefix=Q\nQ: x2", lit.Pass, ""},
		"no file":               {"RUN: echo x >", lit.Fail, "a file is missing after >"},
		"open quote":            {"RUN: echo 'x", lit.Fail, "a quote is not closed"},
		"empty command":         {"RUN: true |", lit.Fail, "empty command"},
		"a crash is no failure": {"RUN: not crash", lit.Fail, "exit status 1"},
		"a crash":               {"RUN: not --crash crash", lit.Pass, ""},
		"no crash":              {"RUN: not --crash both", lit.Fail, "exit status 1"},
		"a program":             {"RUN: sh -c 'exit 7'", lit.Fail, "exit status 7"},
		"no such program":       {"RUN: no-such-program", lit.Fail, "no-such-program"},
		"count":                 {"RUN: echo x | count 2", lit.Fail, "Expected 2 lines, got 1."},
		"unknown name":          {"RUN: echo %{none}", lit.Unresolved, "%{none} is not defined"},
		"circle":                {"DEFINE: %{a} = %{b}\nDEFINE: %{b} = %{a}\nRUN: echo %{a}", lit.Unresolved, "in a circle"},
		"defined twice":         {"DEFINE: %{a} = 1\nDEFINE: %{a} = 2\nRUN: echo %{a}", lit.Unresolved, "REDEFINE for known ones"},
		"line goes nowhere":     {"RUN: true \\", lit.Unresolved, "no RUN line follows"},
		"requires":              {"REQUIRES: here, !there\nRUN: true", lit.Pass, ""},
		"requires what is not":  {"REQUIRES: here && there\nRUN: false", lit.Unsupported, "REQUIRES: here && there"},
		"unsupported":           {"UNSUPPORTED: there || (here && !there)\nRUN: false", lit.Unsupported, "UNSUPPORTED: "},
		"bad condition":         {"REQUIRES: here &&\nRUN: true", lit.Unresolved, "a missing feature"},
		"open parenthesis":      {"REQUIRES: (here\nRUN: true", lit.Unresolved, "a missing )"},
		"expected to fail":      {"XFAIL: here\nRUN: false", lit.XFail, ""},
		"fails elsewhere":       {"XFAIL: there\nRUN: false", lit.Fail, ""},
		"unexpectedly passes":   {"XFAIL: *\nRUN: true", lit.XPass, "says that it fails"},
	} {
		t.Run(name, func(t *testing.T) {
			r := config().Run(write(t, c.text+"\n"))
			require.Equal(t, c.status, r.Status, "%s", r.Output)
			require.Contains(t, r.Output, c.says)
		})
	}
}

func TestMainFiltersAndSums(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good.test": "RUN: true", "bad.test": "RUN: false", "off.test": "REQUIRES: there\nRUN: true", "odd.test": "XFAIL: *\nRUN: false"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	run := func(args ...string) (int, string) {
		var out bytes.Buffer
		return config().Main(append(args, dir), &out, &out), out.String()
	}
	status, out := run()
	require.Equal(t, 1, status)
	require.Regexp(t, `4 tests in .*: 1 passed, 1 failed, 1 unsupported, 0 unresolved, 1 failed as expected`, out)
	require.Contains(t, out, "FAIL: "+filepath.Join(dir, "bad.test"))
	status, out = run("--filter=/(good|odd)", "-a", "-j", "1")
	require.Equal(t, 0, status)
	require.Contains(t, out, "PASS: ")
	require.Contains(t, out, "2 tests in ")
	status, out = run("--filter-out=bad", "--time-tests")
	require.Equal(t, 0, status)
	require.Regexp(t, `\d\.\d{3}s .*good.test`, out)
	for says, args := range map[string][]string{"unknown option --none": {"--none"}, "no tests were found": {"--filter=nothing"}, "missing closing": {"--filter=("}, "invalid syntax": {"-jx"}} {
		status, out = run(args...)
		require.Equal(t, 2, status)
		require.Contains(t, strings.ToLower(out), says)
	}
}
