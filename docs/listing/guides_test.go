package listing_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// guides are the pages that tell how to add something, and whether that is in the tree.
var guides = map[string]bool{
	"docs/add-an-op.md":     true,
	"docs/add-a-pass.md":    true,
	"docs/add-a-dialect.md": false,
}

var (
	fileTable = regexp.MustCompile("(?m)^\\| file \\| \\|\n\\|---\\|---\\|\n((?:\\|.*\n)+)")
	fileRow   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
)

// named lists the files of a guide's tables, which are headed "| file | |".
func named(page string) (files []string) {
	for _, table := range fileTable.FindAllStringSubmatch(page, -1) {
		for _, row := range fileRow.FindAllStringSubmatch(table[1], -1) {
			files = append(files, row[1])
		}
	}
	return files
}

// allTests runs the tests of the project in dir, but for those of its pages.
func allTests(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", "go test $(go list ./... | grep -v /docs/)")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CLADOPT_LONG=", "GOFLAGS=-trimpath")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestGuides follows each guide in a copy of the project, runs the tests that it says,
// and wants the files that it names to be touched, and no others. In long runs it runs all
// tests of what has come out.
func TestGuides(t *testing.T) {
	for path, touches := range guides {
		t.Run(strings.TrimPrefix(path, "docs/"), func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join("../..", path))
			require.NoError(t, err)
			want := named(string(page))
			require.Equal(t, touches, len(want) > 0, "%s names these files: %v", path, want)
			dir := runPage(t, path)
			require.NotEmpty(t, dir, "%s has no listing that is run", path)
			var touched []string
			for line := range strings.Lines(git(t, dir, "status", "--porcelain", "--untracked-files=all")) {
				touched = append(touched, strings.TrimSpace(line[2:]))
			}
			slices.Sort(want)
			slices.Sort(touched)
			require.Equal(t, want, touched)
			unformatted, err := exec.Command("gofmt", "-l", dir).CombinedOutput()
			require.NoError(t, err, "%s", unformatted)
			require.Empty(t, string(unformatted), "listings that gofmt would change")
			if os.Getenv("CLADOPT_LONG") != "" && touches {
				allTests(t, dir)
			}
		})
	}
}
