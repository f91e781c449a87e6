package filecheck

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/lit/filecheck/ere"
)

// scope holds the variables that the directives read so far have defined, to tell
// string from numeric variables. Values are known only in matching.
type scope struct {
	strings  map[string]bool
	numerics map[string]*numericVariable
}

// patternParser reads the text after a directive's colon.
type patternParser struct {
	text   string
	pos    int
	line   int
	opts   *Options
	scope  *scope
	out    *pattern
	groups int            // groups opened so far in the whole pattern
	own    map[string]int // string variables that this pattern defines, by group
	refs   bool           // a regex refers to groups by number
}

// A patternError is raised by fail and caught by parsePattern.
type patternError struct {
	offset int
	text   string
}

func (p *patternParser) fail(offset int, format string, args ...any) {
	panic(patternError{offset, fmt.Sprintf(format, args...)})
}

// parse fills in p.out from the text. What it raises, it raises as a patternError.
func (p *patternParser) parse() {
	out := p.out
	if !p.opts.StrictWhitespace || !p.opts.MatchFullLines {
		p.text = strings.TrimRight(p.text, " \t")
	}
	switch {
	case out.kind == empty && p.text != "":
		p.fail(0, "found non-empty check string for empty check with prefix '%s:'", out.prefix)
	case out.kind == empty:
		return
	case p.text == "":
		p.fail(0, "found empty check string with prefix '%s:'", out.prefix)
	}
	if p.opts.IgnoreCase {
		out.flags = ere.FoldCase
	}
	wholeLine := p.opts.MatchFullLines && out.kind != not && !out.literal
	if wholeLine {
		p.regex("^" + p.margin())
	}
	if out.literal {
		p.literal(p.text)
		p.pos = len(p.text)
	}
	for p.pos < len(p.text) {
		switch rest := p.text[p.pos:]; {
		case strings.HasPrefix(rest, "{{"):
			p.parseRegex()
		case strings.HasPrefix(rest, "[["):
			p.parseBlock()
		default:
			end := len(rest)
			for _, special := range []string{"{{", "[["} {
				if i := strings.Index(rest[1:], special); i >= 0 {
					end = min(end, i+1)
				}
			}
			p.literal(rest[:end])
			p.pos += end
		}
	}
	if wholeLine {
		p.regex(p.margin() + "$")
	}
	out.fixed = out.flags == 0
	for _, e := range out.pieces {
		out.fixed = out.fixed && (e.literal || e.use != nil)
	}
	out.merge()
	if err := out.compile(p.refs); err != nil {
		p.fail(0, "%v", err)
	}
}

// merge joins adjacent pieces of regex, or all of a pattern without uses.
func (p *pattern) merge() {
	if p.fixed {
		return
	}
	var merged []piece
	for _, e := range p.pieces {
		if e.literal {
			e = piece{text: ere.Quote(e.text)}
		}
		if last := len(merged) - 1; e.use == nil && last >= 0 && merged[last].use == nil {
			merged[last].text += e.text
			continue
		}
		merged = append(merged, e)
	}
	p.pieces = merged
}

// margin is what may stand between a pattern and its line's ends.
func (p *patternParser) margin() string {
	if p.opts.StrictWhitespace {
		return ""
	}
	return " *"
}

func (p *patternParser) regex(text string) {
	p.out.pieces = append(p.out.pieces, piece{text: text})
}

func (p *patternParser) literal(text string) {
	p.out.pieces = append(p.out.pieces, piece{text: text, literal: true})
}

// parseRegex reads {{...}}. Parentheses keep its alternatives apart from the rest.
func (p *patternParser) parseRegex() {
	inside, _, closed := strings.Cut(p.text[p.pos+2:], "}}")
	if !closed {
		p.fail(p.pos, "found start of regex string with no end '}}'")
	}
	p.groups++
	p.regex("(")
	p.addRegex(inside, p.pos+2)
	p.regex(")")
	p.pos += len("{{}}") + len(inside)
}

// addRegex adds a regex that must be well-formed by itself.
func (p *patternParser) addRegex(text string, offset int) {
	re, err := ere.Compile(text, p.out.flags)
	if err != nil {
		p.fail(offset, "%v", err)
	}
	p.groups += re.Groups()
	p.refs = p.refs || re.Backreferences()
	p.regex(text)
}

