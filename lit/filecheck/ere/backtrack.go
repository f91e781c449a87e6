package ere

// A backtracker matches expressions with backreferences, of which an automaton can
// only say where a match may end. It runs the program with the groups in it, trying
// the first way of each split first, and never the same state twice: what follows
// depends on nothing but the step, the offset and the groups referred to.
type backtracker struct {
	program  *program
	referred []int // groups
}

func newBacktracker(s seq) *backtracker {
	b := &backtracker{program: compile(s, true)}
	seen := map[int]bool{}
	for _, s := range b.program.steps {
		if s.op == stepBackref && !seen[s.other] {
			seen[s.other] = true
			b.referred = append(b.referred, s.other)
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
		switch s := &b.program.steps[c.pc]; s.op {
		case stepChar:
			if c.pos < to && s.char == text[c.pos] {
				stack = append(stack, choice{s.next, c.pos + 1, 0})
			}
		case stepSet:
			if c.pos < to && s.set.has(text[c.pos]) {
				stack = append(stack, choice{s.next, c.pos + 1, 0})
			}
		case stepSplit:
			stack = append(stack, choice{s.other, c.pos, 0}, choice{s.next, c.pos, 0})
		case stepSave:
			stack = append(stack, choice{-1, loc[s.other], s.other}, choice{s.next, c.pos, 0})
			loc[s.other] = c.pos
		case stepAssert:
			if holds(op(s.other), text, c.pos) {
				stack = append(stack, choice{s.next, c.pos, 0})
			}
		case stepBackref:
			start, end := loc[2*s.other], loc[2*s.other+1]
			next := c.pos + end - start
			if start >= 0 && end >= 0 && next <= to && text[start:end] == text[c.pos:next] {
				stack = append(stack, choice{s.next, next, 0})
			}
		case stepAccept:
			if c.pos == to {
				return true
			}
		}
	}
	return false
}
