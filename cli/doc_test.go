package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReferencePagesAreFresh wants docs/ to be what cladopt doc writes.
func TestReferencePagesAreFresh(t *testing.T) {
	status, _, stderr := run("doc", "../docs", "--check")
	require.Zero(t, status, "%s", stderr)
	status, _, stderr = run("doc", t.TempDir(), "--check")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "ops.md is not fresh: run cladopt doc")
}
