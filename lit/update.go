package lit

import (
	"fmt"
	"io"
	"maps"
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
	old, err := os.ReadFile(r.Path)
	if err != nil {
		return r
	}
	text, now := string(old), r
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
	if now.Status == Pass && text != string(old) {
		fmt.Fprintf(w, "updated %s: %d lines before, %d after\n", r.Path, strings.Count(string(old), "\n"), strings.Count(text, "\n"))
		return now
	}
	if text != string(old) {
		if err := replaceFile(r.Path, old, info.Mode()); err != nil {
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
			lines[c.line] = c.write(c.suffix, c.part(want[c.to], o), o)
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

// longestWindow bounds the lines of which part looks for the part; of longer ones the
// whole is taken.
const longestWindow = 300

// part is what of a line is the most like the pattern, which need not be about all of it;
// it has at least as many words.
func (c *check) part(line string, o filecheck.Options) string {
	at := word.FindAllStringIndex(line, -1)
	if o.MatchFullLines || len(at) > longestWindow || variable.MatchString(c.pattern) {
		return line
	}
	own := countWords(c.pattern)
	size := 0
	for _, n := range own {
		size += n
	}
	best, from, to := 0.0, 0, len(line)
	for i := range at {
		left, common := maps.Clone(own), 0
		for j := i; j < len(at) && j < i+2*size; j++ {
			if w := line[at[j][0]:at[j][1]]; left[w] > 0 {
				left[w]--
				common++
			}
			if alike := 2 * float64(common) / float64(size+j-i+1); alike > best && j-i+1 >= min(size, len(at)) {
				best, from, to = alike, at[i][0], at[j][1]
			}
		}
	}
	return line[from:to]
}

// What an alignment is worth: a directive that fits its line; one that is like it, at
// most; one with -NEXT that comes next; two on one line.
const (
	worthFit  = 100
	worthLike = 40
	worthNext = 5
	costShare = 10 // of being on one line with the check before
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
	words := make([][]string, m)
	for j, line := range lines {
		words[j] = word.FindAllString(line, -1)
	}
	// on[i][j] is the most of checks 0..i with check i on line j, and how[i][j] where the
	// check before it is then; upTo[i][j] is the most of the first i checks on the first j
	// lines.
	on, upTo, how := make([][]float64, n), make([][]float64, n+1), make([][]before, n)
	upTo[0] = make([]float64, m+1)
	for i, c := range checks {
		on[i], upTo[i+1], how[i] = make([]float64, m), make([]float64, m+1), make([]before, m)
		own := countWords(variable.ReplaceAllString(c.pattern, " "))
		for j := range lines {
			if worth := c.worth(lines[j], own, words[j]); worth > 0 {
				best, where := upTo[i][j], anywhere
				if adjacent := c.suffix == "-NEXT" || c.suffix == "-EMPTY"; i > 0 && j > 0 && adjacent && on[i-1][j-1] > 0 && on[i-1][j-1]+worthNext > best {
					best, where = on[i-1][j-1]+worthNext, lineBefore
				}
				if i > 0 && c.suffix == "" && on[i-1][j] > 0 && on[i-1][j]-costShare > best {
					best, where = on[i-1][j]-costShare, sameLine
				}
				on[i][j], how[i][j] = worth+best, where
			}
			upTo[i+1][j+1] = max(upTo[i][j+1], upTo[i+1][j], on[i][j])
		}
	}
	for i, j := n, m; i > 0 && j > 0; {
		switch {
		case upTo[i][j] == upTo[i-1][j]:
			i--
		case upTo[i][j] == upTo[i][j-1]:
			j--
		default:
			i, j = place(checks, how, i-1, j-1)
		}
	}
}

// before is where the check before one stands.
type before byte

const (
	anywhere before = iota // earlier, if at all
	lineBefore
	sameLine
)

// place puts check i on line j, and those that go with it; so many checks and lines are
// left.
func place(checks []*check, how [][]before, i, j int) (int, int) {
	for {
		checks[i].to = j
		switch how[i][j] {
		case anywhere:
			return i, j
		case lineBefore:
			i, j = i-1, j-1
		case sameLine:
			i--
		}
	}
}

func (c *check) worth(line string, own map[string]int, words []string) float64 {
	if c.fits(line) {
		return worthFit
	}
	if c.suffix == "-EMPTY" || line == "" {
		return 0
	}
	if like := alike(own, words); like >= leastLike {
		return worthLike * like
	}
	return 0
}

// alike is, from 0 to 1, how much of a pattern's words some part of a line of as many
// words has.
func alike(own map[string]int, words []string) float64 {
	size := 0
	for _, n := range own {
		size += n
	}
	window := min(size, len(words))
	if window == 0 {
		return 0
	}
	left, common, most := maps.Clone(own), 0, 0
	for i, w := range words {
		if left[w] > 0 {
			common++
		}
		left[w]--
		if i >= window {
			gone := words[i-window]
			if left[gone]++; left[gone] > 0 {
				common--
			}
		}
		most = max(most, common)
	}
	return 2 * float64(most) / float64(size+window)
}

var word = regexp.MustCompile(`\w+|[^\w\s]`)

func countWords(text string) map[string]int {
	out := map[string]int{}
	for _, w := range word.FindAllString(text, -1) {
		out[w]++
	}
	return out
}
