package listing_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
)

// features are the tools that are here, as lit's REQUIRES lines name them.
var findFeatures = sync.OnceValue(func() map[string]bool { return cli.LitConfig(cli.Config{}).Features })

func features(t *testing.T) map[string]bool {
	t.Helper()
	return findFeatures()
}

// copyOfProject copies the files of the project, as they are now, into a repository of
// their own, so that git tells what a page changes.
func copyOfProject(t *testing.T) (dir string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git is not installed: the files of the project are not known")
	}
	const root = "../.."
	listed := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	listed.Dir = root
	out, err := listed.Output()
	if err != nil {
		t.Skipf("SKIPPED: the project is not in a git repository: %v", err)
	}
	dir = t.TempDir()
	n := 0
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, not committed yet
		}
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		to := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, text, info.Mode()))
		n++
	}
	require.Greater(t, n, 100)
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "The project")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
