package ere

// A program is an expression as steps of a nondeterministic automaton. Every node
// and every seq of the expression has its steps in one range, so that a part is
// matched by starting at its first step and accepting at the step after its last.
type program struct {
	steps  []step
	groups bool // with steps for groups and backreferences, for a backtracker
	// Scratch space of ends: the steps alive at this offset and at the next one.
	now, next sparseSet
	stack     []int
}

// A step consumes a byte, or asserts, or goes on to next; a split also to other.
type step struct {
	op    stepOp
	char  byte
	set   *set
	next  int
	other int // a split's second way, an assertion's op, a save's slot, a backreference's group
}

type stepOp uint8

const (
	stepChar stepOp = iota
	stepSet
	stepAssert
	stepSplit
	stepSave
	stepBackref
	stepAccept
)

func compile(s seq, groups bool) *program {
	p := &program{groups: groups}
	p.seq(s)
	p.emit(step{op: stepAccept})
	return p
}

func (p *program) emit(s step) int {
	if len(p.steps) > maxNodes {
		panic("too large")
	}
	p.steps = append(p.steps, s)
	return len(p.steps) - 1
}

// seq appends the steps of s; control falls from the last to the one emitted next.
func (p *program) seq(s seq) {
	for _, n := range s {
		n.start = len(p.steps)
		p.node(n)
		n.end = len(p.steps)
	}
}

func (p *program) node(n *node) {
	after := len(p.steps) + 1
	switch n.op {
	case opChar:
		p.emit(step{op: stepChar, char: n.char, next: after})
	case opSet:
		p.emit(step{op: stepSet, set: n.set, next: after})
	case opBOL, opEOL, opBOW, opEOW:
		p.emit(step{op: stepAssert, other: int(n.op), next: after})
	case opOpen, opClose:
		if p.groups {
			slot := 2 * n.group
			if n.op == opClose {
				slot++
			}
			p.emit(step{op: stepSave, other: slot, next: after})
		}
	case opBackref:
		if p.groups {
			p.emit(step{op: stepBackref, other: n.group, next: after})
		} else {
			p.seq(n.alts[0]) // an over-estimate, which backtracking narrows
		}
	case opPlus:
		start := len(p.steps)
		p.seq(n.alts[0])
		n.ends = []int{len(p.steps)}
		p.emit(step{op: stepSplit, next: start, other: len(p.steps) + 1})
	case opAlt:
		p.alternatives(n)
	}
}

func (p *program) alternatives(n *node) {
	n.ends = nil
	for i, alt := range n.alts {
		split := -1
		if i < len(n.alts)-1 {
			split = p.emit(step{op: stepSplit, next: len(p.steps) + 1})
		}
		p.seq(alt)
		n.ends = append(n.ends, len(p.steps))
		if split >= 0 {
			p.emit(step{op: stepSplit}) // out; where to is known below
			p.steps[split].other = len(p.steps)
		}
	}
	for _, end := range n.ends[:len(n.ends)-1] {
		p.steps[end].next, p.steps[end].other = len(p.steps), len(p.steps)
	}
}

// ends calls yield with every offset up to limit at which a match of the steps from
// first up to accept ends, in rising order, if it starts at from.
func (p *program) ends(first, accept int, text string, from, limit int, yield func(end int)) {
	p.now.reset(len(p.steps))
	p.next.reset(len(p.steps))
	p.follow(&p.now, first, accept, text, from)
	for pos := from; ; pos++ {
		if p.now.has(accept) {
			yield(pos)
		}
		if pos == limit || pos == len(text) || p.now.len() == 0 {
			return
		}
		c := text[pos]
		p.next.clear()
		for _, pc := range p.now.members {
			s := &p.steps[pc]
			if pc != accept && (s.op == stepChar && s.char == c || s.op == stepSet && s.set.has(c)) {
				p.follow(&p.next, s.next, accept, text, pos+1)
			}
		}
		p.now, p.next = p.next, p.now
	}
}

// follow adds to alive the steps that pc leads to without consuming anything.
func (p *program) follow(alive *sparseSet, pc, accept int, text string, pos int) {
	p.stack = append(p.stack[:0], pc)
	for len(p.stack) > 0 {
		pc := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		if !alive.add(pc) || pc == accept {
			continue
		}
		switch s := &p.steps[pc]; s.op {
		case stepSplit:
			p.stack = append(p.stack, s.other, s.next)
		case stepAssert:
			if holds(op(s.other), text, pos) {
				p.stack = append(p.stack, s.next)
			}
		}
	}
}

// longest is the largest end up to limit, -1 if there is none.
func (p *program) longest(first, accept int, text string, from, limit int) int {
	best := -1
	p.ends(first, accept, text, from, limit, func(end int) { best = end })
	return best
}

// exactly reports whether text[from:to] is a match.
func (p *program) exactly(first, accept int, text string, from, to int) bool {
	return p.longest(first, accept, text, from, to) == to
}

// holds evaluates an assertion at a place of the text.
func holds(assertion op, text string, pos int) bool {
	atStart := pos == 0
	atEnd := pos == len(text)
	switch assertion {
	case opBOL:
		return atStart || text[pos-1] == '\n'
	case opEOL:
		return atEnd || text[pos] == '\n'
	}
	before, after := !atStart && isWord(text[pos-1]), !atEnd && isWord(text[pos])
	if assertion == opBOW {
		return !before && after
	}
	return before && !after
}

func isWord(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' }

// A sparseSet is a set of small numbers that is cleared in no time.
type sparseSet struct {
	members []int
	index   []int // of a member; anything for the others
}

func (s *sparseSet) reset(size int) {
	if len(s.index) < size {
		s.index = make([]int, size)
	}
	s.clear()
}

func (s *sparseSet) clear()   { s.members = s.members[:0] }
func (s *sparseSet) len() int { return len(s.members) }

func (s *sparseSet) has(n int) bool {
	return s.index[n] < len(s.members) && s.members[s.index[n]] == n
}

// add reports whether n is new.
func (s *sparseSet) add(n int) bool {
	if s.has(n) {
		return false
	}
	s.index[n] = len(s.members)
	s.members = append(s.members, n)
	return true
}
