package listing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/docs/listing"
)

func ExampleParse() {
	blocks, err := listing.Parse("Say hello:\n\n```sh\n$ echo hello, world\nhello, ...\n```\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(blocks[0].Line, blocks[0].Lang, blocks[0].Run("."))
	// Output: 3 sh <nil>
}

// one is the only listing of a page.
func one(t *testing.T, fence, text string) listing.Block {
	t.Helper()
	blocks, err := listing.Parse("```" + fence + "\n" + text + "```\n")
	require.NoError(t, err)
	require.Len(t, blocks, 1)
	return blocks[0]
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		holds     bool
	}{
		{"", "", true}, {"", "a\n", false}, {"a\n", "", false}, {"a\nb\n", "a  \nb\n", true}, {"a\n", "a\nb\n", false},
		{"a\n...\n", "a\nb\nc\n", true}, {"...\nc\n", "a\nb\nc\n", true}, {"a\n...\nc\n", "a\nc\n", true}, {"a\n...\nd\n", "a\nc\n", false},
		{"took ... s\n", "took 0.25 s\n", true}, {"took ... s\n", "took 0.25\n s\n", false}, {"a.c\n", "abc\n", false},
	} {
		require.Equal(t, c.holds, listing.Matches(c.want, c.got), "%q against %q", c.want, c.got)
	}
}

// TestListings runs each kind where it holds and where it does not.
func TestListings(t *testing.T) {
	dir := t.TempDir()
	holds := func(fence, text string) {
		t.Helper()
		b := one(t, fence, text)
		require.True(t, b.Checked())
		require.NoError(t, b.Run(dir))
	}
	fails := func(says, fence, text string) {
		t.Helper()
		b := one(t, fence, text)
		require.ErrorContains(t, b.Run(dir), says)
	}
	holds("go file a/x.go", "package a\n\nvar x = 1\nvar y = 2\n")
	fails("is there already", "go file a/x.go", "package a\n")
	holds("diff file a/x.go", " var x = 1\n+var z = 3\n-var y = 2\n")
	fails("0 times", "diff file a/x.go", "-var y = 2\n")
	holds("go in a/x.go", "var x = 1\nvar z = 3\n")
	holds("go in a/x.go", "package a\n...\n  var z = 3\n")
	fails("do not stand in a/x.go", "go in a/x.go", "var z = 3\n...\nvar x = 1\n")
	fails("do not stand in a/x.go", "go in a/x.go", "var x = \n")
	holds("text from cat a/x.go", "var z = 3\n")
	fails("do not stand in the output of cat a/x.go", "text from cat a/x.go", "var y = 2\n")
	fails("exit status 3", "text from exit 3", "")
	holds("sh", "$ echo a \\\n  b\na b\n$ true\n")
	fails("printed\nb\nexpected\na\n", "sh", "$ echo b\na\n")
	fails("does not follow those before it:\nd\n", "sh", "$ echo a; echo b; echo c\n...\nb\nd\n")
	fails("where it should end", "sh", "$ echo a; echo b\na\n")
	fails("exit status 1", "sh", "$ false\n")
	fails("expected a command", "sh", "a\n$ true\n")
	holds("sh run", "x=1\ntest $x = 1\n")
	fails("exit status 1", "sh run", "false\ntrue\n")
	shown := one(t, "sh shown", "make deps\n")
	require.False(t, shown.Checked())
}

func TestFences(t *testing.T) {
	b := one(t, "cpp if clad from cladopt compile x", "")
	require.Equal(t, listing.Block{Line: 1, Lang: "cpp", If: "clad", Verb: "from", Argument: "cladopt compile x"}, b)
	_, err := listing.Parse("text\n```go fiel x.go\n```\n")
	require.ErrorContains(t, err, "line 2: got the fence")
	_, err = listing.Parse("```go file\n```\n")
	require.ErrorContains(t, err, "line 1: got the fence")
	_, err = listing.Parse("```go\nx")
	require.ErrorContains(t, err, "line 1: the listing is not closed")
}

// skipWithout says aloud that a tool is missing.
func skipWithout(t *testing.T, feature string) {
	t.Helper()
	if feature != "" && !features(t)[feature] {
		t.Skipf("SKIPPED: the listing needs %s, which is not here", feature)
	}
}

// runPage runs the listings of a page, in turn, in a copy of the project, and returns
// the copy.
func runPage(t *testing.T, path string) (dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	require.NoError(t, err)
	blocks, err := listing.Parse(string(text))
	require.NoError(t, err, "%s", path)
	checked := false
	for i := range blocks {
		b := &blocks[i]
		if !generated(string(text)) {
			require.True(t, b.Checked() || b.Verb == "shown", "%s:%d: nothing checks this listing; see the package for what its fence can say", path, b.Line)
		}
		if !b.Checked() {
			continue
		}
		if !checked {
			dir = copyOfProject(t)
		}
		checked = true
		ok := t.Run(fmt.Sprintf("%s:%d", filepath.Base(path), b.Line), func(t *testing.T) {
			skipWithout(t, b.If)
			require.NoError(t, b.Run(dir), "%s:%d", path, b.Line)
		})
		if !ok {
			return dir // what follows builds on it
		}
	}
	return dir
}

// generated pages are checked by cladopt doc --check.
func generated(page string) bool { return strings.HasPrefix(page, "<!-- Written by cladopt doc") }

// TestPages runs every page of docs/ that is written by hand, and the README.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../*.md")
	require.NoError(t, err)
	require.Greater(t, len(pages), 5)
	for _, page := range append(pages, "../../README.md") {
		path := strings.TrimPrefix(filepath.ToSlash(filepath.Join("docs/listing", page)), "./")
		if _, guide := guides[path]; !guide {
			t.Run(filepath.Base(path), func(t *testing.T) { runPage(t, path) })
		}
	}
}
