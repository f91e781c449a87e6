package ere

import (
	"slices"
	"strings"
)

// A Regexp is a compiled expression. It is not safe for concurrent use.
type Regexp struct {
	pattern string
	seq     seq
	whole   *machine
	located map[*node]*nodeMachines // made when groups are first located
	groups  int
	refs    *backtracker // nil without backreferences
	// first holds the bytes a match can start with; nil if it can be empty.
	first *set
	// required is a string in every match, "" if none is known.
	required string
	// oneLine tells that no match contains a newline.
	oneLine bool
}

// nodeMachines match a node of variable length, what follows it in its seq, and its
// parts.
type nodeMachines struct {
	node, rest *machine
	alts       []*machine
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
	re = &Regexp{
		pattern: pattern, seq: s, whole: newMachine(s), groups: p.groups,
		located: map[*node]*nodeMachines{},
	}
	if p.refs {
		re.refs = newBacktracker(s)
	}
	re.prepare()
	return re, nil
}

// String returns the expression as it was given to Compile.
func (re *Regexp) String() string { return re.pattern }

// Groups is the number of parenthesised groups.
func (re *Regexp) Groups() int { return re.groups }

// prepare finds what lets a search skip most of a text.
func (re *Regexp) prepare() {
	re.oneLine = true
	for _, i := range re.whole.prog {
		if i.op == instSet && i.set['\n'] {
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
		if c, single := n.single(); single {
			run = append(run, c)
		} else if n.op == opSet || len(n.alts) > 0 {
			keep()
		}
	}
	keep()

	m := re.whole
	start := make([]bool, m.classes) // by class of the first byte
	byClass := make([]int, m.classes+1)
	byClass[m.classes] = -1
	for b, c := range m.class {
		byClass[c] = b
	}
	for c := range contexts {
		for class, next := range byClass {
			e := m.step(&state{steps: []int{0}, context: c}, next)
			if e.accept {
				return
			}
			if next >= 0 && e.to != nil {
				start[class] = true
			}
		}
	}
	re.first = new(set)
	for b, c := range m.class {
		re.first[b] = start[c]
	}
}

// single returns the one byte that n matches.
func (n *node) single() (c byte, ok bool) {
	if n.op != opSet {
		return 0, false
	}
	count := 0
	for i, in := range n.set {
		if in {
			c = byte(i)
			count++
		}
	}
	return c, count == 1
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
			if re.first != nil && (from == len(text) || !re.first[text[from]]) {
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
	if re.refs == nil {
		end := re.whole.longest(text, from, len(text))
		if end < 0 {
			return nil
		}
		loc := re.unset()
		loc[0], loc[1] = from, end
		if re.groups > 0 {
			re.locate(re.seq, text, from, end, loc)
		}
		return loc
	}
	var ends []int
	re.whole.ends(text, from, len(text), func(end int) { ends = append(ends, end) })
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

// locate sets the groups of s, which is known to match text[from:to]. From left to
// right each part takes as much as lets the parts after it match the rest.
func (re *Regexp) locate(s seq, text string, from, to int, loc []int) {
	for i, n := range s {
		end := from
		switch n.op {
		case opOpen:
			loc[2*n.group] = from
			continue
		case opClose:
			loc[2*n.group+1] = from
			continue
		case opSet:
			end = from + 1
		case opBOL, opEOL, opBOW, opEOW:
			continue
		default:
			m := re.machinesOf(n, s[i+1:])
			end = m.longestPart(text, from, to)
			re.locateIn(n, m, text, from, end, loc)
		}
		from = end
	}
}

func (re *Regexp) machinesOf(n *node, rest seq) *nodeMachines {
	m := re.located[n]
	if m == nil {
		m = &nodeMachines{node: newMachine(seq{n}), rest: newMachine(rest)}
		for _, alt := range n.alts {
			m.alts = append(m.alts, newMachine(alt))
		}
		re.located[n] = m
	}
	return m
}

// longestPart is the largest end of the node after which the rest matches up to to.
func (m *nodeMachines) longestPart(text string, from, to int) int {
	var ends []int
	m.node.ends(text, from, to, func(end int) { ends = append(ends, end) })
	for _, end := range slices.Backward(ends) {
		if m.rest.exactly(text, end, to) {
			return end
		}
	}
	panic("locating groups in a text that does not match") // locate's contract excludes it
}

// locateIn sets the groups inside n, which matches text[from:to].
func (re *Regexp) locateIn(n *node, m *nodeMachines, text string, from, to int, loc []int) {
	switch n.op {
	case opAlt:
		for i, alt := range m.alts {
			if alt.exactly(text, from, to) {
				re.locate(n.alts[i], text, from, to, loc)
				return
			}
		}
	case opPlus: // groups tell of the last repetition
		start, end := from, from
		for {
			next := m.alts[0].longest(text, end, to)
			if next < 0 {
				break
			}
			start, end = end, next
			if start == end {
				break
			}
		}
		re.locate(n.alts[0], text, start, end, loc)
	}
}
