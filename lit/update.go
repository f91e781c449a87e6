package lit

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/lit/filecheck"
)

// maxRewrites bounds how often one file is rewritten: once for each RUN line that checks.
const maxRewrites = 64

// update rewrites the CHECK lines of a test that fails until it passes, and tells on w. A
// file that cannot be brought to pass stays as it was.
func (c *Config) update(r Result, w io.Writer) Result {
	info, err := os.Stat(r.Path)
	if err != nil {
		return r
	}
	before, err := os.ReadFile(r.Path)
	if err != nil {
		return r
	}
	text, now := string(before), r
	for range maxRewrites {
		var last *checked
		now = c.run(r.Path, func(args []string, input []byte) { last = readChecked(args, input) })
		if now.Status != Fail || last == nil || filepath.Clean(last.file) != filepath.Clean(r.Path) {
			break
		}
		next := rewriteChecks(text, last.input, last.options)
		if next == text {
			break
		}
		text = next
		if err := replaceFile(r.Path, []byte(text), info.Mode()); err != nil {
			now.Output = err.Error()
			break
		}
	}
	if now.Status == Pass && text != string(before) {
		fmt.Fprintf(w, "updated %s: %d lines before, %d after\n", r.Path, strings.Count(string(before), "\n"), strings.Count(text, "\n"))
		return now
	}
	if text != string(before) {
		if err := replaceFile(r.Path, before, info.Mode()); err != nil {
			r.Output = err.Error()
			return r
		}
	}
	fmt.Fprintf(w, "not updated: %s: new CHECK lines do not make it pass; change it by hand\n", r.Path)
	return r
}

// checked is what a FileCheck was run on.
type checked struct {
	file, input string
	options     filecheck.Options
}

// readChecked reads the command line of a FileCheck; nil if that cannot be done.
func readChecked(args []string, stdin []byte) *checked {
	file, input, options, err := filecheck.ParseArgs(args)
	if err != nil {
		return nil
	}
	if input != "-" {
		if stdin, err = os.ReadFile(input); err != nil {
			return nil
		}
	}
	return &checked{file, string(stdin), options}
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode.Perm())
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// check is a directive that can be rewritten: PREFIX, PREFIX-NEXT, -LABEL or -EMPTY.
// Other directives stay as they are.
type check struct {
	line    int    // of the file, from 0
	lead    string // before the prefix, "// "
	prefix  string
	suffix  string // "", "-NEXT", "-LABEL", "-EMPTY"
	pad     string // after the colon
	pattern string
	regex   *regexp.Regexp // nil if it cannot be read
	to      int            // the line of the input it is about, -1 if none
}

// rewriteChecks changes the directives of text so that they fit input, and as few of
// them as it can: the ones that fit a line keep it; of the others each takes the most
// alike line between its neighbours', or goes; and gaps before a -NEXT are filled.
func rewriteChecks(text, input string, o filecheck.Options) string {
	lines := slices.Collect(strings.Lines(text))
	want := strings.Split(strings.TrimSuffix(input, "\n"), "\n")
	checks := findChecks(lines, o)
	align(checks, want)
	drop := map[int]bool{}
	insert := map[int][]string{}
	last := -1
	for _, c := range checks {
		if c.to < 0 {
			drop[c.line] = strings.Trim(c.lead, " \t/#;") == ""
			continue
		}
		if c.suffix == "-NEXT" || c.suffix == "-EMPTY" {
			for j := last + 1; last >= 0 && j < c.to; j++ {
				insert[c.line] = append(insert[c.line], c.write("-NEXT", want[j], o))
			}
		}
		if !c.fits(want[c.to]) {
			lines[c.line] = c.write(c.suffix, want[c.to], o)
		}
		last = c.to
	}
	var b strings.Builder
	for i, line := range lines {
		for _, more := range insert[i] {
			b.WriteString(more)
		}
		if !drop[i] {
			b.WriteString(line)
		}
	}
	return b.String()
}

func findChecks(lines []string, o filecheck.Options) []*check {
	prefixes := o.Prefixes
	if len(prefixes) == 0 {
		prefixes = []string{"CHECK"}
	}
	var quoted []string
	for _, p := range prefixes {
		quoted = append(quoted, regexp.QuoteMeta(p))
	}
	form := regexp.MustCompile(`^(|.*?[^\w-])(` + strings.Join(quoted, "|") + `)(-NEXT|-LABEL|-EMPTY)?:([ \t]*)(.*)$`)
	var out []*check
	for i, line := range lines {
		m := form.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil || strings.Contains(m[1], "RUN:") || strings.Contains(m[1], "COM:") {
			continue
		}
		c := &check{line: i, lead: m[1], prefix: m[2], suffix: m[3], pad: m[4], pattern: strings.TrimRight(m[5], " \t"), to: -1}
		c.regex = patternRegex(c.pattern, o)
		out = append(out, c)
	}
	return out
}

// variable is a part of a pattern that is not literal: {{regex}}, [[NAME:regex]],
// [[NAME]] or [[#...]].
var variable = regexp.MustCompile(`\{\{(.*?)\}\}|\[\[[A-Za-z_$@][\w]*:(.*?)\]\]|\[\[.*?\]\]`)

