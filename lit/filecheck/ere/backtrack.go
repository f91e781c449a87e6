package ere

// A backtracker matches expressions with backreferences, of which an automaton can
// only say where a match may end. It runs the same program with the groups in it,
// trying the first way of each split first, and never the same state twice: what
// follows depends on nothing but the step, the offset and the groups referred to.
type backtracker struct {
	prog     []inst
	referred []int // groups
}

func newBacktracker(s seq) *backtracker {
	m := &machine{groups: true}
	m.compile(s)
	m.emit(inst{op: instAccept})
	b := &backtracker{prog: m.prog}
	seen := map[int]bool{}
	for _, i := range m.prog {
		if i.op == instBackref && !seen[i.other] {
			seen[i.other] = true
			b.referred = append(b.referred, i.other)
		}
	}
	return b
}

// maxReferred is how many groups can be referred to: \1 to \9.
const maxReferred = 9

// A tried is a state that has been tried, and in vain if it comes up again.
type tried struct {
	pc, pos int
	groups  [2 * maxReferred]int
}

// A choice is what is left to try: a state or, with pc < 0, the old offset of a slot
// that must be put back first.
type choice struct{ pc, pos, slot int }

// match reports whether text[from:to] matches, and sets the groups in loc.
func (b *backtracker) match(text string, from, to int, loc []int) bool {
	done := map[tried]bool{}
	stack := []choice{{0, from, 0}}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c.pc < 0 {
			loc[c.slot] = c.pos
			continue
		}
		state := tried{pc: c.pc, pos: c.pos}
		for i, g := range b.referred {
			state.groups[2*i], state.groups[2*i+1] = loc[2*g], loc[2*g+1]
		}
		if done[state] {
			continue
		}
		done[state] = true
		switch i := b.prog[c.pc]; i.op {
		case instSet:
			if c.pos < to && i.set[text[c.pos]] {
				stack = append(stack, choice{i.next, c.pos + 1, 0})
			}
		case instSplit:
			stack = append(stack, choice{i.other, c.pos, 0}, choice{i.next, c.pos, 0})
		case instSave:
			stack = append(stack, choice{-1, loc[i.other], i.other}, choice{i.next, c.pos, 0})
			loc[i.other] = c.pos
		case instAssert:
			if holdsAt(op(i.other), text, c.pos) {
				stack = append(stack, choice{i.next, c.pos, 0})
			}
		case instBackref:
			start, end := loc[2*i.other], loc[2*i.other+1]
			next := c.pos + end - start
			if start >= 0 && end >= 0 && next <= to && text[start:end] == text[c.pos:next] {
				stack = append(stack, choice{i.next, next, 0})
			}
		case instAccept:
			if c.pos == to {
				return true
			}
		}
	}
	return false
}

// holdsAt evaluates an assertion at a place of the text.
func holdsAt(assertion op, text string, pos int) bool {
	before, next := lineStart, -1
	if pos > 0 {
		before = contextAfter(text[pos-1])
	}
	if pos < len(text) {
		next = int(text[pos])
	}
	return holds(assertion, before, next)
}
