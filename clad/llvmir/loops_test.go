package llvmir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/llvmir/llvmirtest"
)

// always are the flags that each version is tested with without CLADOPT_LONG.
var always = map[string]string{"14": "O1", "16": "O3-native", "19": "O2-g"}

// flags bring out different forms of IR.
var flags = map[string][]string{
	"O1": {"-O1"}, "O2-g": {"-O2", "-g"}, "O3-native": {"-O3", "-march=native", "-ffast-math"},
	"Os-g1": {"-Os", "-gline-tables-only"}, "O2-asan": {"-O2", "-fsanitize=address,undefined", "-g"},
	// Without optimisation blocks have their names and everything is there.
	"O0": {"-O0", "-Xclang", "-disable-O0-optnone", "-fno-discard-value-names"},
	// Typed pointers, which 14 writes by itself and 19 does not have.
	"O2-typed": {"-O2", "-Xclang", "-no-opaque-pointers"},
}

// compareAll compares on a C++ file compiled by each clang with each set of flags that is
// wanted.
func compareAll(t *testing.T, file string, least int, wanted func(version, name string) bool) {
	for _, version := range []string{"14", "16", "19"} {
		clang, err := exec.LookPath("clang++-" + version)
		opt, ok := llvmirtest.Opt(version)
		if err != nil || !ok {
			t.Logf("SKIPPED: clang++-%s with its opt is not installed", version)
			continue
		}
		for name, f := range flags {
			if name == "O2-typed" && version != "16" {
				continue
			}
			t.Run(version+"/"+name, func(t *testing.T) {
				if !wanted(version, name) && os.Getenv("CLADOPT_LONG") == "" {
					t.Skip("SKIPPED: needs CLADOPT_LONG=1")
				}
				ll := filepath.Join(t.TempDir(), "file.ll")
				llvmirtest.Output(t, "", clang, append(slices.Clone(f), "-std=c++20", "-S", "-emit-llvm", "-o", ll, file)...)
				text, err := os.ReadFile(ll)
				require.NoError(t, err)
				llvmirtest.Compare(t, opt, string(text), least)
			})
		}
	}
}

// TestLoopsOfLibstdcxx compares on code full of templates, exceptions and calls.
func TestLoopsOfLibstdcxx(t *testing.T) {
	compareAll(t, "testdata/stl.cpp", 20, func(version, name string) bool { return always[version] == name })
}

// TestLoopsOfOddFeatures compares on what ordinary code rarely makes.
func TestLoopsOfOddFeatures(t *testing.T) {
	compareAll(t, "testdata/features.cpp", 12, func(_, name string) bool { return name == "O0" || name == "O2-g" })
}

// TestLoopsOfOddGraphs compares on flow that no compiler makes of structured code.
func TestLoopsOfOddGraphs(t *testing.T) {
	opt, ok := llvmirtest.Opt("16")
	if !ok {
		t.Skip("SKIPPED: opt-16 is not installed")
	}
	text, err := os.ReadFile("testdata/irreducible.ll")
	require.NoError(t, err)
	llvmirtest.Compare(t, opt, string(text), 4)
}
