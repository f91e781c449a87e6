package lit

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// directive is one CHECK line.
type directive struct {
	kind    string // "", NEXT, SAME, NOT, DAG, LABEL, EMPTY
	count   int    // of COUNT-n, else 1
	pattern string
	line    int
}

// CheckMain is FileCheck: FileCheck FILE [--check-prefix=P] [--input-file=F] with
// CHECK, CHECK-NEXT, -SAME, -NOT, -DAG, -LABEL, -EMPTY and -COUNT-n, {{regex}},
// [[X:regex]] and [[X]]. Runs of blanks count as one.
func CheckMain(args []string, stdin io.Reader, _, stderr io.Writer) int {
	prefix, file, input := "CHECK", "", ""
	for _, a := range args {
		switch {
		case strings.HasPrefix(a, "--check-prefix="), strings.HasPrefix(a, "-check-prefix="):
			_, prefix, _ = strings.Cut(a, "=")
		case strings.HasPrefix(a, "--input-file="):
			_, input, _ = strings.Cut(a, "=")
		case strings.HasPrefix(a, "-"):
			fmt.Fprintf(stderr, "FileCheck: unknown option %s\n", a)
			return 2
		default:
			file = a
		}
	}
	checks, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintf(stderr, "FileCheck: %v\n", err)
		return 2
	}
	var text []byte
	if input != "" {
		text, err = os.ReadFile(input)
	} else {
		text, err = io.ReadAll(stdin)
	}
	if err != nil {
		fmt.Fprintf(stderr, "FileCheck: %v\n", err)
		return 2
	}
	if err := Check(string(checks), string(text), prefix); err != nil {
		fmt.Fprintf(stderr, "%s:%v\n", file, err)
		return 1
	}
	return 0
}

var (
	blanks   = regexp.MustCompile(`[ \t]+`)
	captures = regexp.MustCompile(`\[\[([A-Za-z_]\w*)(:(?:[^\]]|\][^\]])*)?\]\]`)
)

// Check holds text against the CHECK lines in checks; the error starts with the line
// of the directive that failed.
func Check(checks, text, prefix string) error {
	ds, err := directives(checks, prefix)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("0: error: the input is empty")
	}
	c := &checker{text: normal(text), vars: map[string]string{}}
	return c.run(ds)
}

func normal(text string) string { return blanks.ReplaceAllString(text, " ") }

