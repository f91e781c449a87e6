package ere

import (
	"fmt"
	"slices"
	"strings"
)

// op is the kind of a node.
type op int

const (
	opChar    op = iota // the byte char
	opSet               // one byte of set
	opBOL               // ^
	opEOL               // $
	opBOW               // [[:<:]]
	opEOW               // [[:>:]]
	opOpen              // start of a group
	opClose             // end of a group
	opAlt               // one of alts, the first that fits
	opPlus              // alts[0] once or more
	opBackref           // what group matched; alts[0] is the group's own expression
)

// A seq is a concatenation. Groups stand in it as opOpen and opClose around their
// contents: POSIX gives the leftmost parts their longest match without regard to
// how parentheses bracket them.
type seq []*node

type node struct {
	op      op
	char    byte
	set     *set
	group   int
	alts    []seq
	grouped bool // there are groups in alts
	// Where the node's steps are in the program, and those of alts end.
	start, end int
	ends       []int
}

// altStart is the first step of an alternative.
func (n *node) altStart(i int) int {
	switch {
	case i == len(n.alts)-1: // which no split precedes
		if i == 0 {
			return n.start
		}
		return n.ends[i-1] + 1
	case i == 0:
		return n.start + 1
	}
	return n.ends[i-1] + 2
}

// maxRepeat is POSIX's RE_DUP_MAX, the largest count in a{n}.
const maxRepeat = 255

// maxNodes bounds an expression after its counts are multiplied out.
const maxNodes = 1 << 17

// Flags change the meaning of an expression.
type Flags int

// FoldCase makes letters match in both cases.
const FoldCase Flags = 1

// An Error says why an expression is malformed.
type Error struct {
	Pattern string
	Reason  string
}

func (e *Error) Error() string { return fmt.Sprintf("invalid regex %q: %s", e.Pattern, e.Reason) }

type parser struct {
	pattern string
	pos     int
	fold    bool
	groups  int
	closed  map[int]seq // finished groups, for backreferences
	refs    bool
	copies  int // nodes that counts have added
}

// parse reads a whole expression. Malformed input panics with a string, which
// Compile turns into an Error.
func (p *parser) parse() seq {
	s := p.alternatives(false)
	if p.more() {
		panic("parentheses not balanced")
	}
	return s
}

func (p *parser) more() bool { return p.pos < len(p.pattern) }

func (p *parser) peek() byte {
	if p.more() {
		return p.pattern[p.pos]
	}
	return 0
}

func (p *parser) looking(at string) bool { return strings.HasPrefix(p.pattern[p.pos:], at) }

func (p *parser) eat(s string) bool {
	if !p.looking(s) {
		return false
	}
	p.pos += len(s)
	return true
}

// alternatives reads a|b|c up to the end or, in a group, up to its ')'.
func (p *parser) alternatives(inGroup bool) seq {
	var alts []seq
	for {
		var s seq
		for p.more() && p.peek() != '|' && !(inGroup && p.peek() == ')') {
			s = append(s, p.repeated()...)
			if len(s) > maxNodes {
				panic("too large")
			}
		}
		if len(s) == 0 { // a{0} is as empty as nothing
			panic("empty (sub)expression")
		}
		alts = append(alts, s)
		if !p.eat("|") {
			break
		}
	}
	if len(alts) == 1 {
		return alts[0]
	}
	return seq{choose(alts...)}
}

// repeated reads an atom and the one repetition that may follow it.
func (p *parser) repeated() seq {
	atom, repeatable := p.atom()
	if !p.atRepetition() {
		return atom
	}
	if !repeatable {
		panic("repetition-operator operand invalid")
	}
	switch p.pattern[p.pos] {
	case '*':
		p.pos++
		atom = seq{star(atom)}
	case '+':
		p.pos++
		atom = seq{plus(atom)}
	case '?':
		p.pos++
		atom = seq{maybe(atom)}
	case '{':
		p.pos++
		atom = p.counted(atom)
	}
	if p.atRepetition() {
		panic("repetition-operator operand invalid")
	}
	return atom
}

func (p *parser) atRepetition() bool {
	switch p.peek() {
	case '*', '+', '?':
		return true
	case '{': // a brace is an ordinary character unless a digit follows
		return p.pos+1 < len(p.pattern) && isDigit(p.pattern[p.pos+1])
	}
	return false
}

func plus(s seq) *node  { return &node{op: opPlus, alts: []seq{s}, grouped: grouped(s)} }
func star(s seq) *node  { return maybe(seq{plus(s)}) }
func maybe(s seq) *node { return choose(s, nil) }

