package torchscript

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// scanner cuts graph text into tokens. What a character means depends on where
// it stands, so the scanner follows the brackets of attributes:
//
//	depth 0   outside of attributes
//	depth 1   in a node's [name=value, ...], at a name or just after a value
//	depth 2.. inside the brackets of a value
//
// An attribute list ends with its line; so does anything else that opens and
// does not close, which keeps one fault from eating the file and lexing linear.
type scanner struct {
	file, src string
	pos       int
	line      int
	bol       int // offset of the line's begin

	depth    int
	wantType bool // a type comes next
	wantVal  bool // an attribute's value, or a part of one, comes next
	inNode   bool // an op has been seen whose comment may follow

	prev    lexer.Token // the token before
	prevEnd int         // and where it ended
}

func newScanner(file, src string) *scanner {
	return &scanner{file: file, src: src, line: 1}
}

// Lex implements lexer.Definition.
func (d definition) Lex(file string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(file, string(src))
}

// Next implements lexer.Lexer. It never fails: faults are tokens of type tokBad.
func (s *scanner) Next() (lexer.Token, error) {
	t, done := s.skip()
	if !done {
		t = s.scan()
	}
	s.prev, s.prevEnd = t, s.pos
	return t, nil
}

// token makes a token of the next n bytes and moves past them.
func (s *scanner) token(kind lexer.TokenType, n int) lexer.Token {
	t := lexer.Token{Type: kind, Value: s.src[s.pos : s.pos+n], Pos: s.position(s.pos)}
	s.pos += n
	return t
}

// bad makes a token that reports a fault at the position and skips n bytes.
func (s *scanner) bad(n int, format string, args ...any) lexer.Token {
	t := s.token(tokBad, n)
	t.Value = fmt.Sprintf(format, args...)
	return t
}

func (s *scanner) position(offset int) lexer.Position {
	return lexer.Position{Filename: s.file, Offset: offset, Line: s.line, Column: offset - s.bol + 1}
}

// restOfLine is the text from the position to the end of the line.
func (s *scanner) restOfLine() string {
	rest := s.src[s.pos:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		return rest[:i]
	}
	return rest
}

// skip passes over space and comments. It stops with a token at the end of the
// text, at a comment that tells a node's origin, and where an attribute list
// runs over the end of its line.
func (s *scanner) skip() (lexer.Token, bool) {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\r':
			s.pos++
		case '\n':
			if s.depth > 0 {
				s.depth, s.wantVal, s.wantType = 0, false, false
				return s.bad(0, "attributes are not closed on their line"), true
			}
			s.pos++
			s.line, s.bol = s.line+1, s.pos
			s.wantType = false
		case '#':
			if t, ok := s.origin(); ok {
				return t, true
			}
			s.pos += len(s.restOfLine())
		default:
			return lexer.Token{}, false
		}
	}
	if s.depth > 0 {
		s.depth = 0
		return s.bad(0, "attributes are not closed on their line"), true
	}
	// The end is reported behind the last token, where there is a line to show.
	eof := lexer.EOFToken(s.prev.Pos)
	eof.Pos.Filename = s.file
	eof.Pos.Line = max(eof.Pos.Line, 1)
	eof.Pos.Column = max(eof.Pos.Column, 1) + s.prevEnd - s.prev.Pos.Offset
	s.pos = len(s.src)
	return eof, true
}

// origin reads the comment "# file:line:col" behind a node on its line.
func (s *scanner) origin() (lexer.Token, bool) {
	behind := s.prev.Type == tokScope || s.prev.Type == tokPunct && s.prev.Value == ")"
	if !s.inNode || !behind || s.prev.Pos.Line != s.line {
		return lexer.Token{}, false
	}
	text := strings.TrimRight(s.restOfLine(), " \t\r")
	if _, ok := parseOrigin(text); !ok {
		return lexer.Token{}, false
	}
	s.inNode = false
	return s.token(tokOrigin, len(text)), true
}

