package filecheck

import (
	"slices"
	"strings"
)

// matcher matches the steps of a check file against an input. Offsets are into the
// input; an end bounds the search, for the blocks between labels.
type matcher struct {
	*Result
	vars variables
}

// run matches block after block. Labels are found first, whatever lies between, so
// that a failure in one block leaves the next to be checked by itself.
func (m *matcher) run() {
	steps := m.checks.steps
	first, start := 0, 0
	for {
		last, end := first, len(m.input)
		for last < len(steps) && steps[last].pattern.kind != label {
			last++
		}
		if last < len(steps) {
			span, ok := m.matchPattern(steps[last].pattern, start, end)
			if !ok {
				return
			}
			end = span.to
			last++
		}
		if first > 0 && m.checks.opts.EnableVarScope {
			m.forgetLocals()
		}
		m.matchBlock(steps[first:last], start, end)
		if last == len(steps) {
			return
		}
		first, start = last, end
	}
}

// forgetLocals undefines the variables whose names do not begin with a $.
func (m *matcher) forgetLocals() {
	for name := range m.vars.strings {
		if !strings.HasPrefix(name, "$") {
			delete(m.vars.strings, name)
		}
	}
	for name := range m.vars.numbers {
		if !strings.HasPrefix(name, "$") {
			delete(m.vars.numbers, name)
		}
	}
}

// matchBlock matches steps one after the other, up to the first that fails.
func (m *matcher) matchBlock(steps []step, start, end int) {
	for _, s := range steps {
		var ok bool
		if start, ok = m.matchStep(s, start, end); !ok {
			return
		}
	}
}

// matchStep matches a step from start on and returns where it ends.
func (m *matcher) matchStep(s step, start, end int) (next int, ok bool) {
	afterDAGs, nots, ok := m.matchDAGs(s.before, start, end)
	if !ok {
		return 0, false
	}
	found, ok := m.matchPattern(s.pattern, afterDAGs, end)
	if !ok || !m.onRightLine(s.pattern, afterDAGs, found) {
		return 0, false
	}
	m.record(event{pattern: s.pattern, outcome: matched, span: found})
	if !m.matchNots(nots, afterDAGs, found.from) {
		return 0, false
	}
	return found.to, true
}

// matchPattern matches p as often as it asks and returns the span of all matches.
func (m *matcher) matchPattern(p *pattern, start, end int) (span, bool) {
	whole := span{-1, start}
	for i := range p.count {
		from, to, err := p.find(m.input[whole.to:end], m.vars)
		if err != nil {
			m.recordMissing(p, span{whole.to, end}, span{whole.to + from, whole.to + to}, i+1, err)
			return span{}, false
		}
		if whole.from < 0 {
			whole.from = whole.to + from
		}
		whole.to += to
	}
	return whole, true
}

// recordMissing records that p was not found in the searched span, or that it was
// found but its match cannot be used.
func (m *matcher) recordMissing(p *pattern, searched, found span, nth int, err error) {
	e := event{pattern: p, outcome: missing, span: searched, nth: nth}
	if err != errNoMatch {
		e.outcome, e.err = broken, err
		if found.to > found.from {
			e.span = found
		}
	}
	e.notes = m.uses(p, searched.from)
	if e.outcome == missing {
		if at := m.nearest(p, searched); at >= 0 {
			e.notes = append(e.notes, note{at, "possible intended match here"})
		}
	}
	m.record(e)
}

// onRightLine checks CHECK-NEXT, -EMPTY and -SAME, given where the last match ended.
func (m *matcher) onRightLine(p *pattern, last int, found span) bool {
	lines := countNewlines(m.input[last:found.from])
	e := event{pattern: p, outcome: misplaced, span: found}
	switch {
	case p.kind == same && lines != 0:
		e.text = "is not on the same line as the previous match"
	case (p.kind == next || p.kind == empty) && lines == 0:
		e.text = "is on the same line as previous match"
	case (p.kind == next || p.kind == empty) && lines > 1:
		e.text = "is not on the line after the previous match"
	default:
		return true
	}
	e.notes = []note{{last, "previous match ended here"}}
	if lines > 1 {
		after := last + strings.IndexByte(m.input[last:], '\n') + 1
		e.notes = append(e.notes, note{after, "non-matching line after previous match is here"})
	}
	m.record(e)
	return false
}

// countNewlines counts line ends; \r\n and \n\r are one.
func countNewlines(text string) int {
	n := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c == '\n' || c == '\r' {
			n++
			if i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r') && text[i+1] != c {
				i++
			}
		}
	}
	return n
}

// matchNots checks that none of the patterns matches between start and end. All of
// them are tried, so that all that are violated are reported.
func (m *matcher) matchNots(nots []*pattern, start, end int) bool {
	ok := true
	for _, p := range nots {
		from, to, err := p.find(m.input[start:max(start, end)], m.vars)
		e := event{pattern: p, outcome: excluded, span: span{start + from, start + to}, notes: m.uses(p, start)}
		switch err {
		case errNoMatch:
			continue
		case nil:
		default:
			e.outcome, e.err = broken, err
		}
		m.record(e)
		ok = false
	}
	return ok
}

// matchDAGs matches groups of CHECK-DAGs, in any order within a group and without
// overlap. CHECK-NOTs between groups hold up to the earliest match of the next; those
// after the last group are returned.
func (m *matcher) matchDAGs(before []*pattern, start, end int) (next int, nots []*pattern, ok bool) {
	var taken []span // of this group's matches, in order
	for i, p := range before {
		if p.kind == not {
			nots = append(nots, p)
			continue
		}
		if taken, ok = m.matchDAG(p, taken, start, end); !ok {
			return 0, nil, false
		}
		if i+1 < len(before) && before[i+1].kind == dag {
			continue
		}
		if !m.matchNots(nots, start, taken[0].from) {
			return 0, nil, false
		}
		nots = nil
		start = taken[len(taken)-1].to
		taken = nil
	}
	return start, nots, true
}

// matchDAG finds the first match of p that overlaps none of taken and adds it.
func (m *matcher) matchDAG(p *pattern, taken []span, start, end int) ([]span, bool) {
	at := start
	for i := 0; ; i++ {
		from, to, err := p.find(m.input[at:end], m.vars)
		if err != nil {
			m.recordMissing(p, span{at, end}, span{at + from, at + to}, 1, err)
			return nil, false
		}
		found := span{at + from, at + to}
		if m.checks.opts.AllowDAGOverlap {
			m.record(event{pattern: p, outcome: matched, span: found})
			if len(taken) > 0 {
				found = span{min(found.from, taken[0].from), max(found.to, taken[0].to)}
			}
			return []span{found}, true
		}
		for i < len(taken) && found.from >= taken[i].to {
			i++
		}
		if i == len(taken) || taken[i].from >= found.to {
			m.record(event{pattern: p, outcome: matched, span: found})
			return slices.Insert(taken, i, found), true
		}
		m.record(event{pattern: p, outcome: discarded, span: found})
		at = taken[i].to
	}
}
