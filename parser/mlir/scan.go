package mlir

import (
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// scanner walks over the text byte by byte; it makes no tokens.
type scanner struct {
	file      string
	src       string
	pos       int
	line      int // of pos, from 1
	lineStart int
}

// space passes white space and comments.
func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\n':
			s.pos++
			s.line++
			s.lineStart = s.pos
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case c == '/' && s.pos+1 < len(s.src) && s.src[s.pos+1] == '/':
			if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
				s.pos += i
			} else {
				s.pos = len(s.src)
			}
		default:
			return
		}
	}
}

// here is the position of the next token.
func (s *scanner) here() diag.Pos {
	s.space()
	return diag.Pos{File: s.file, Line: s.line, Col: s.pos - s.lineStart + 1}
}

// peek is the next byte that is not space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// accept passes tok if it is next.
func (s *scanner) accept(tok string) bool {
	s.space()
	if !strings.HasPrefix(s.src[s.pos:], tok) {
		return false
	}
	// ":" is not the start of "::", "-" not that of "->".
	if tok == ":" && strings.HasPrefix(s.src[s.pos:], "::") {
		return false
	}
	s.pos += len(tok)
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// word reads a bare identifier, "" if none is next.
func (s *scanner) word() string {
	s.space()
	start := s.pos
	if s.pos >= len(s.src) || !isLetter(s.src[s.pos]) {
		return ""
	}
	for s.pos < len(s.src) {
		if c := s.src[s.pos]; !isLetter(c) && !isDigit(c) && c != '$' && c != '.' {
			break
		}
		s.pos++
	}
	return s.src[start:s.pos]
}

// suffix reads the name after %, @, ^, # or !: letters, digits and $ . _ -.
func (s *scanner) suffix() string {
	start := s.pos
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if !isLetter(c) && !isDigit(c) && c != '$' && c != '.' && c != '-' {
			break
		}
		if c == '-' && s.pos+1 < len(s.src) && s.src[s.pos+1] == '>' {
			break
		}
		s.pos++
	}
	return s.src[start:s.pos]
}

// quoted reads a string literal; the opening quote is next.
func (s *scanner) quoted() (string, string) {
	start := s.pos
	s.pos++
	plain := true
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case '"':
			text := s.src[start+1 : s.pos]
			s.pos++
			if plain {
				return text, ""
			}
			return unescape(text)
		case '\n':
			return "", "a string does not end on its line"
		case '\\':
			plain = false
			s.pos++
		}
		s.pos++
	}
	s.pos = len(s.src)
	return "", "a string does not end"
}

func unescape(text string) (string, string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch {
		case i >= len(text):
			return "", "a string ends in a backslash"
		case text[i] == '"' || text[i] == '\\':
			b.WriteByte(text[i])
		case text[i] == 'n':
			b.WriteByte('\n')
		case text[i] == 't':
			b.WriteByte('\t')
		case i+1 < len(text) && hexDigit(text[i]) >= 0 && hexDigit(text[i+1]) >= 0:
			b.WriteByte(byte(hexDigit(text[i])<<4 | hexDigit(text[i+1])))
			i++
		default:
			return "", "unknown escape \\" + text[i:i+1] + ", expected \\\\, \\\", \\n, \\t or two hexadecimal digits"
		}
	}
	return b.String(), ""
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// balanced passes text up to and including the bracket that closes the one at pos,
// strings and arrows respected; false if there is none.
func (s *scanner) balanced() bool {
	depth := 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case '<', '(', '[', '{':
			depth++
		case '>', ')', ']', '}':
			if c == '>' && s.src[s.pos-1] == '-' {
				break
			}
			depth--
			if depth == 0 {
				s.pos++
				return true
			}
		case '"':
			if _, problem := s.quoted(); problem != "" {
				return false
			}
			continue
		case '\n':
			s.line++
			s.lineStart = s.pos + 1
		}
		s.pos++
	}
	return false
}