// scan reads the token at the position, which is neither space nor the end.
func (s *scanner) scan() lexer.Token {
	if s.wantType {
		s.wantType = false
		return s.typ()
	}
	if s.wantVal {
		s.wantVal = false
		if t, ok := s.value(); ok {
			return t
		}
	}
	c := s.src[s.pos]
	switch {
	case c == '%':
		return s.variable()
	case isLetter(c):
		return s.word()
	case c == '"':
		return s.str()
	case isDigit(c) || c == '-' && s.depth > 0:
		return s.number()
	case c == '-' && strings.HasPrefix(s.src[s.pos:], "->"):
		s.inNode = false
		return s.token(tokPunct, 2)
	case c == '^':
		return s.pyOp()
	case c == ',' && s.depth == 0:
		if t, ok := s.scope(); ok {
			return t
		}
		return s.punct()
	case strings.IndexByte("()[]{}=:,?", c) >= 0:
		return s.punct()
	}
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	if r == utf8.RuneError {
		return s.bad(n, "unexpected byte %#02x", c)
	}
	return s.bad(n, "unexpected character %q", r)
}

// punct reads one character of punctuation and follows the brackets.
func (s *scanner) punct() lexer.Token {
	adjacent := s.pos == s.prevEnd
	switch c := s.src[s.pos]; c {
	case '[':
		switch {
		case s.depth == 0:
			if s.prev.Type == tokOp {
				s.depth = 1
			}
			return s.token(tokPunct, 1)
		case adjacent && s.afterTuple() && strings.HasPrefix(s.src[s.pos:], "[]"):
			return s.token(tokSuffix, 2)
		}
		s.depth++
		s.wantVal = true
	case '?':
		if adjacent && s.depth > 0 && s.afterTuple() {
			return s.token(tokSuffix, 1)
		}
		return s.bad(1, "unexpected character %q", c)
	case '(', '{':
		if s.depth > 0 {
			s.depth++
			s.wantType = c == '(' && s.prev.Value == "annotate"
			s.wantVal = !s.wantType
		}
	case ']', ')', '}':
		s.depth = max(0, s.depth-1)
	case ',':
		s.wantVal = s.depth > 1
	case '=':
		s.wantVal = s.depth > 0
	case ':':
		s.wantVal = s.depth > 1
		s.wantType = s.depth == 0 && s.prev.Type == tokVar
	}
	return s.token(tokPunct, 1)
}

// afterTuple reports whether a type suffix may follow the token before.
func (s *scanner) afterTuple() bool {
	return s.prev.Type == tokSuffix || s.prev.Type == tokPunct && s.prev.Value == ")"
}

// value reads a constant where only in a value it is what it is; ok is false
// where the general rules do.
func (s *scanner) value() (lexer.Token, bool) {
	rest := s.src[s.pos:]
	if n, fault := scanRawTensor(rest); fault {
		return s.bad(n, "tensor print does not end in its type, as in [ CPUFloatType{2,3} ]"), true
	} else if n > 0 {
		return s.token(tokRawTensor, n), true
	}
	if n, _ := scanNumber(rest); n > 0 {
		return s.number(), true
	}
	switch c := rest[0]; {
	case c == '<' || strings.HasPrefix(rest, "[<"):
		return s.elided(), true
	case isLetter(c):
		return s.name(), true
	}
	return lexer.Token{}, false
}

// elided reads <Tensor> and the like.
func (s *scanner) elided() lexer.Token {
	rest := s.src[s.pos:]
	open, closing := "<", ">"
	if rest[0] == '[' {
		open, closing = "[<", ">]"
	}
	n := len(open) + wordLen(rest[len(open):])
	if n == len(open) || !strings.HasPrefix(rest[n:], closing) {
		return s.bad(n, "got %s, expected <Tensor> or <Graph>", quoted(rest[:n]))
	}
	return s.token(tokElided, n+len(closing))
}

// name reads a value that begins with a letter: a type, or a name for the
// parser to make out.
func (s *scanner) name() lexer.Token {
	rest := s.src[s.pos:]
	n := dottedLen(rest)
	word := rest[:n]
	var next byte
	if n < len(rest) {
		next = rest[n]
	}
	switch {
	case word == "object" && next == '(':
		m := n + strings.IndexAny(rest[n:], ")\n")
		if m < n || rest[m] == '\n' {
			return s.bad(len(s.restOfLine()), "object( is not closed on its line")
		}
		return s.token(tokElided, m+1)
	case next == '=', word == "annotate" && next == '(':
		return s.token(tokIdent, n)
	case typeWord(word) && word != "None", next == '[', next == '?', next == '<':
		return s.typ()
	}
	return s.token(tokIdent, n)
}

