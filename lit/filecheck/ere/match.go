package ere

import (
	"slices"
	"strings"
)

// A Regexp is a compiled expression. It is not safe for concurrent use.
type Regexp struct {
	pattern string
	seq     seq
	program *program
	groups  int
	refs    *backtracker // nil without backreferences
	// first holds the bytes a match can start with; nil if it can be empty.
	first *set
	// required is a string in every match, "" if none is known.
	required string
	// oneLine tells that no match contains a newline.
	oneLine bool
}

// Compile parses an expression. The error is an *Error.
func Compile(pattern string, flags Flags) (re *Regexp, err error) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case string:
			re, err = nil, &Error{pattern, reason}
		default:
			panic(reason)
		}
	}()
	p := &parser{pattern: pattern, fold: flags&FoldCase != 0, closed: map[int]seq{}}
	s := p.parse()
	re = &Regexp{pattern: pattern, seq: s, groups: p.groups}
	if p.refs {
		re.refs = newBacktracker(s)
	}
	re.program = compile(s, false)
	re.prepare()
	return re, nil
}

// String returns the expression as it was given to Compile.
func (re *Regexp) String() string { return re.pattern }

// Groups is the number of parenthesised groups.
func (re *Regexp) Groups() int { return re.groups }

// Backreferences tells whether the expression refers to groups by number, which
// makes its meaning depend on the groups before it.
func (re *Regexp) Backreferences() bool { return re.refs != nil }

// prepare finds what lets a search skip most of a text.
func (re *Regexp) prepare() {
	re.oneLine = true
	for i := range re.program.steps {
		s := &re.program.steps[i]
		if s.op == stepChar && s.char == '\n' || s.op == stepSet && s.set.has('\n') {
			re.oneLine = false
		}
	}
	var run []byte
	keep := func() {
		if len(run) > len(re.required) {
			re.required = string(run)
		}
		run = run[:0]
	}
	for _, n := range re.seq {
		if n.op == opChar {
			run = append(run, n.char)
		} else if n.op == opSet || len(n.alts) > 0 {
			keep()
		}
	}
	keep()
	re.first = re.program.first()
}

// first is the set of bytes that a match can start with, assertions aside; nil if a
// match can be empty.
func (p *program) first() *set {
	s := new(set)
	seen := make([]bool, len(p.steps))
	stack := []int{0}
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := &p.steps[pc]; i.op {
		case stepChar:
			s.add(i.char)
		case stepSet:
			for w := range s {
				s[w] |= i.set[w]
			}
		case stepSplit:
			stack = append(stack, i.next, i.other)
		case stepAssert:
			stack = append(stack, i.next)
		case stepAccept:
			return nil
		}
	}
	return s
}

// Match returns the offsets of the leftmost longest match and of its groups, two
// for each; -1 for a group that took no part. It returns nil if there is no match.
func (re *Regexp) Match(text string) []int {
	for from := 0; from <= len(text); {
		last := len(text)
		if re.required != "" {
			i := strings.Index(text[from:], re.required)
			if i < 0 {
				return nil
			}
			if re.oneLine { // then a match lies in the line of the required string
				i += from
				from = max(from, strings.LastIndexByte(text[:i], '\n')+1)
				if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
					last = i + end
				}
			}
		}
		for ; from <= last; from++ {
			if re.first != nil && (from == len(text) || !re.first.has(text[from])) {
				continue
			}
			if loc := re.matchAt(text, from); loc != nil {
				return loc
			}
		}
	}
	return nil
}

func (re *Regexp) matchAt(text string, from int) []int {
	accept := len(re.program.steps) - 1
	if re.refs == nil {
		end := re.program.longest(0, accept, text, from, len(text))
		if end < 0 {
			return nil
		}
		loc := re.unset()
		loc[0], loc[1] = from, end
		if re.groups > 0 {
			re.program.locate(re.seq, accept, text, from, end, loc)
		}
		return loc
	}
	var ends []int
	re.program.ends(0, accept, text, from, len(text), func(end int) { ends = append(ends, end) })
	for _, end := range slices.Backward(ends) {
		if loc := re.unset(); re.refs.match(text, from, end, loc) {
			loc[0], loc[1] = from, end
			return loc
		}
	}
	return nil
}

func (re *Regexp) unset() []int {
	loc := make([]int, 2*(re.groups+1))
	for i := range loc {
		loc[i] = -1
	}
	return loc
}

// locate sets the groups of s, whose steps end before accept and which is known to
// match text[from:to]. From left to right each part takes as much as lets the parts
// after it match the rest.
func (p *program) locate(s seq, accept int, text string, from, to int, loc []int) {
	for _, n := range s {
		switch n.op {
		case opOpen:
			loc[2*n.group] = from
		case opClose:
			loc[2*n.group+1] = from
		case opChar, opSet:
			from++
		case opAlt, opPlus:
			end := to
			if n.end != accept {
				end = p.longestPart(n, accept, text, from, to)
			}
			p.locateIn(n, text, from, end, loc)
			from = end
		}
	}
}

// longestPart is the largest end of n after which the steps up to accept match the
// rest.
func (p *program) longestPart(n *node, accept int, text string, from, to int) int {
	var ends []int
	p.ends(n.start, n.end, text, from, to, func(end int) { ends = append(ends, end) })
	for _, end := range slices.Backward(ends) {
		if p.exactly(n.end, accept, text, end, to) {
			return end
		}
	}
	panic("ere: locating groups in a text that does not match") // locate's contract excludes it
}

// locateIn sets the groups inside n, which matches text[from:to].
func (p *program) locateIn(n *node, text string, from, to int, loc []int) {
	if !n.grouped {
		return
	}
	if n.op == opAlt {
		for i, alt := range n.alts {
			if p.exactly(n.altStart(i), n.ends[i], text, from, to) {
				p.locate(alt, n.ends[i], text, from, to, loc)
				return
			}
		}
		return
	}
	start, end := from, from // groups tell of the last repetition
	for {
		next := p.longest(n.start, n.ends[0], text, end, to)
		if next < 0 {
			break
		}
		start, end = end, next
		if start == end {
			break
		}
	}
	p.locate(n.alts[0], n.ends[0], text, start, end, loc)
}
