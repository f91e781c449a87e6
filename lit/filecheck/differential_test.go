package filecheck_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/lit/filecheck"
)

var (
	pairs = flag.Int("filecheck.pairs", 500, "random pairs of check file and input to compare with FileCheck-16")
	seed  = flag.Uint64("filecheck.seed", 16, "seed of the random pairs")
)

// oracle is the FileCheck that ours must agree with.
const oracle = "FileCheck-16"

// TestAgainstFileCheck16 generates pairs of check file and input and compares exit
// status and, when a match fails, the directives that are reported.
func TestAgainstFileCheck16(t *testing.T) {
	path, err := exec.LookPath(oracle)
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed (apt-get install llvm-16-tools): FileCheck is compared with nothing", oracle)
	}
	var mu sync.Mutex
	statuses := map[int]int{}
	work := make(chan int)
	var group sync.WaitGroup
	for range 2 {
		dir := t.TempDir()
		group.Go(func() {
			for i := range work {
				c := generate(rand.New(rand.NewPCG(*seed, uint64(i))))
				status, ok := c.compare(t, path, dir, i)
				mu.Lock()
				if ok {
					statuses[status]++
				}
				mu.Unlock()
			}
		})
	}
	for i := range *pairs {
		if t.Failed() {
			break
		}
		work <- i
	}
	close(work)
	group.Wait()
	t.Logf("%d pairs, by exit status: %v", *pairs, statuses)
	if !t.Failed() && *pairs >= 500 { // else the generator has come to say nothing
		require.Greater(t, statuses[0], *pairs/10)
		require.Greater(t, statuses[1], *pairs/10)
	}
}

// crashed stands for the status of an oracle that did not come to an answer.
const crashed = -1

// TestCapturesAgainstFileCheck16 lets ours bind variables, in patterns that can be
// matched in several ways, and asks FileCheck-16 whether it binds the same.
func TestCapturesAgainstFileCheck16(t *testing.T) {
	path, err := exec.LookPath(oracle)
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed (apt-get install llvm-16-tools): captures are compared with nothing", oracle)
	}
	dir := t.TempDir()
	compared := 0
	for i := 0; compared < *pairs/10 && !t.Failed(); i++ {
		g := &generator{Rand: rand.New(rand.NewPCG(*seed, uint64(1_000_000+i)))}
		var check, text strings.Builder
		check.WriteString("CHECK: {{^}}") // for FileCheck-16 can miss the leftmost match
		known := []string{"X", "Y", "Z"}[:1+g.IntN(3)]
		for _, name := range known {
			fmt.Fprintf(&check, "[[%s:%s]]", name, g.ambiguous(2))
		}
		check.WriteString(g.pick("", "{{.*}}b", "[[X]]", "{{c?}}[[X]]") + "\nCHECK-NEXT: <[[" + strings.Join(known, "]]|[[") + "]]>\n")
		for range g.IntN(10) {
			text.WriteString(g.pick("a", "b", "c", "ab", "1"))
		}
		// Ours says what it has bound when the second line is not as wanted.
		text.WriteString("\n")
		err := filecheck.Check("check", check.String(), "input", text.String(), filecheck.Options{})
		var values []string
		for _, m := range binding.FindAllStringSubmatch(err.Error(), -1) {
			values = append(values, m[1])
		}
		if len(values) == 0 { // the first line does not match
			continue
		}
		compared++
		text.WriteString("<" + strings.Join(values, "|") + ">\n")
		randomCase{check: check.String(), input: text.String()}.compare(t, path, dir, i)
	}
}

var binding = regexp.MustCompile(`with "[XYZ]" equal to "(.*)"`)

// ambiguous makes expressions that match a text in many ways.
func (g *generator) ambiguous(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(2) {
		if depth == 0 || g.chance(50) {
			b.WriteString(g.pick("a", "b", "ab", "[ab]", ".", "(a|ab)", "(b|abc|c)") + g.pick("", "", "*", "+", "?"))
			continue
		}
		b.WriteString("(" + g.ambiguous(depth-1) + "|" + g.ambiguous(depth-1) + ")" + g.pick("", "", "+", "?", "*", "{1,2}"))
	}
	return b.String()
}

