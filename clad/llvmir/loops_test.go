package llvmir_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/llvmir"
)

// found lists the loops of all functions as "depth: header other blocks", sorted; LLVM
// up to 18 prints no names of functions.
func found(m *llvmir.Module) []string {
	var out []string
	for _, f := range m.Functions {
		for _, l := range m.FindLoops(f).All {
			var blocks []string
			for _, b := range l.Blocks() {
				if b != l.Header {
					blocks = append(blocks, b.Label)
				}
			}
			out = append(out, describe(l.Depth, l.Header.Label, blocks))
		}
	}
	slices.Sort(out)
	return out
}

func describe(depth int, header string, blocks []string) string {
	slices.Sort(blocks)
	return fmt.Sprintf("%d: %s; %s", depth, header, strings.Join(blocks, " "))
}

var (
	loopLine   = regexp.MustCompile(`^\s*(?:Parallel )?Loop at depth (\d+) containing: (.*)$`)
	blockMarks = regexp.MustCompile(`(?:<(?:header|latch|exiting)>)*$`)
)

// printed reads what opt -passes='print<loops>' prints.
func printed(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		m := loopLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		depth, _ := strconv.Atoi(m[1])
		var header string
		var blocks []string
		for _, b := range strings.Split(m[2], ",%") {
			marks := blockMarks.FindString(b)
			name := strings.Trim(strings.TrimPrefix(strings.TrimSuffix(b, marks), "%"), `"`)
			if strings.Contains(marks, "<header>") {
				header = name
			} else {
				blocks = append(blocks, name)
			}
		}
		out = append(out, describe(depth, header, blocks))
	}
	slices.Sort(out)
	return out
}

// optFor is the opt that reads the text of a clang: of its version, or 16 for 14.
func optFor(version string) (string, bool) {
	names := []string{"opt-" + version}
	if version == "14" || version == "16" {
		names = []string{"opt-16"}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, true
		}
	}
	return "", false
}

func output(t *testing.T, stdin string, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	require.NoError(t, err, "%s %v: %s", name, args, e.String())
	return o.String(), e.String()
}

// compare holds the loops found in a text against those that LLVM finds, and wants a
// text of LLVM's to be understood to the last word.
func compare(t *testing.T, opt, text string, least int) {
	t.Helper()
	m := llvmir.Read(text)
	for _, n := range m.Notes {
		t.Errorf("line %d: %s", n.Line, n.What)
	}
	_, stderr := output(t, text, opt, "-passes=print<loops>", "-disable-output", "-")
	want := printed(stderr)
	got := found(m)
	for _, l := range want {
		if !slices.Contains(got, l) {
			t.Errorf("opt finds a loop that is not found here: %s", l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			t.Errorf("opt does not find the loop %s", l)
		}
	}
	require.Len(t, got, len(want))
	require.GreaterOrEqual(t, len(want), least, "too few loops to compare")
	t.Logf("%d functions, %d loops", len(m.Functions), len(want))
}

// TestLoopsOfLibstdcxx compares on code full of templates, exceptions and calls.
func TestLoopsOfLibstdcxx(t *testing.T) {
	for _, version := range []string{"14", "16", "19"} {
		clang, err := exec.LookPath("clang++-" + version)
		opt, ok := optFor(version)
		if err != nil || !ok {
			t.Logf("SKIPPED: clang++-%s with its opt is not installed", version)
			continue
		}
		for name, flags := range map[string][]string{
			"O1": {"-O1"}, "O2-g": {"-O2", "-g"}, "O3-native": {"-O3", "-march=native", "-ffast-math"},
			"Os-g1": {"-Os", "-gline-tables-only"}, "O2-asan": {"-O2", "-fsanitize=address,undefined", "-g"},
			// Without optimisation blocks have their names and everything is there.
			"O0": {"-O0", "-Xclang", "-disable-O0-optnone", "-fno-discard-value-names"},
		} {
			t.Run(version+"/"+name, func(t *testing.T) {
				if name != "O2-g" && name != "O3-native" && os.Getenv("CLADOPT_LONG") == "" {
					t.Skip("SKIPPED: needs CLADOPT_LONG=1")
				}
				ll := filepath.Join(t.TempDir(), "stl.ll")
				output(t, "", clang, append(flags, "-std=c++17", "-S", "-emit-llvm", "-o", ll, "testdata/stl.cpp")...)
				text, err := os.ReadFile(ll)
				require.NoError(t, err)
				compare(t, opt, string(text), 20)
			})
		}
	}
}

// TestLoopsOfOddGraphs compares on flow that no compiler makes of structured code.
func TestLoopsOfOddGraphs(t *testing.T) {
	opt, ok := optFor("16")
	if !ok {
		t.Skip("SKIPPED: opt-16 is not installed")
	}
	text, err := os.ReadFile("testdata/irreducible.ll")
	require.NoError(t, err)
	compare(t, opt, string(text), 4)
}
