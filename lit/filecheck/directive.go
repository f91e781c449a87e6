package filecheck

import (
	"strings"
)

// kind is what a directive asks of its match.
type kind int

const (
	plain kind = iota
	next
	same
	empty
	not
	dag
	label
	comment
	endOfInput // matches at the end; carries the CHECK-NOTs that no directive follows
)

// suffixes of directives. COUNT is apart, having an argument.
var suffixes = []struct {
	text string
	kind kind
}{
	{"NEXT", next}, {"SAME", same}, {"NOT", not}, {"DAG", dag}, {"LABEL", label}, {"EMPTY", empty},
}

// A directive is one PREFIX-SUFFIX: of a check file.
type directive struct {
	kind    kind
	prefix  string
	suffix  string // with its hyphen
	count   int    // matches wanted, 1 but for -COUNT-n
	literal bool
	bad     string // why it is malformed, "" if it is not
}

func (d directive) name() string {
	switch {
	case d.kind == endOfInput:
		return "end of input"
	case d.prefix == "":
		return "--implicit-check-not"
	}
	return d.prefix + d.suffix
}

// label is the directive's short name in a dump of the input.
func (d directive) label() string {
	switch {
	case d.kind == endOfInput:
		return "eof"
	case d.suffix == "" || d.count > 1:
		return "check"
	}
	return strings.ToLower(strings.TrimPrefix(d.suffix, "-"))
}

// A scanner finds directives in a check file.
type scanner struct {
	text     string
	pos      int
	prefixes []string
	comments []string
}

// next finds the next directive, whose pattern begins at s.pos.
func (s *scanner) next() (d directive, ok bool) {
	for {
		at, prefix := s.nextPrefix()
		if at < 0 {
			return directive{}, false
		}
		startsWord := at == s.pos || !inWord(s.text[at-1])
		s.pos = at
		if startsWord {
			if d, length, ok := s.directive(s.text[at:], prefix); ok {
				s.pos += length
				return d, true
			}
		}
		// Skip what is left of the word, for CHECKING is not CHECK.
		s.pos += len(prefix)
		for s.pos < len(s.text) && inWord(s.text[s.pos]) {
			s.pos++
		}
	}
}

// nextPrefix is the place of the leftmost prefix, the longest if several start there.
func (s *scanner) nextPrefix() (at int, prefix string) {
	at = -1
	for _, list := range [][]string{s.prefixes, s.comments} {
		for _, p := range list {
			rest := s.text[s.pos:]
			if at >= 0 { // no later than the best so far
				rest = s.text[s.pos:min(len(s.text), at+len(p))]
			}
			if i := strings.Index(rest, p); i >= 0 && (at < 0 || s.pos+i < at || len(p) > len(prefix)) {
				at, prefix = s.pos+i, p
			}
		}
	}
	return at, prefix
}

func inWord(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// directive reads text that begins with prefix, and says how long the directive is.
func (s *scanner) directive(text, prefix string) (d directive, length int, ok bool) {
	d = directive{prefix: prefix, count: 1}
	rest := text[len(prefix):]
	for _, c := range s.comments {
		if c == prefix { // RUN-NOT: is no comment
			d.kind = comment
			return d, len(prefix) + 1, strings.HasPrefix(rest, ":")
		}
	}
	if after, hyphen := strings.CutPrefix(rest, "-"); hyphen {
		var known bool
		if rest, known = d.readSuffix(after); !known {
			return d, 0, false
		}
		d.suffix = text[len(prefix) : len(text)-len(rest)]
	}
	if d.bad == "" {
		if rest, ok = d.readModifiers(rest); !ok {
			return d, 0, false
		}
	}
	return d, len(text) - len(rest), true
}

// readSuffix reads what follows the hyphen.
func (d *directive) readSuffix(text string) (rest string, ok bool) {
	if after, counted := strings.CutPrefix(text, "COUNT-"); counted {
		return d.readCount(after), true
	}
	for _, s := range suffixes {
		after, ok := strings.CutPrefix(text, s.text)
		if !ok {
			continue
		}
		d.kind = s.kind
		for _, other := range suffixes { // NOT joins no other suffix
			if (s.kind == not) != (other.kind == not) && other.kind != label && s.kind != label && strings.HasPrefix(after, "-"+other.text+":") {
				d.bad = "-NOT cannot be combined with another suffix"
				return after[len(other.text)+1:], true
			}
		}
		return after, true
	}
	return text, false
}

func (d *directive) readCount(text string) (rest string) {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	n := 0
	for _, c := range text[:digits] {
		n = min(n*10+int(c-'0'), 1<<31)
	}
	rest = text[digits:]
	if n < 1 || n >= 1<<31 || !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "{") {
		d.bad = "-COUNT- wants a positive number and a colon"
	}
	d.count = n
	return rest
}

// readModifiers reads the colon, and {LITERAL} before it.
func (d *directive) readModifiers(text string) (rest string, ok bool) {
	if list, braced := strings.CutPrefix(text, "{"); braced {
		list, after, closed := strings.Cut(list, "}:")
		if !closed {
			return text, false
		}
		for modifier := range strings.SplitSeq(list, ",") {
			if strings.TrimSpace(modifier) != "LITERAL" {
				return text, false
			}
		}
		d.literal = true
		return after, true
	}
	return strings.CutPrefix(text, ":")
}