// A randomCase is one pair with options.
type randomCase struct {
	check, input string
	options      []string
}

func (c randomCase) compare(t *testing.T, oracle, dir string, number int) (status int, ok bool) {
	checkFile, inputFile := filepath.Join(dir, "check.txt"), filepath.Join(dir, "input.txt")
	for name, text := range map[string]string{checkFile: c.check, inputFile: c.input} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Error(err)
			return 0, false
		}
	}
	args := append([]string{checkFile, "--input-file=" + inputFile, "--dump-input=never"}, c.options...)
	want, wantText := 0, new(bytes.Buffer)
	cmd := exec.Command(oracle, args...)
	cmd.Stderr = wantText
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		want = exit.ExitCode()
	} else if err != nil {
		t.Error(err)
		return 0, false
	}
	gotText := new(bytes.Buffer)
	got := filecheck.Main(args, strings.NewReader(""), new(bytes.Buffer), gotText)
	wantLines, gotLines := failedLines(wantText.String()), failedLines(gotText.String())
	if want < 0 {
		return crashed, true // FileCheck's own recursion has no end in [[X:(.*)*]][[X]]
	}
	if got == filecheck.ExitUsage && want != got && strings.Contains(gotText.String(), "invalid backreference number") {
		return want, true // the difference that the package documents
	}
	// FileCheck calls a number that is too wide a match, with an error in the input.
	alike := slices.Equal(gotLines, wantLines) || strings.Contains(wantText.String(), "unable to represent numeric value")
	if got != want || want == filecheck.ExitMismatch && !alike {
		t.Errorf("pair %d: got exit status %d for directives on lines %v, want %d for %v\noptions: %q\n--- check file\n%s--- input\n%s--- got\n%s--- want\n%s",
			number, got, gotLines, want, wantLines, c.options, c.check, c.input, gotText, wantText)
		return 0, false
	}
	return want, true
}

var failure = regexp.MustCompile(`(?m)^(?:.*check\.txt|--implicit-check-not|command line):(\d+):\d+: error:`)

