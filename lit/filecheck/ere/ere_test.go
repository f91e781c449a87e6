package ere_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/lit/filecheck/ere"
)

func ExampleCompile() {
	re, err := ere.Compile(`%([a-z]+) = load (i8|i16)`, 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(re.Match("  %x = load i16"))
	// Output: [2 15 3 4 12 15]
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []int
	}{
		{`a|ab`, "xab", []int{1, 3}}, // longest, not first
		{`(a|ab)(c|bcd)(d*)`, "abcd", []int{0, 4, 0, 2, 2, 3, 3, 4}},
		{`(a*)(ab)*(b*)`, "abb", []int{0, 3, 0, 1, -1, -1, 1, 3}},
		{`(a|b)*`, "abab", []int{0, 4, 3, 4}},
		{`(a*)*`, "b", []int{0, 0, 0, 0}},
		{`(a*)+`, "b", []int{0, 0, 0, 0}},
		{`x{2,3}`, "xxxx", []int{0, 3}},
		{`x{2}`, "axx", []int{1, 3}},
		{`x{0}y`, "xy", []int{1, 2}},
		{`x{,3}`, "x{,3}", []int{0, 5}}, // a brace without a digit is a brace
		{`\d`, "1d", []int{1, 2}},       // a backslash has no letters
		{`[\d]`, `1\`, []int{1, 2}},     // nor any meaning in brackets
		{`[^a]`, "a\nb", []int{2, 3}},   // never a newline
		{`.`, "\nb", []int{1, 2}},
		{`[[:space:]]`, "a\nb", []int{1, 2}}, // but a class can match one
		{`[[:alpha:]_]+`, "1a_b", []int{1, 4}},
		{`[[.-.]]`, "a-", []int{1, 2}},
		{`[]a]+`, "a]", []int{0, 2}},
		{`[a-]+`, "b-a", []int{1, 3}},
		{`^b`, "a\nb", []int{2, 3}},
		{`a$`, "a\nb", []int{0, 1}},
		{`^$`, "a\n\nb", []int{2, 2}},
		{`$^`, "", []int{0, 0}},
		{`[[:<:]]foo[[:>:]]`, "afoo foob foo", []int{10, 13}},
		{`(a+)\1`, "aaaaa", []int{0, 4, 0, 2}},
		{`(a*)\1b`, "aaab", []int{1, 4, 1, 2}},
		{`(ab|a)\1`, "aba", nil},
		{`()x`, "x", []int{0, 1, 0, 0}},
		{`\.`, "a.", []int{1, 2}},
		{"é", "é", []int{0, 2}},
		{`^.$`, "é", nil}, // bytes
		{`abc`, "ab\nabc", []int{3, 6}},
	} {
		re, err := ere.Compile(c.pattern, 0)
		if assert.NoError(t, err) {
			assert.Equal(t, c.want, re.Match(c.text), "%s on %q", c.pattern, c.text)
		}
	}
}

func TestFoldCase(t *testing.T) {
	re, err := ere.Compile(`ab[c-e]`, ere.FoldCase)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 4}, re.Match("xAbD"))
}

func TestMalformed(t *testing.T) {
	for pattern, reason := range map[string]string{
		``: "empty (sub)expression", `a|`: "empty (sub)expression", `(|a)`: "empty (sub)expression", `a{0}`: "empty (sub)expression",
		`a**`: "repetition-operator operand invalid", `*`: "repetition-operator operand invalid", `^*`: "repetition-operator operand invalid",
		`(a`: "parentheses not balanced", `a)`: "parentheses not balanced", `(`: "parentheses not balanced",
		`[a`: "brackets ([ ]) not balanced", `[`: "brackets ([ ]) not balanced",
		`a{2`: "braces not balanced", `a{2x}`: "invalid repetition count(s)", `a{3,2}`: "invalid repetition count(s)", `a{256}`: "invalid repetition count(s)",
		`[b-a]`: "invalid character range", `[a-b-c]`: "invalid character range",
		`[[:nope:]]`: "invalid character class", `a\`: `trailing backslash (\)`, `\1`: "invalid backreference number", `(\1)`: "invalid backreference number",
		`((((a{255}){255}){255}){255})`: "too large",
	} {
		_, err := ere.Compile(pattern, 0)
		var malformed *ere.Error
		if assert.ErrorAs(t, err, &malformed, "%s", pattern) {
			assert.Equal(t, reason, malformed.Reason, "%s", pattern)
		}
	}
}

func TestQuote(t *testing.T) {
	const s = `a.b*c[d]{2}(e|f)?+^$\`
	re, err := ere.Compile("x"+ere.Quote(s), 0)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2 + len(s)}, re.Match("xx"+s))
}

// TestAgainstRegexp compares the bounds of matches with Go's regexp in its
// leftmost-longest mode, where the two languages agree.
func TestAgainstRegexp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	atoms := []string{"a", "b", "c", ".", "[ab]", "[^a]", "^", "$", "[[:space:]]", "ab"}
	var expression func(depth int) string
	expression = func(depth int) string {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			atom := atoms[rng.IntN(len(atoms))]
			if depth > 0 && rng.IntN(3) == 0 {
				atom = "(" + expression(depth-1) + "|" + expression(depth-1) + ")"
			}
			b.WriteString(atom)
			if atom != "^" && atom != "$" {
				b.WriteString([]string{"", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"}[rng.IntN(9)])
			}
		}
		return b.String()
	}
	for range 3000 {
		pattern := expression(2)
		re, err := ere.Compile(pattern, 0)
		require.NoError(t, err)
		// Go's [^a] matches a newline.
		oracle := regexp.MustCompile("(?m)" + strings.ReplaceAll(pattern, "[^a]", `[^a\n]`))
		oracle.Longest()
		text := make([]byte, rng.IntN(12))
		for i := range text {
			text[i] = "aabbc\n"[rng.IntN(6)]
		}
		got, want := re.Match(string(text)), oracle.FindStringIndex(string(text))
		if got != nil {
			got = got[:2]
		}
		require.Equal(t, want, got, "%s on %q", pattern, text)
	}
}