func directives(checks, prefix string) ([]directive, error) {
	re := regexp.MustCompile(`(?:^|[^\w-])` + regexp.QuoteMeta(prefix) + `(-NEXT|-SAME|-NOT|-DAG|-LABEL|-EMPTY|-COUNT-\d+)?:(.*)$`)
	var out []directive
	for i, line := range strings.Split(checks, "\n") {
		m := re.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		d := directive{kind: strings.TrimPrefix(m[1], "-"), count: 1, pattern: strings.TrimSpace(normal(m[2])), line: i + 1}
		if n, ok := strings.CutPrefix(d.kind, "COUNT-"); ok {
			d.kind = ""
			d.count, _ = strconv.Atoi(n)
		}
		if d.pattern == "" && d.kind != "EMPTY" {
			return nil, fmt.Errorf("%d: error: %s: has an empty pattern", d.line, prefix)
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("0: error: no check lines with prefix %q", prefix)
	}
	return out, nil
}

type checker struct {
	text string
	pos  int // behind the last match
	vars map[string]string
	nots []directive // since the last match
}

func (c *checker) run(ds []directive) error {
	for i := 0; i < len(ds); i++ {
		d := ds[i]
		switch d.kind {
		case "NOT":
			c.nots = append(c.nots, d)
			continue
		case "DAG":
			end := i
			for end < len(ds) && ds[end].kind == "DAG" {
				end++
			}
			if err := c.dag(ds[i:end]); err != nil {
				return err
			}
			i = end - 1
			continue
		case "EMPTY":
			if !strings.HasPrefix(c.text[c.lineEnd():], "\n\n") {
				return c.failed(d, "the next line is not empty")
			}
			c.pos = c.lineEnd() + 1
			continue
		}
		for n := 0; n < d.count; n++ {
			if err := c.one(d); err != nil {
				return err
			}
		}
	}
	return c.checkNots(c.pos, len(c.text))
}

func (c *checker) lineEnd() int {
	if i := strings.IndexByte(c.text[c.pos:], '\n'); i >= 0 {
		return c.pos + i
	}
	return len(c.text)
}

// one matches a plain, NEXT, SAME or LABEL directive.
func (c *checker) one(d directive) error {
	from, to := c.pos, len(c.text)
	switch d.kind {
	case "NEXT":
		from = min(c.lineEnd()+1, len(c.text))
		if i := strings.IndexByte(c.text[from:], '\n'); i >= 0 {
			to = from + i
		}
	case "SAME":
		to = c.lineEnd()
	case "LABEL":
		c.vars = map[string]string{}
	}
	start, end, err := c.find(d, from, to)
	if err != nil {
		return err
	}
	if start < 0 {
		return c.failed(d, "not found")
	}
	if err := c.checkNots(c.pos, start); err != nil {
		return err
	}
	c.pos = end
	return nil
}

// dag matches directives in any order, in the text behind the last match.
func (c *checker) dag(ds []directive) error {
	first, last := len(c.text), c.pos
	for _, d := range ds {
		start, end, err := c.find(d, c.pos, len(c.text))
		if err != nil {
			return err
		}
		if start < 0 {
			return c.failed(d, "not found")
		}
		first, last = min(first, start), max(last, end)
	}
	if err := c.checkNots(c.pos, first); err != nil {
		return err
	}
	c.pos = last
	return nil
}

func (c *checker) checkNots(from, to int) error {
	for _, d := range c.nots {
		start, _, err := c.find(d, from, to)
		if err != nil {
			return err
		}
		if start >= 0 {
			return c.failed(d, "found, but must not be: "+c.lineAt(start))
		}
	}
	c.nots = nil
	return nil
}

func (c *checker) lineAt(pos int) string {
	start := strings.LastIndexByte(c.text[:pos], '\n') + 1
	end := len(c.text)
	if i := strings.IndexByte(c.text[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	return c.text[start:end]
}

func (c *checker) failed(d directive, why string) error {
	context := c.text[c.pos:]
	if lines := strings.SplitN(context, "\n", 12); len(lines) == 12 {
		context = strings.Join(lines[:11], "\n") + "\n..."
	}
	return fmt.Errorf("%d: error: CHECK %s%q: %s; searched from here:\n%s", d.line, d.kind, d.pattern, why, context)
}

// find matches the pattern in text[from:to] and binds its variables; -1 if it does
// not match. A variable that is used in the pattern that defines it must match again.
func (c *checker) find(d directive, from, to int) (start, end int, err error) {
	var re strings.Builder
	var names []string
	re.WriteString("(?m)")
	rest := d.pattern
	defined := map[string]bool{}
	for rest != "" {
		brace, variable := strings.Index(rest, "{{"), captures.FindStringSubmatchIndex(rest)
		switch {
		case brace >= 0 && (variable == nil || brace < variable[0]):
			close := strings.Index(rest[brace:], "}}")
			if close < 0 {
				return 0, 0, c.failed(d, "{{ is not closed")
			}
			re.WriteString(regexp.QuoteMeta(rest[:brace]) + "(?:" + rest[brace+2:brace+close] + ")")
			rest = rest[brace+close+2:]
		case variable != nil:
			name := rest[variable[2]:variable[3]]
			re.WriteString(regexp.QuoteMeta(rest[:variable[0]]))
			if variable[4] >= 0 {
				names = append(names, name)
				defined[name] = true
				re.WriteString("(" + strings.ReplaceAll(rest[variable[4]+1:variable[5]], "(", "(?:") + ")")
			} else {
				value, ok := c.vars[name]
				if !ok && !defined[name] {
					return 0, 0, c.failed(d, "variable "+name+" is not defined")
				}
				re.WriteString(regexp.QuoteMeta(value))
			}
			rest = rest[variable[1]:]
		default:
			re.WriteString(regexp.QuoteMeta(rest))
			rest = ""
		}
	}
	compiled, cerr := regexp.Compile(re.String())
	if cerr != nil {
		return 0, 0, c.failed(d, cerr.Error())
	}
	compiled.Longest()
	m := compiled.FindStringSubmatchIndex(c.text[from:to])
	if m == nil {
		return -1, -1, nil
	}
	if d.kind != "NOT" {
		for i, n := range names {
			c.vars[n] = c.text[from+m[2+2*i] : from+m[3+2*i]]
		}
	}
	return from + m[0], from + m[1], nil
}
