// Package llvmirtest compares what clad/llvmir finds with what LLVM finds.
package llvmirtest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
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

// Opt is the opt that reads the text of a clang: of its version, or 16 for 14.
func Opt(version string) (string, bool) {
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

// Output runs a program that is to succeed.
func Output(t *testing.T, stdin string, name string, args ...string) (stdout, stderr string) {
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

// Compare holds the loops found in a text against those that LLVM finds, and wants a
// text of LLVM's to be understood to the last word.
func Compare(t *testing.T, opt, text string, least int) {
	t.Helper()
	m := llvmir.Read(text)
	for _, n := range m.Notes {
		t.Errorf("line %d: %s", n.Line, n.What)
	}
	_, stderr := Output(t, text, opt, "-passes=print<loops>", "-disable-output", "-")
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