// failedLines lists the lines of the directives that a message says have failed.
func failedLines(text string) []string {
	var lines []string
	for _, m := range failure.FindAllStringSubmatch(text, -1) {
		lines = append(lines, m[1])
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// generator makes inputs of a small vocabulary, so that much in them is alike, and
// check files that are made from their inputs and then damaged.
type generator struct {
	*rand.Rand
	hostile          bool     // now and then malformed
	strings, numbers []string // variables that may be used
}

func (g *generator) pick(options ...string) string { return options[g.IntN(len(options))] }
func (g *generator) chance(percent int) bool       { return g.IntN(100) < percent }

func generate(rng *rand.Rand) randomCase {
	g := &generator{Rand: rng}
	g.hostile = g.chance(25)
	var lines [][]string
	for range 1 + g.IntN(12) {
		lines = append(lines, g.inputLine())
	}
	var c randomCase
	var input strings.Builder
	for _, line := range lines {
		for i, token := range line {
			if i > 0 {
				input.WriteString(g.pick(" ", " ", "  ", "\t"))
			}
			input.WriteString(token)
		}
		input.WriteString(g.pick("\n", "\n", "\n", "\n", "\n", "\r\n", " \n"))
	}
	c.input = input.String()
	for _, o := range []string{"--match-full-lines", "--strict-whitespace", "--ignore-case", "--enable-var-scope", "--allow-empty", "--allow-deprecated-dag-overlap"} {
		if g.chance(12) {
			c.options = append(c.options, o)
		}
	}
	if g.chance(10) {
		c.options = append(c.options, "--implicit-check-not="+g.pick("zzz", "mul", "{{q.}}", "%9", "add %1"))
	}
	if g.chance(20) {
		c.options = append(c.options, "-DG="+g.token(), "-D#%u,H="+fmt.Sprint(g.IntN(12)))
		g.strings, g.numbers = append(g.strings, "G"), append(g.numbers, "H")
	}
	prefix := "CHECK"
	if g.chance(10) {
		prefix = "P-1"
		c.options = append(c.options, g.pick("--check-prefix=P-1", "--check-prefixes=P-1,QQ", "--check-prefixes=QQ,P-1"))
		if g.chance(50) {
			c.options = append(c.options, "--allow-unused-prefixes")
		}
	}
	c.check = g.checkFile(prefix, lines)
	return c
}

func (g *generator) token() string {
	switch g.IntN(8) {
	case 0, 1:
		return "%" + g.pick("0", "1", "2", "9", "a", "ab")
	case 2, 3:
		return g.pick("add", "mul", "Add", "ret", "load", "aab", "ba")
	case 4, 5:
		return fmt.Sprint(g.IntN(12))
	case 6:
		return g.pick("0x1f", "1F", "-3", "007", "ff", "99999999999999999999")
	default:
		return g.pick("a.b", "(x)", "[[", "{", "[1]", "a|b", "$", "é", "aaa")
	}
}

func (g *generator) inputLine() []string {
	if g.chance(12) {
		return nil
	}
	if g.chance(12) {
		return []string{"func", "@" + g.pick("f", "g", "h") + ":"}
	}
	var line []string
	for range 1 + g.IntN(4) {
		line = append(line, g.token())
	}
	return line
}

// checkFile walks the input and asks for some of its lines, in order.
func (g *generator) checkFile(prefix string, lines [][]string) string {
	var b strings.Builder
	any, last := false, -2
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if g.chance(35) {
			continue
		}
		suffix := g.pick("", "", "", "-DAG", "-DAG", "-DAG", "-COUNT-1")
		if g.chance(12) {
			suffix = g.pick("-LABEL", "-SAME", "-COUNT-2")
		}
		switch {
		case len(line) == 0 && any:
			suffix = "-EMPTY"
		case len(line) == 0:
			continue
		case line[0] == "func" && g.chance(70):
			suffix = "-LABEL"
		case last == i-1 && suffix != "-DAG" && g.chance(60):
			suffix = "-NEXT"
		}
		if !any && (suffix == "-SAME" || suffix == "-NEXT") {
			suffix = ""
		}
		any, last = any || suffix != "-DAG", i
		if g.chance(15) {
			g.directive(&b, prefix, "-NOT", g.pattern([]string{g.token()}, "-NOT"))
		}
		from := g.IntN(len(line) + 1)
		if suffix == "-EMPTY" {
			g.directive(&b, prefix, suffix, "")
			continue
		}
		if from == len(line) || g.chance(60) {
			from = 0
		}
		to := from + 1 + g.IntN(len(line)-from)
		g.directive(&b, prefix, suffix, g.pattern(line[from:to], suffix))
		if g.chance(15) && to < len(line) {
			g.directive(&b, prefix, "-SAME", g.pattern(line[to:], "-SAME"))
		}
	}
	for range g.IntN(2) {
		g.directive(&b, prefix, g.pick("-NOT", "-DAG", "-NOT"), g.pattern([]string{g.token()}, "-NOT"))
	}
	if b.Len() == 0 {
		g.directive(&b, prefix, "", g.pattern([]string{g.token()}, ""))
	}
	return b.String()
}

func (g *generator) directive(b *strings.Builder, prefix, suffix, pattern string) {
	if g.chance(4) && g.hostile {
		suffix = g.pick("-NOT", "-NEXT", "-SAME", "-DAG", "-LABEL", "-NOT-DAG", "-COUNT-0", "-COUNT-3", "-FOO", "")
	}
	if g.chance(3) {
		suffix += g.pick("{LITERAL}", "{LITERAL}", "{ LITERAL , LITERAL}", "{NOPE}")
	}
	lead := g.pick("", "", "// ", "; ", "# y ")
	if g.chance(15) && g.hostile {
		lead = g.pick("x", "COM: ", "RUN")
	}
	fmt.Fprintf(b, "%s%s%s:%s%s\n", lead, prefix, suffix, g.pick(" ", " ", "", "   "), pattern)
}

// pattern asks for tokens, generalising some and now and then changing one.
func (g *generator) pattern(tokens []string, suffix string) string {
	var b strings.Builder
	if g.chance(5) {
		b.WriteString("{{^}}")
	}
	for i, token := range tokens {
		if i > 0 {
			b.WriteString(g.pick(" ", " ", "  ", "\t", "{{ +}}", "{{.*}}"))
		}
		if g.chance(2) {
			token = g.token()
		}
		if g.chance(55) {
			if !g.hostile {
				token = strings.ReplaceAll(token, "[[", `{{\[\[}}`)
			}
			b.WriteString(token)
			continue
		}
		b.WriteString(g.general(token, suffix == "-LABEL" && g.chance(95)))
	}
	if g.chance(8) {
		b.WriteString(g.pick("{{$}}", "{{ *$}}", "{{[[:space:]]}}"))
	}
	return b.String()
}

var decimal = regexp.MustCompile(`^[0-9]+$`)

func (g *generator) general(token string, noVariables bool) string {
	if noVariables || g.chance(40) {
		return "{{" + g.regex(token, 1) + "}}"
	}
	if decimal.MatchString(token) || g.chance(10) {
		return g.numeric(token)
	}
	if len(g.strings) > 0 && g.chance(45) {
		name := g.pick(g.strings...)
		if g.chance(10) {
			name = g.pick("X", "Y", "Z", "$W", "N")
		}
		return "[[" + name + "]]"
	}
	name := g.pick("X", "Y", "Z", "$W", "X", "Y")
	g.strings = append(g.strings, name)
	definition := "[[" + name + ":" + g.regex(token, 1) + "]]"
	if g.chance(10) {
		definition += g.pick("", " ") + "[[" + name + "]]"
	}
	return definition
}

func (g *generator) numeric(token string) string {
	format := g.pick("", "", "", "", "", "", "", "", "", "", "%u,", "%x,", "%d,", "%X,", "%.2u,", "%#x,", "%.3,")
	switch {
	case g.chance(10):
		return "[[#" + format + "]]"
	case g.chance(10):
		return g.pick("[[@LINE]]", "[[#@LINE]]", "[[#@LINE-1]]", "[[@LINE+2]]", "[[#%x,@LINE+8]]")
	case len(g.numbers) > 0 && g.chance(60):
		name := g.pick(g.numbers...)
		delta := fmt.Sprint(g.IntN(4))
		return "[[#" + format + g.pick(name, name, name+"+"+delta, name+" - "+delta, "add("+name+","+delta+")", "max("+name+",5)", "mul("+name+", 2)-"+delta, "=="+name, "("+name+"+1)-1") + "]]"
	case g.chance(15) && decimal.MatchString(token):
		return "[[#" + g.pick("", "M:") + token + "]]"
	}
	name := g.pick("N", "M", "$K", "N")
	g.numbers = append(g.numbers, name)
	return "[[#" + format + name + ":]]"
}

// regex makes an expression that probably matches token.
func (g *generator) regex(token string, depth int) string {
	quoted := func(s string) string { return regexp.QuoteMeta(s) }
	if decimal.MatchString(token) && g.chance(50) {
		return g.pick("[0-9]+", "[[:digit:]]+", "[0-9]*", "([0-9]{1,2})", "[0-9]")
	}
	switch g.IntN(10) {
	case 0:
		return ".*"
	case 1:
		return ".+"
	case 2:
		return "[^ ]+"
	case 3:
		return "[[:alnum:]%@]+"
	case 4:
		return "(a|ab|aa)*" + g.pick("", "b?", "[ab]+")
	case 5:
		if !g.hostile {
			return g.pick("[[:<:]][a-z]+", "()", "([a-f0-9]{1,})", "[[:space:][:alnum:]]+")
		}
		return g.pick("a|", "(a", "a{2}", "[z-a]", `\1`, `a\b`, "x{1,2", "[[:<:]][a-z]+", `(a)\2`, "()")
	case 6:
		if depth > 0 {
			return g.regex(token, depth-1) + "|" + g.regex(g.token(), depth-1)
		}
		return quoted(token)
	case 7:
		if depth > 0 {
			return "(" + g.regex(token, depth-1) + ")" + g.pick("", "?", "+", "*")
		}
		return quoted(token)
	default:
		return quoted(token)
	}
}
