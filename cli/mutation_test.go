package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/lit"
	"github.com/cladopt/cladopt/passes"
)

// TestSuiteNoticesWhatIsMissing drops each law and each pass in turn: a test of the lit
// suite must fail for each. It looks where the failure should be first, and then
// everywhere.
func TestSuiteNoticesWhatIsMissing(t *testing.T) {
	whole := LitConfig(Config{})
	files, err := whole.Find("../lit/tests")
	require.NoError(t, err)
	var own []string // files that pass as it is, without tools of others
	for i, r := range whole.RunAll(files) {
		if r.Status == lit.Pass {
			own = append(own, files[i])
		}
	}
	require.Greater(t, len(own), 200)
	noticed := func(mutate func(*passes.Pass) *passes.Pass, first string) string {
		c := LitConfig(Config{mutate: mutate, noReproducers: true})
		found := false
		for _, f := range own {
			if !strings.Contains(filepath.ToSlash(f), first) {
				continue
			}
			found = true
			if r := c.Run(f); r.Status == lit.Fail {
				return f
			}
		}
		require.True(t, found, "no test %s", first)
		for i, r := range c.RunAll(own) {
			if r.Status == lit.Fail {
				return own[i]
			}
		}
		return ""
	}
	for _, law := range passes.Rules() {
		t.Run("law "+law.Law, func(t *testing.T) {
			others := slices.DeleteFunc(passes.Rules(), func(r rewrite.Rule) bool { return r.Law == law.Law })
			require.Len(t, others, len(passes.Rules())-1)
			by := noticed(func(p *passes.Pass) *passes.Pass {
				if p.Name == "canonicalize" {
					return passes.CanonicalizeBy(others)
				}
				return p
			}, "passes/canonicalize")
			require.NotEmpty(t, by, "no lit test fails without the law %q", law.Law)
			t.Log(by)
		})
	}
	for _, dropped := range passes.All() {
		t.Run("pass "+dropped.Name, func(t *testing.T) {
			by := noticed(func(p *passes.Pass) *passes.Pass {
				if p.Name == dropped.Name {
					idle := *p
					idle.Run = func(*passes.Run) error { return nil }
					return &idle
				}
				return p
			}, "passes/"+dropped.Name+".mlir")
			require.NotEmpty(t, by, "no lit test fails without the pass %s", dropped.Name)
			t.Log(by)
		})
	}
}
