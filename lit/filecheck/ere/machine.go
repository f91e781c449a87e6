package ere

import "slices"

// A machine finds where matches of one seq end, given where they start. It is a
// nondeterministic program and, grown from it as texts ask, a deterministic
// automaton. It is not safe for concurrent use.
type machine struct {
	prog    []inst
	class   [256]uint8 // byte → class; bytes of a class are alike to the program
	classes int
	states  map[string]*state
	starts  [contexts]*state
	groups  bool // compile groups and backreferences, for a backtracker
	// Scratch space of closure.
	stack, live []int
	seen        []int
	generation  int
}

// inst is one step of the program. Next is the step after it. Other is a split's second
// way, an assertion's op, a save's slot or a backreference's group.
type inst struct {
	op    instOp
	set   *set
	next  int
	other int
}

type instOp uint8

const (
	instSet instOp = iota
	instAssert
	instSplit
	instSave
	instBackref
	instAccept
)

// context is what a position's assertions need to know of the byte before it.
type context uint8

const (
	lineStart context = iota // start of text or after a newline
	afterWord
	afterOther
	contexts
)

// A state is a set of program steps together with a context. Its transitions are
// computed when first taken.
type state struct {
	steps   []int
	context context
	edges   []edge // by class of the next byte; the last one is the end of the text
}

type edge struct {
	known  bool
	accept bool   // a match ends before the next byte
	to     *state // nil when nothing can match from here on
}

// maxStates bounds the automaton; beyond it is thrown away and grown again.
const maxStates = 4096

func newMachine(s seq) *machine {
	m := &machine{states: map[string]*state{}}
	m.compile(s)
	m.emit(inst{op: instAccept})
	if len(m.prog) > maxNodes {
		panic("too large")
	}
	m.classify()
	m.seen = make([]int, len(m.prog))
	return m
}

func (m *machine) emit(i inst) int {
	if len(m.prog) > maxNodes {
		panic("too large")
	}
	m.prog = append(m.prog, i)
	return len(m.prog) - 1
}

// compile appends the program of s; control falls from its last step to the one
// that is emitted next.
func (m *machine) compile(s seq) {
	for _, n := range s {
		switch n.op {
		case opSet:
			m.emit(inst{op: instSet, set: n.set, next: len(m.prog) + 1})
		case opBOL, opEOL, opBOW, opEOW:
			m.emit(inst{op: instAssert, other: int(n.op), next: len(m.prog) + 1})
		case opOpen:
			m.save(2 * n.group)
		case opClose:
			m.save(2*n.group + 1)
		case opBackref:
			if m.groups {
				m.emit(inst{op: instBackref, other: n.group, next: len(m.prog) + 1})
			} else {
				m.compile(n.alts[0]) // an over-estimate, which backtracking narrows
			}
		case opPlus:
			start := len(m.prog)
			m.compile(n.alts[0])
			m.emit(inst{op: instSplit, next: start, other: len(m.prog) + 1})
		case opAlt:
			m.compileAlternatives(n.alts)
		}
	}
}

func (m *machine) save(slot int) {
	if m.groups {
		m.emit(inst{op: instSave, other: slot, next: len(m.prog) + 1})
	}
}

func (m *machine) compileAlternatives(alts []seq) {
	var jumps []int
	for i, alt := range alts {
		last := i == len(alts)-1
		split := -1
		if !last {
			split = m.emit(inst{op: instSplit, next: len(m.prog) + 1})
		}
		m.compile(alt)
		if !last {
			jumps = append(jumps, m.emit(inst{op: instSplit}))
			m.prog[split].other = len(m.prog)
		}
	}
	for _, j := range jumps {
		m.prog[j].next, m.prog[j].other = len(m.prog), len(m.prog)
	}
}

// classify numbers the classes of bytes that no step of the program tells apart.
// Newlines and word characters are told apart for the assertions.
func (m *machine) classify() {
	m.classes = 1
	newline, word := new(set), new(set)
	newline['\n'] = true
	for i := range word {
		word[i] = isWord(byte(i))
	}
	m.divide(newline)
	m.divide(word)
	done := map[*set]bool{}
	for _, i := range m.prog {
		if i.op == instSet && !done[i.set] && m.classes < 256 {
			done[i.set] = true
			m.divide(i.set)
		}
	}
}