// patternRegex matches at least what the pattern does: a variable stands for any text.
func patternRegex(pattern string, o filecheck.Options) *regexp.Regexp {
	literal := func(s string) string {
		if o.StrictWhitespace {
			return regexp.QuoteMeta(s)
		}
		return spaces.ReplaceAllString(regexp.QuoteMeta(s), `[ \t]+`)
	}
	var b strings.Builder
	if o.IgnoreCase {
		b.WriteString("(?i)")
	}
	if o.MatchFullLines {
		b.WriteString(`^[ \t]*`)
	}
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(pattern, -1) {
		b.WriteString(literal(pattern[at:m[0]]))
		switch {
		case m[2] >= 0:
			b.WriteString("(?:" + pattern[m[2]:m[3]] + ")")
		case m[4] >= 0:
			b.WriteString("(?:" + pattern[m[4]:m[5]] + ")")
		default:
			b.WriteString(".*?")
		}
		at = m[1]
	}
	b.WriteString(literal(pattern[at:]))
	if o.MatchFullLines {
		b.WriteString(`[ \t]*$`)
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil
	}
	return re
}

var spaces = regexp.MustCompile(`[ \t]+`)

func (c *check) fits(line string) bool {
	if c.suffix == "-EMPTY" {
		return line == ""
	}
	return line != "" && c.regex != nil && c.regex.MatchString(line)
}

// write is the directive for a line of the input.
func (c *check) write(suffix, line string, o filecheck.Options) string {
	if line == "" {
		return c.lead + c.prefix + "-EMPTY:\n"
	}
	if suffix == "-EMPTY" {
		suffix = "-NEXT"
	}
	pad := c.pad
	if o.StrictWhitespace && o.MatchFullLines {
		pad = ""
	} else {
		line = strings.TrimSpace(line)
		if pad == "" {
			pad = " "
		}
	}
	line = strings.NewReplacer("{{", "{{[{][{]}}", "[[", `{{\[\[}}`).Replace(line)
	return c.lead + c.prefix + suffix + ":" + pad + line + "\n"
}

// What an alignment is worth: a directive that fits its line; one that is like it, at
// most; and one with -NEXT that comes next.
const (
	worthFit  = 100
	worthLike = 40
	worthNext = 5
	leastLike = 0.5
)

// maxCells bounds the table of the alignment.
const maxCells = 16 << 20

// align gives each check the line of the input it is about, in order, for the greatest
// worth by dynamic programming.
func align(checks []*check, lines []string) {
	n, m := len(checks), len(lines)
	if (n+1)*(m+1) > maxCells {
		return
	}
	words := make([]map[string]int, m)
	for j, line := range lines {
		words[j] = countWords(line)
	}
	// on[i][j] is the most of checks 0..i with check i on line j; upTo[i][j] of the first
	// i checks on the first j lines.
	on, upTo := make([][]float64, n), make([][]float64, n+1)
	upTo[0] = make([]float64, m+1)
	next := func(i, j int) bool {
		return i > 0 && j > 0 && checks[i].suffix != "" && checks[i].suffix != "-LABEL" && on[i-1][j-1] > 0
	}
	for i, c := range checks {
		on[i], upTo[i+1] = make([]float64, m), make([]float64, m+1)
		own := countWords(variable.ReplaceAllString(c.pattern, " "))
		for j := range lines {
			if worth := c.worth(lines[j], own, words[j]); worth > 0 {
				best := upTo[i][j]
				if next(i, j) {
					best = max(best, on[i-1][j-1]+worthNext)
				}
				on[i][j] = worth + best
			}
			upTo[i+1][j+1] = max(upTo[i][j+1], upTo[i+1][j], on[i][j])
		}
	}
	i, j := n, m
	for i > 0 && j > 0 {
		switch {
		case upTo[i][j] == upTo[i-1][j]:
			i--
		case upTo[i][j] == upTo[i][j-1]:
			j--
		default:
			i, j = i-1, j-1
			checks[i].to = j
			// A chain of -NEXT may be worth more than upTo tells.
			for next(i, j) && on[i-1][j-1]+worthNext >= upTo[i][j] {
				i, j = i-1, j-1
				checks[i].to = j
			}
		}
	}
}

func (c *check) worth(line string, own, words map[string]int) float64 {
	if c.fits(line) {
		return worthFit
	}
	if c.suffix == "-EMPTY" || line == "" {
		return 0
	}
	common, ofPattern, ofLine := 0, 0, 0
	for w, n := range own {
		common += min(n, words[w])
		ofPattern += n
	}
	for _, n := range words {
		ofLine += n
	}
	if common == 0 {
		return 0
	}
	// A pattern may be about a part of a line: what counts most is how much of it is there.
	held := float64(common) / float64(ofPattern)
	alike := 2 * float64(common) / float64(ofPattern+ofLine)
	if like := (2*held + alike) / 3; like >= leastLike {
		return worthLike * like
	}
	return 0
}

var word = regexp.MustCompile(`\w+|[^\w\s]`)

func countWords(text string) map[string]int {
	out := map[string]int{}
	for _, w := range word.FindAllString(text, -1) {
		out[w]++
	}
	return out
}