func choose(alts ...seq) *node {
	return &node{op: opAlt, alts: alts, grouped: slices.ContainsFunc(alts, grouped)}
}

func grouped(s seq) bool {
	return slices.ContainsFunc(s, func(n *node) bool { return n.grouped || n.op == opOpen })
}

// counted reads n}, n,} or n,m} and multiplies s out.
func (p *parser) counted(s seq) seq {
	least := p.number()
	most, unbounded := least, false
	if p.eat(",") {
		if isDigit(p.peek()) {
			most = p.number()
			if most < least {
				panic("invalid repetition count(s)")
			}
		} else {
			unbounded = true
		}
	}
	if !p.eat("}") {
		if strings.IndexByte(p.pattern[p.pos:], '}') < 0 {
			panic("braces not balanced")
		}
		panic("invalid repetition count(s)")
	}
	if most == 0 && !unbounded {
		return nil
	}
	if least == 0 && unbounded {
		return seq{star(s)}
	}
	var out seq
	add := func(copied ...*node) {
		p.copies += size(copied)
		if p.copies > maxNodes {
			panic("too large")
		}
		out = append(out, copied...)
	}
	for range least - 1 {
		add(clone(s)...)
	}
	if unbounded {
		return append(out, plus(s))
	}
	for range most - max(least, 1) {
		add(maybe(clone(s)))
	}
	out = append(out, s...)
	if least == 0 {
		out = seq{maybe(out)}
	}
	return out
}

// clone copies s deeply, for a node is known by its address to stand in one place.
func clone(s seq) seq {
	out := make(seq, len(s))
	for i, n := range s {
		c := *n
		c.alts = make([]seq, len(n.alts))
		for j, alt := range n.alts {
			c.alts[j] = clone(alt)
		}
		out[i] = &c
	}
	return out
}

func size(s seq) int {
	n := len(s)
	for _, e := range s {
		for _, alt := range e.alts {
			n += size(alt)
		}
	}
	return n
}

func (p *parser) number() int {
	n, start := 0, p.pos
	for p.more() && isDigit(p.peek()) && n <= maxRepeat {
		n = n*10 + int(p.peek()-'0')
		p.pos++
	}
	if p.pos == start || n > maxRepeat {
		panic("invalid repetition count(s)")
	}
	return n
}

// atom reads one unit and says whether a repetition may follow it.
func (p *parser) atom() (s seq, repeatable bool) {
	c := p.pattern[p.pos]
	p.pos++
	switch c {
	case '(':
		return p.group(), true
	case ')':
		panic("parentheses not balanced")
	case '^':
		return seq{{op: opBOL}}, false
	case '$':
		return seq{{op: opEOL}}, true
	case '*', '+', '?':
		panic("repetition-operator operand invalid")
	case '{':
		if isDigit(p.peek()) {
			panic("repetition-operator operand invalid")
		}
	case '.':
		return seq{{op: opSet, set: &anyButNewline}}, true
	case '[':
		return seq{p.bracket()}, true
	case '\\':
		if !p.more() {
			panic("trailing backslash (\\)")
		}
		c = p.pattern[p.pos]
		p.pos++
		if c >= '1' && c <= '9' {
			return seq{p.backref(int(c - '0'))}, true
		}
	}
	return seq{p.ordinary(c)}, true
}

func (p *parser) group() seq {
	if !p.more() {
		panic("parentheses not balanced")
	}
	p.groups++
	g := p.groups
	var inner seq
	if p.peek() != ')' {
		inner = p.alternatives(true)
	}
	if !p.eat(")") {
		panic("parentheses not balanced")
	}
	p.closed[g] = inner
	s := seq{{op: opOpen, group: g}}
	s = append(s, inner...)
	return append(s, &node{op: opClose, group: g})
}

func (p *parser) backref(g int) *node {
	inner, ok := p.closed[g]
	if !ok {
		panic("invalid backreference number")
	}
	p.refs = true
	return &node{op: opBackref, group: g, alts: []seq{inner}}
}

func (p *parser) ordinary(c byte) *node {
	if p.fold && isAlpha(c) {
		s := new(set)
		s.add(c)
		s.addOtherCase()
		return &node{op: opSet, set: s}
	}
	return &node{op: opChar, char: c}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Quote returns an expression that matches exactly s.
func Quote(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(`()^$|*+?.[]\{}`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