func (m *machine) divide(s *set) {
	var moved [256]uint8 // class → the new class of its members in s, 0 if none yet
	var size, inside [256]int
	for b, in := range s {
		size[m.class[b]]++
		if in {
			inside[m.class[b]]++
		}
	}
	for b, in := range s {
		c := m.class[b]
		if !in || inside[c] == size[c] {
			continue
		}
		if moved[c] == 0 {
			moved[c] = uint8(m.classes)
			m.classes++
		}
		m.class[b] = moved[c]
	}
}

func isWord(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' }

func contextAfter(c byte) context {
	switch {
	case c == '\n':
		return lineStart
	case isWord(c):
		return afterWord
	}
	return afterOther
}

// ends calls yield with every offset at which a match that starts at from ends, in
// rising order, up to limit.
func (m *machine) ends(text string, from, limit int, yield func(end int)) {
	c := lineStart
	if from > 0 {
		c = contextAfter(text[from-1])
	}
	if m.starts[c] == nil {
		m.starts[c] = m.state([]int{0}, c)
	}
	st := m.starts[c]
	for i := from; ; i++ {
		class, next := m.classes, -1
		if i < len(text) {
			class, next = int(m.class[text[i]]), int(text[i])
		}
		e := &st.edges[class]
		if !e.known {
			*e = m.step(st, next)
		}
		if e.accept {
			yield(i)
		}
		if e.to == nil || i == limit {
			return
		}
		st = e.to
	}
}

// longest is the largest end of a match from from that is at most limit, -1 if none.
func (m *machine) longest(text string, from, limit int) int {
	best := -1
	m.ends(text, from, limit, func(end int) { best = end })
	return best
}

// exactly reports whether text[from:to] is a match.
func (m *machine) exactly(text string, from, to int) bool {
	return m.longest(text, from, to) == to
}

// step computes one transition. next is -1 at the end of the text.
func (m *machine) step(from *state, next int) edge {
	e := edge{known: true}
	var to []int
	for _, pc := range m.closure(from.steps, from.context, next) {
		switch i := m.prog[pc]; {
		case i.op == instAccept:
			e.accept = true
		case next >= 0 && i.set[next]:
			to = append(to, i.next)
		}
	}
	if len(to) > 0 {
		slices.Sort(to)
		e.to = m.state(slices.Compact(to), contextAfter(byte(next)))
	}
	return e
}

// closure follows splits and the assertions that hold, and returns the steps that
// consume or accept.
func (m *machine) closure(steps []int, before context, next int) []int {
	m.generation++
	m.stack = append(m.stack[:0], steps...)
	m.live = m.live[:0]
	for len(m.stack) > 0 {
		pc := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if m.seen[pc] == m.generation {
			continue
		}
		m.seen[pc] = m.generation
		switch i := m.prog[pc]; i.op {
		case instSplit:
			m.stack = append(m.stack, i.next, i.other)
		case instAssert:
			if holds(op(i.other), before, next) {
				m.stack = append(m.stack, i.next)
			}
		default:
			m.live = append(m.live, pc)
		}
	}
	return m.live
}

// holds evaluates an assertion between a context and the next byte, -1 at the end.
func holds(assertion op, before context, next int) bool {
	word := next >= 0 && isWord(byte(next))
	switch assertion {
	case opBOL:
		return before == lineStart
	case opEOL:
		return next < 0 || next == '\n'
	case opBOW:
		return before != afterWord && word
	default:
		return before == afterWord && !word
	}
}

func (m *machine) state(steps []int, c context) *state {
	key := make([]byte, 0, 4*len(steps)+1)
	for _, pc := range steps {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16))
	}
	key = append(key, byte(c))
	if st := m.states[string(key)]; st != nil {
		return st
	}
	if len(m.states) >= maxStates {
		m.states, m.starts = map[string]*state{}, [contexts]*state{}
	}
	st := &state{steps: steps, context: c, edges: make([]edge, m.classes+1)}
	m.states[string(key)] = st
	return st
}
