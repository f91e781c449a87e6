package listing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// guides are the pages that tell how to add something, each with the files that whoever
// follows it makes or changes, and no others.
var guides = map[string][]string{
	"docs/add-an-op.md": {
		"dialects/aten/bent_identity.go",
		"dialects/aten/elementwise.go",
		"dialects/aten/lane_test.go",
		"docs/ops.md",
		"lit/tests/ops/aten/bent-identity.mlir",
	},
	"docs/add-a-pass.md": {
		"docs/passes.md",
		"docs/rules.md",
		"lit/tests/passes/share-differences.mlir",
		"passes/canonicalize.go",
		"passes/laws_test.go",
		"passes/pipelines.go",
		"passes/share_differences.go",
	},
	"docs/add-a-dialect.md": {},
}

// TestGuides follows each guide in a copy of the project and wants only the files that
// it names to be touched.
func TestGuides(t *testing.T) {
	for path, files := range guides {
		t.Run(strings.TrimPrefix(path, "docs/"), func(t *testing.T) {
			dir := runPage(t, path)
			require.NotEmpty(t, dir, "%s has no listing that is run", path)
			var touched []string
			for line := range strings.Lines(git(t, dir, "status", "--porcelain", "--untracked-files=all")) {
				touched = append(touched, strings.TrimSpace(line[2:]))
			}
			slices.Sort(touched)
			require.ElementsMatch(t, files, touched)
		})
	}
}
