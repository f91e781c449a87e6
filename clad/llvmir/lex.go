package llvmir

// kind is what a token is.
type kind byte

const (
	word    kind = iota // define, i32, fadd, nnan
	local               // %x, with text "x"
	global              // @f, with text "f"
	meta                // !12, !dbg, !DILocation: text without the mark
	group               // #0, #dbg_value: text without the mark
	comdat              // $x
	number              // 12, -1, 1.0e+00, 0x3FF0, u0x1
	quoted              // "text", text without quotes
	punct               // one character, or ...
	garbage             // what no token starts with
)

// token is a piece of a line.
type token struct {
	kind kind
	text string
	// at and end are its place in the line.
	at, end int
}

func (t token) is(p string) bool { return t.kind == punct && t.text == p }

func (t token) isWord(w string) bool { return t.kind == word && t.text == w }

func labelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '$' || c == '.' || c == '_'
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// lex cuts a line into tokens, appended to out. A comment ends it.
func lex(out []token, line string) []token {
	for i := 0; i < len(line); {
		c := line[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\r':
			i++
			continue
		case c == ';':
			return out
		case c == '"':
			i = stringEnd(line, i)
			out = append(out, token{quoted, unquoted(line[start:i]), start, i})
		case c == 'c' && i+1 < len(line) && line[i+1] == '"':
			i = stringEnd(line, i+1)
			out = append(out, token{quoted, unquoted(line[start+1 : i]), start, i})
		case c == '%' || c == '@' || c == '$' || c == '!' || c == '#' || c == '^':
			var text string
			text, i = marked(line, i+1)
			k := map[byte]kind{'%': local, '@': global, '$': comdat, '!': meta, '#': group, '^': meta}[c]
			if text == "" && c != '!' {
				k = garbage
			} else if text == "" {
				k, text = punct, "!" // !{ and !"text"
			}
			out = append(out, token{k, text, start, i})
		case digit(c) || (c == '-' || c == '+') && i+1 < len(line) && digit(line[i+1]):
			i++
			for i < len(line) && (labelByte(line[i]) || line[i] == '+' && (line[i-1] == 'e' || line[i-1] == 'E')) {
				i++
			}
			out = append(out, token{number, line[start:i], start, i})
		case labelByte(c):
			if line[i] == '.' && i+2 < len(line) && line[i+1] == '.' && line[i+2] == '.' {
				i += 3
				out = append(out, token{punct, "...", start, i})
				continue
			}
			for i < len(line) && labelByte(line[i]) {
				i++
			}
			k := word
			if text := line[start:i]; len(text) > 3 && (text[0] == 'u' || text[0] == 's') && text[1:3] == "0x" {
				k = number
			}
			out = append(out, token{k, line[start:i], start, i})
		case c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' || c == '<' || c == '>' || c == ',' || c == '=' || c == '*' || c == ':' || c == '|':
			i++
			out = append(out, token{punct, line[start:i], start, i})
		default:
			i++
			out = append(out, token{garbage, line[start:i], start, i})
		}
	}
	return out
}

// marked is the name after a mark such as % or @, quoted or not.
func marked(line string, i int) (name string, end int) {
	if i < len(line) && line[i] == '"' {
		if i > 0 && line[i-1] == '!' {
			return "", i // !"text" is a string of metadata
		}
		end = stringEnd(line, i)
		return unquoted(line[i:end]), end
	}
	for end = i; end < len(line) && (labelByte(line[end]) || line[end] == '\\'); end++ {
	}
	return line[i:end], end
}

// stringEnd is the place after the string that starts at i.
func stringEnd(line string, i int) int {
	for i++; i < len(line); i++ {
		if line[i] == '"' {
			return i + 1
		}
	}
	return len(line)
}

func unquoted(s string) string {
	s = s[1:]
	if n := len(s); n > 0 && s[n-1] == '"' {
		s = s[:n-1]
	}
	return s
}
