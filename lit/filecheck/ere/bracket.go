package ere

import "strings"

// classes are the named sets of a bracket expression, in the C locale.
var classes = map[string]func(c byte) bool{
	"alnum":  func(c byte) bool { return isAlpha(c) || isDigit(c) },
	"alpha":  isAlpha,
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"cntrl":  func(c byte) bool { return c < ' ' || c == 0x7f },
	"digit":  isDigit,
	"graph":  func(c byte) bool { return c > ' ' && c < 0x7f },
	"lower":  isLower,
	"print":  func(c byte) bool { return c >= ' ' && c < 0x7f },
	"punct":  func(c byte) bool { return c > ' ' && c < 0x7f && !isAlpha(c) && !isDigit(c) },
	"space":  func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' },
	"upper":  isUpper,
	"xdigit": func(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' },
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isAlpha(c byte) bool { return isLower(c) || isUpper(c) }

// bracket reads what follows '['.
func (p *parser) bracket() *node {
	switch {
	case p.eat("[:<:]]"):
		return &node{op: opBOW}
	case p.eat("[:>:]]"):
		return &node{op: opEOW}
	}
	s := new(set)
	negated := p.eat("^")
	if p.eat("]") {
		s.add(']')
	} else if p.eat("-") {
		s.add('-')
	}
	for p.more() && p.peek() != ']' && !p.looking("-]") {
		p.bracketTerm(s)
	}
	if p.eat("-") {
		s.add('-')
	}
	if !p.eat("]") {
		panic("brackets ([ ]) not balanced")
	}
	if p.fold {
		s.addOtherCase()
	}
	if negated {
		for w := range s {
			s[w] = ^s[w]
		}
		s.remove('\n')
	}
	return &node{op: opSet, set: s}
}

// bracketTerm reads a class, a character or a range into s.
func (p *parser) bracketTerm(s *set) {
	switch {
	case p.peek() == '-':
		panic("invalid character range")
	case p.eat("[:"):
		in, ok := classes[p.named(":]", "invalid character class")]
		if !ok {
			panic("invalid character class")
		}
		for c := range 256 {
			if in(byte(c)) {
				s.add(byte(c))
			}
		}
		return
	case p.eat("[="):
		s.add(p.collating("=]"))
		return
	}
	first := p.bracketChar()
	last := first
	if p.peek() == '-' && p.pos+1 < len(p.pattern) && p.pattern[p.pos+1] != ']' {
		p.pos++
		last = p.bracketChar()
	}
	if first > last {
		panic("invalid character range")
	}
	for c := int(first); c <= int(last); c++ {
		s.add(byte(c))
	}
}

func (p *parser) bracketChar() byte {
	if !p.more() {
		panic("brackets ([ ]) not balanced")
	}
	if p.eat("[.") {
		return p.collating(".]")
	}
	c := p.pattern[p.pos]
	p.pos++
	return c
}

// collating reads a collating element. Only single characters are known by name.
func (p *parser) collating(end string) byte {
	name := p.named(end, "invalid collating element")
	if len(name) != 1 {
		panic("invalid collating element")
	}
	return name[0]
}

func (p *parser) named(end, reason string) string {
	name, _, ok := strings.Cut(p.pattern[p.pos:], end)
	if !ok {
		panic(reason)
	}
	p.pos += len(name) + len(end)
	return name
}

// A set is a set of bytes, one bit each.
type set [4]uint64

func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }
func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) remove(c byte)   { s[c>>6] &^= 1 << (c & 63) }

func (s *set) addOtherCase() {
	for c := byte('a'); c <= 'z'; c++ {
		if upper := c - 'a' + 'A'; s.has(c) || s.has(upper) {
			s.add(c)
			s.add(upper)
		}
	}
}

var anyButNewline = func() (s set) {
	for w := range s {
		s[w] = ^uint64(0)
	}
	s.remove('\n')
	return s
}()
