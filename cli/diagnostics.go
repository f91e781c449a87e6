package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/passes"
)

// splitMark is the line between the modules of one file.
const splitMark = "// -----"

// splitInput takes a file apart at its marks. Each part has empty lines for those before
// it, so that positions are those of the file.
func splitInput(src []byte) [][]byte {
	var parts [][]byte
	var part bytes.Buffer
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		if strings.TrimRight(line, " \t\r\n") == splitMark {
			parts = append(parts, bytes.Clone(part.Bytes()))
			part.Reset()
			part.WriteString(strings.Repeat("\n", n))
			continue
		}
		part.WriteString(line)
	}
	return append(parts, part.Bytes())
}

// expectation is a comment such as
//
//	// expected-error@+1 {{got f32}}
//	// expected-remark-re@above {{fused {{[0-9]+}} ops}}
//
// as in MLIR: one at the end of a line; in -re, regular expressions stand in {{}}.
type expectation struct {
	at    diag.Pos // of the comment
	kind  string   // error, remark, note or warning
	line  int      // that it is about; 0 is an unknown one
	text  string
	regex *regexp.Regexp // instead of text
}

// diagnostic is what the expectations are held against.
type diagnostic struct {
	kind    string
	pos     diag.Pos
	message string
}

var expected = regexp.MustCompile(`expected-(error|warning|remark|note)(-re)?\s*(@\S+)?\s*\{\{(.*)\}\}\s*$`)

func expectations(file string, src []byte) ([]expectation, error) {
	var out []expectation
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		_, comment, ok := strings.Cut(line, "//")
		if !ok {
			continue
		}
		if m := expected.FindStringSubmatch(comment); m != nil {
			x := expectation{at: diag.Pos{File: file, Line: n}, kind: m[1], text: m[4]}
			var err error
			if x.line, err = expectedLine(n, m[3]); err != nil {
				return nil, diag.Errorf(x.at, "%v", err)
			}
			if m[2] != "" {
				if x.regex, err = expectedRegex(m[4]); err != nil {
					return nil, diag.Errorf(x.at, "%v", err)
				}
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// expectedLine reads @+1, @-1, @above, @below, @unknown or @12 on line n.
func expectedLine(n int, at string) (int, error) {
	at = strings.TrimPrefix(at, "@")
	switch at {
	case "":
		return n, nil
	case "above":
		return n - 1, nil
	case "below":
		return n + 1, nil
	case "unknown":
		return 0, nil
	}
	d, err := strconv.Atoi(at)
	if err != nil {
		return 0, fmt.Errorf("got @%s, expected @+1, @-1, @above, @below, @unknown or a line", at)
	}
	if at[0] == '+' || at[0] == '-' {
		return n + d, nil
	}
	return d, nil
}

// expectedRegex is the regular expression of the text of an -re expectation.
func expectedRegex(text string) (*regexp.Regexp, error) {
	var b strings.Builder
	for text != "" {
		literal, rest, ok := strings.Cut(text, "{{")
		b.WriteString(regexp.QuoteMeta(literal))
		if !ok {
			break
		}
		inner, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return nil, fmt.Errorf("expected-...-re: {{ is not closed in %q", text)
		}
		b.WriteString("(?:" + inner + ")")
		text = after
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("expected-...-re: %w", err)
	}
	return re, nil
}

func (x expectation) fits(d diagnostic) bool {
	if x.kind != d.kind || x.line != d.pos.Line {
		return false
	}
	if x.regex != nil {
		return x.regex.MatchString(d.message)
	}
	return strings.Contains(d.message, x.text)
}

// verifyDiagnostics holds what was reported on a source against its expectations.
func verifyDiagnostics(file string, src []byte, reported error, remarks []passes.Remark) error {
	wanted, err := expectations(file, src)
	if err != nil {
		return err
	}
	var got []diagnostic
	for _, e := range diag.All(reported) {
		message := e.Message
		if e.Op != "" {
			message = e.Op + ": " + message
		}
		got = append(got, diagnostic{"error", e.Pos, message})
		for _, n := range e.Notes {
			got = append(got, diagnostic{"note", n.Pos, n.Message})
		}
	}
	for _, r := range remarks {
		got = append(got, diagnostic{"remark", r.Loc.Pos, r.Pass + ": " + r.Message})
	}
	var wrong diag.List
next:
	for _, d := range got {
		for i, x := range wanted {
			if x.fits(d) {
				wanted = append(wanted[:i:i], wanted[i+1:]...)
				continue next
			}
		}
		wrong.Add(diag.Errorf(d.pos, "unexpected %s: %s", d.kind, d.message).WithSource(string(src)))
	}
	for _, x := range wanted {
		wrong.Add(diag.Errorf(x.at, "expected %s %q was not produced", x.kind, x.text).WithSource(string(src)))
	}
	return wrong.Err()
}
