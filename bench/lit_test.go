package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/lit"
)

// BenchmarkLit runs 1,000 tests that start no foreign tool: those of the ops, over and over.
func BenchmarkLit(b *testing.B) {
	const n = 1000
	c := cli.LitConfig(cli.Config{})
	all, err := c.Find("../lit/tests/ops")
	require.NoError(b, err)
	var texts []string
	for _, path := range all {
		text, err := os.ReadFile(path)
		require.NoError(b, err)
		if !strings.Contains(string(text), "REQUIRES") && !strings.Contains(string(text), "%S") {
			texts = append(texts, string(text))
		}
	}
	require.NotEmpty(b, texts)
	dir := b.TempDir()
	var files []string
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("t%04d.mlir", i))
		require.NoError(b, os.WriteFile(path, []byte(texts[i%len(texts)]), 0o600))
		files = append(files, path)
	}
	for b.Loop() {
		start := time.Now()
		for _, r := range c.RunAll(files) {
			require.Equal(b, lit.Pass, r.Status, "%s", r.Output)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/1000tests")
	}
}