// parseBlock reads [[...]].
func (p *patternParser) parseBlock() {
	start := p.pos
	inside := p.text[start+2:]
	length := p.blockLength(inside, start+2)
	inside = inside[:length]
	p.pos += len("[[]]") + length
	if numeric, ok := strings.CutPrefix(inside, "#"); ok {
		p.numericBlock(numeric, start+3, false)
		return
	}
	name, rest, definition := strings.Cut(inside, ":")
	if i := strings.IndexAny(name, " \t"); i >= 0 {
		p.fail(start+2+i, "unexpected whitespace")
	}
	valid, n, reason := variableName(name)
	pseudo := strings.HasPrefix(name, "@")
	switch {
	case reason != "":
		p.fail(start+2, "%s", reason)
	case definition && (pseudo || n != len(name)):
		p.fail(start+2, "invalid name in string variable definition: %q", name)
	case pseudo:
		p.numericBlock(inside, start+2, true)
	case n != len(name):
		p.fail(start+2, "invalid name in string variable use: %q", name)
	case definition:
		p.defineString(valid, rest, start+2)
	default:
		p.useString(valid)
	}
}

// blockLength finds the ]] that ends a block; brackets inside it nest.
func (p *patternParser) blockLength(text string, offset int) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case depth == 0 && strings.HasPrefix(text[i:], "]]"):
			return i
		case text[i] == '\\':
			i++
		case text[i] == '[':
			depth++
		case text[i] == ']':
			if depth == 0 {
				p.fail(offset+i, `missing closing "]" for regex variable`)
			}
			depth--
		}
	}
	p.fail(offset-2, "invalid substitution block, no ]] found")
	return 0
}

func (p *patternParser) defineString(name, regex string, offset int) {
	if p.scope.numerics[name] != nil {
		p.fail(offset, "numeric variable with name %q already exists", name)
	}
	p.groups++
	p.scope.strings[name] = true
	p.own[name] = p.groups
	p.out.strings = append(p.out.strings, stringDef{name, p.groups})
	p.regex("(")
	if regex != "" {
		p.addRegex(regex, offset+len(name)+1)
	}
	p.regex(")")
}

// useString uses a variable's value, or what its group has matched if the same
// pattern defines it.
func (p *patternParser) useString(name string) {
	group, own := p.own[name]
	switch {
	case own && group > 9:
		p.fail(p.pos, "cannot refer back to %q: it is group %d of the pattern, and only 9 can be referred to", name, group)
	case own:
		p.regex(fmt.Sprintf(`\%d`, group))
	default:
		p.out.pieces = append(p.out.pieces, piece{use: &use{text: name, name: name}})
	}
}

func (p *patternParser) numericBlock(inside string, offset int, legacy bool) {
	np := &numericParser{patternParser: p, text: inside, offset: offset, legacy: legacy}
	block := np.parse()
	if block.variable != nil {
		p.groups++
		p.out.numbers = append(p.out.numbers, numberDef{block.variable.name, block.form, p.groups})
		p.regex("(")
	}
	if block.expr != nil {
		text := strings.TrimSpace(inside)
		p.out.pieces = append(p.out.pieces, piece{use: &use{text: text, expr: block.expr, form: block.form}})
	} else {
		p.addRegex(block.form.regex(), offset)
	}
	if block.variable != nil {
		p.regex(")")
	}
}

// variableName reads a name at the start of text: letters, digits and underscores,
// after a $ for a global or an @ for a pseudo variable. The reason says why there is
// none.
func variableName(text string) (name string, length int, reason string) {
	start := 0
	if text != "" && (text[0] == '$' || text[0] == '@') {
		start = 1
	}
	if start == len(text) {
		return "", 0, "empty variable name"
	}
	n := start
	for n < len(text) && text[n] != '-' && inWord(text[n]) && (n > start || digitValue(text[n]) >= 10) {
		n++
	}
	if n == start {
		return "", 0, fmt.Sprintf("invalid variable name: got %q, want letters, digits and underscores", text)
	}
	return text[:n], n, ""
}
