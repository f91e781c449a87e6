package torchscript

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// The functions here measure what stands at the start of a text.

// scanNumber is the length of the integer or float at the start of s, 0 if
// there is none.
func scanNumber(s string) (int, lexer.TokenType) {
	n := 0
	if strings.HasPrefix(s, "-") {
		n++
	}
	if strings.HasPrefix(s[n:], "inf") || strings.HasPrefix(s[n:], "nan") {
		if m := wordLen(s[n:]); m == 3 || m == 4 && s[n+3] == 'j' {
			return n + 3, tokFloat
		}
	}
	digits := digitsLen(s[n:])
	if digits == 0 {
		return 0, tokBad
	}
	n += digits
	kind := tokInt
	if strings.HasPrefix(s[n:], ".") {
		n += 1 + digitsLen(s[n+1:])
		kind = tokFloat
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		sign := 0
		if n+1 < len(s) && (s[n+1] == '+' || s[n+1] == '-') {
			sign = 1
		}
		if d := digitsLen(s[n+1+sign:]); d > 0 {
			return n + 1 + sign + d, tokFloat
		}
	}
	return n, kind
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
func isVar(c byte) bool    { return isWord(c) || c == '.' || c == '/' || c == ':' }

// digitsLen, wordLen and dottedLen are the lengths of the digits, word and
// dotted name at the start of s.
func digitsLen(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func wordLen(s string) int {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

func dottedLen(s string) int {
	n := 0
	for n < len(s) && (isWord(s[n]) || s[n] == '.') {
		n++
	}
	return n
}

// quoted shows the start of a text in a message.
func quoted(s string) string {
	if len(s) > 20 {
		s = s[:20] + "..."
	}
	return fmt.Sprintf("%q", s)
}

// bracketed is the length of the bracketed text at the start of s, 0 if it does
// not close before something that no type holds.
func bracketed(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '[', '<':
			depth++
		case ')', ']', '>':
			if depth--; depth == 0 {
				return i + 1
			}
		case '%', '"', '#', '{', '}', '\n':
			return 0
		}
	}
	return 0
}