// typ reads a whole type: it needs to know only where the type ends.
func (s *scanner) typ() lexer.Token {
	rest := s.src[s.pos:]
	n := dottedLen(rest)
	for n < len(rest) {
		if rest[n] == '?' {
			n++
			continue
		}
		if strings.IndexByte("([<", rest[n]) < 0 {
			break
		}
		inner := bracketed(rest[n:])
		if inner == 0 {
			at := s.position(s.pos + n)
			t := s.bad(len(s.restOfLine()), "%q is not closed in the type", rest[n])
			t.Pos = at
			return t
		}
		n += inner
	}
	if n == 0 {
		return s.bad(0, "got %s, expected a type", quoted(s.restOfLine()))
	}
	return s.token(tokType, n)
}

// variable reads %name. A colon at its end is the one before the type.
func (s *scanner) variable() lexer.Token {
	n := 1
	for s.pos+n < len(s.src) && isVar(s.src[s.pos+n]) {
		n++
	}
	for s.src[s.pos+n-1] == ':' {
		n--
	}
	if n == 1 {
		return s.bad(1, "%% without a name behind it")
	}
	return s.token(tokVar, n)
}

// word reads a keyword, an op or an attribute's name.
func (s *scanner) word() lexer.Token {
	rest := s.src[s.pos:]
	n := dottedLen(rest)
	if s.depth > 0 {
		return s.token(tokIdent, n)
	}
	s.inNode = false
	if !strings.HasPrefix(rest[n:], "::") {
		if number, ok := strings.CutPrefix(rest[:n], "block"); ok && number != "" && digitsLen(number) == len(number) {
			return s.token(tokBlock, n)
		}
		return s.token(tokIdent, n)
	}
	for strings.HasPrefix(rest[n:], "::") {
		m := dottedLen(rest[n+2:])
		if m == 0 {
			return s.bad(n+2, "got %q, expected an op such as aten::mul", rest[:n+2])
		}
		n += 2 + m
	}
	s.inNode = true
	return s.token(tokOp, n)
}

// pyOp reads ^name, with its scalars if the operands' parentheses follow them.
func (s *scanner) pyOp() lexer.Token {
	rest := s.src[s.pos:]
	n := 1 + dottedLen(rest[1:])
	if n == 1 {
		return s.bad(1, "^ without the name of a Python op behind it")
	}
	s.inNode = true
	if !strings.HasPrefix(rest[n:], "(") {
		return s.token(tokPyOp, n)
	}
	depth := 0
	for i := n; i < len(rest) && rest[i] != '\n'; i++ {
		switch rest[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth > 0 {
				continue
			}
			if strings.HasPrefix(rest[i+1:], "(") {
				n = i + 1
			}
			return s.token(tokPyOp, n)
		}
	}
	return s.bad(len(s.restOfLine()), "parentheses of %s are not closed on their line", rest[:n])
}

// scope reads ", scope: path", if that is what the comma begins.
func (s *scanner) scope() (lexer.Token, bool) {
	rest := strings.TrimLeft(s.src[s.pos+1:], " \t")
	if !s.inNode || !strings.HasPrefix(rest, "scope:") {
		return lexer.Token{}, false
	}
	line := s.restOfLine()
	n := len(line)
	if i := strings.Index(line, " # "); i >= 0 {
		n = i
	}
	t := s.token(tokScope, n)
	_, path, _ := strings.Cut(t.Value, "scope:")
	t.Value = strings.TrimSpace(path)
	return t, true
}

// str reads a string, leaving its escapes to the parser.
func (s *scanner) str() lexer.Token {
	rest := s.src[s.pos:]
	for i := 1; i < len(rest) && rest[i] != '\n'; i++ {
		switch rest[i] {
		case '\\':
			if strings.HasPrefix(rest[i+1:], "\n") {
				continue // the line ends all the same
			}
			i++
		case '"':
			return s.token(tokString, i+1)
		}
	}
	return s.bad(len(s.restOfLine()), "string is not closed on its line")
}

// number reads an integer, float or complex number.
func (s *scanner) number() lexer.Token {
	rest := s.src[s.pos:]
	n, kind := scanNumber(rest)
	if n > 0 {
		if tail := rest[n:]; tail != "" && (tail[0] == '+' || tail[0] == '-') {
			if m, _ := scanNumber(tail[1:]); m > 0 && tail[1] != '-' && strings.HasPrefix(tail[1+m:], "j") {
				n += 1 + m
			}
		}
		if strings.HasPrefix(rest[n:], "j") {
			n, kind = n+1, tokComplex
		}
	}
	if tail := wordLen(rest[n:]); n == 0 || tail > 0 {
		n = max(n+tail, 1)
		return s.bad(n, "malformed number %s", quoted(rest[:n]))
	}
	return s.token(kind, n)
}
