package filecheck

import (
	"math/big"
	"strings"
)

// A numericBlock is the inside of [[#...]], or of a [[@LINE...]] of old.
type numericBlock struct {
	form     format
	expr     expression       // nil if any number matches
	variable *numericVariable // defined by the block, or nil
}

// numericParser reads one block. Errors panic through fail.
type numericParser struct {
	*patternParser
	text   string
	pos    int
	offset int  // of text in the pattern
	legacy bool // [[@LINE...]]: a literal may follow, in decimal, and nothing else
}

func (p *numericParser) fail(format string, args ...any) {
	p.patternParser.fail(p.offset+p.pos, format, args...)
}

func (p *numericParser) skipSpace() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

func (p *numericParser) eat(s string) bool {
	if !strings.HasPrefix(p.text[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *numericParser) atEnd() bool { return p.pos == len(p.text) }

// parse reads %FORMAT, NAME: == EXPRESSION, all of it optional.
func (p *numericParser) parse() numericBlock {
	var b numericBlock
	explicit := p.parseFormat()
	definition, defined := "", false
	definedAt := p.pos
	if i := strings.IndexByte(p.text[p.pos:], ':'); i >= 0 {
		definition, defined = p.text[p.pos:p.pos+i], true
		p.pos += i + 1
	}
	p.text = strings.TrimRight(p.text, " \t")
	p.pos = min(p.pos, len(p.text))
	p.skipSpace()
	constrained := p.eat("==")
	p.skipSpace()
	if p.atEnd() && constrained {
		p.fail("empty numeric expression should not have a constraint")
	}
	if !p.atEnd() {
		b.expr = p.expression(constrained, false)
	}
	b.form = explicit
	if b.form.verb == 0 && b.expr != nil {
		implicit, err := b.expr.format()
		if err != nil {
			p.fail("%v", err)
		}
		b.form = implicit
	}
	if b.form.verb == 0 {
		b.form = format{verb: 'u', precision: explicit.precision}
	}
	if defined {
		p.pos = definedAt
		b.variable = p.define(definition, b.form)
	}
	return b
}

// parseFormat reads a format and its comma. A comma inside a call is not one.
func (p *numericParser) parseFormat() format {
	comma := strings.IndexByte(p.text, ',')
	if call := strings.IndexByte(p.text, '('); comma < 0 || call >= 0 && call < comma {
		return format{}
	}
	spec := strings.Trim(p.text[:comma], " \t")
	var f format
	rest, ok := strings.CutPrefix(spec, "%")
	if !ok {
		p.fail("invalid format %q: want %%u, %%d, %%x or %%X", spec)
	}
	rest, f.prefixed = strings.CutPrefix(rest, "#")
	if digits, precise := strings.CutPrefix(rest, "."); precise {
		rest = strings.TrimLeft(digits, "0123456789")
		digits = digits[:len(digits)-len(rest)]
		if digits == "" || len(digits) > 3 {
			p.fail("invalid precision in format %q: want digits", spec)
		}
		for _, c := range digits {
			f.precision = f.precision*10 + int(c-'0')
		}
	}
	if rest != "" {
		f.verb, rest = rest[0], rest[1:]
	}
	switch {
	case f.verb != 0 && !strings.ContainsRune("udxX", rune(f.verb)), rest != "":
		p.fail("invalid format %q: want %%u, %%d, %%x or %%X", spec)
	case f.prefixed && !f.hex():
		p.fail("invalid format %q: # is for %%x and %%X", spec)
	}
	p.pos = comma + 1
	return f
}

// define enters the variable of NAME: into the check file's variables.
func (p *numericParser) define(definition string, form format) *numericVariable {
	trimmed := strings.TrimLeft(definition, " \t")
	p.pos += len(definition) - len(trimmed)
	name, length, reason := variableName(trimmed)
	switch {
	case reason != "":
		p.fail("%s", reason)
	case name[0] == '@':
		p.fail("definition of pseudo numeric variable %s", name)
	case strings.Trim(trimmed[length:], " \t") != "":
		p.fail("unexpected characters after numeric variable name: %q", trimmed[length:])
	case p.scope.strings[name]:
		p.fail("string variable with name %q already exists", name)
	}
	v := p.scope.numerics[name]
	switch {
	case v == nil:
		v = &numericVariable{name: name, form: form, line: p.line}
		p.scope.numerics[name] = v
	case v.form != form:
		p.fail("format of %s differs from its previous definition: got %s, want %s", name, form, v.form)
	}
	return v
}

// expression reads operands joined by + and -, up to the end or, nested, up to a
// closing parenthesis or comma.
func (p *numericParser) expression(constrained, nested bool) expression {
	left := p.operand(true, !constrained)
	for {
		p.skipSpace()
		if p.atEnd() || nested && (p.text[p.pos] == ')' || p.text[p.pos] == ',') {
			return left
		}
		op := operation{left: left}
		switch p.text[p.pos] {
		case '+':
			op.name = "add"
		case '-':
			op.name = "sub"
		default:
			p.fail("unsupported operation %q", p.text[p.pos])
		}
		p.pos++
		p.skipSpace()
		if p.atEnd() {
			p.fail("missing operand in expression")
		}
		op.right = p.operand(false, false)
		if p.legacy && !p.atEnd() {
			p.fail("unexpected characters at end of expression %q", p.text[p.pos:])
		}
		left = op
	}
}

func (p *numericParser) operand(first, maybeConstraint bool) expression {
	if !p.legacy && p.eat("(") {
		p.skipSpace()
		if p.atEnd() {
			p.fail("missing operand in expression")
		}
		e := p.expression(true, true)
		if !p.eat(")") {
			p.fail("missing ')' at end of nested expression")
		}
		return e
	}
	if !p.legacy || first {
		name, length, reason := variableName(p.text[p.pos:])
		if reason == "" {
			p.pos += length
			return p.useOrCall(name)
		}
		if p.legacy {
			p.fail("%s", reason)
		}
	}
	return p.literal(maybeConstraint)
}

func (p *numericParser) useOrCall(name string) expression {
	start := p.pos
	p.skipSpace()
	if p.eat("(") {
		return p.call(name)
	}
	p.pos = start
	if name[0] == '@' && name != lineVariable {
		p.fail("invalid pseudo numeric variable %q: want %s", name, lineVariable)
	}
	v := p.scope.numerics[name]
	if v == nil { // it may be undefined for good, which is an error when it matters
		v = &numericVariable{name: name, form: format{verb: 'u'}}
		p.scope.numerics[name] = v
	}
	if v.line != 0 && v.line == p.line {
		p.fail("numeric variable %q defined earlier in the same directive", name)
	}
	return v
}

func (p *numericParser) call(name string) expression {
	if p.legacy {
		p.fail("unexpected function call")
	}
	if operations[name] == nil {
		p.fail("call to undefined function %q: want add, sub, mul, div, min or max", name)
	}
	var args []expression
	p.skipSpace()
	for !p.eat(")") {
		if p.atEnd() {
			p.fail("missing ')' at end of call of %s", name)
		}
		if p.text[p.pos] == ',' {
			p.fail("missing argument of %s", name)
		}
		args = append(args, p.expression(true, true))
		if p.eat(",") {
			p.skipSpace()
			if strings.HasPrefix(p.text[p.pos:], ")") {
				p.fail("missing argument of %s", name)
			}
		}
	}
	if len(args) != 2 {
		p.fail("%s takes 2 arguments, got %d", name, len(args))
	}
	return operation{name, args[0], args[1]}
}

// literal reads an integer: decimal or, not in a [[@LINE]], with 0x, 0b, 0o or 0 before it.
func (p *numericParser) literal(maybeConstraint bool) expression {
	rest := p.text[p.pos:]
	negative := !p.legacy && strings.HasPrefix(rest, "-")
	digits := strings.TrimPrefix(rest, "-")
	if !negative {
		digits = rest
	}
	base := 10
	if !p.legacy {
		base, digits = radix(digits)
	}
	n := 0
	for n < len(digits) && digitValue(digits[n]) < base {
		n++
	}
	value, ok := new(big.Int).SetString(digits[:n], base)
	if ok && negative {
		value.Neg(value)
	}
	if !ok || checkRange(value, 0) != nil {
		what := "operand"
		if maybeConstraint {
			what = "matching constraint or operand"
		}
		p.fail("invalid %s: got %q, want a variable, a call or a 64-bit integer", what, rest)
	}
	text := rest[:len(rest)-len(digits)+n]
	p.pos += len(text)
	return number{text, value}
}

func radix(digits string) (base int, rest string) {
	if len(digits) < 2 || digits[0] != '0' {
		return 10, digits
	}
	switch digits[1] {
	case 'x', 'X':
		return 16, digits[2:]
	case 'b', 'B':
		return 2, digits[2:]
	case 'o':
		return 8, digits[2:]
	}
	if digitValue(digits[1]) < 10 {
		return 8, digits[1:]
	}
	return 10, digits
}

func digitValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 99
}
