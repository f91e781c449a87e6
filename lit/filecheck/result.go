package filecheck

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// Check parses and matches in one step; nil means that input is as text asks.
func Check(name, text, inputName, input string, o Options) error {
	checks, err := Parse(name, text, o)
	if err != nil {
		return err
	}
	return checks.Match(inputName, input).Err()
}

// ErrEmptyInput is the error of matching nothing without Options.AllowEmpty.
var ErrEmptyInput = errors.New("input is empty, which wants --allow-empty")

// Match compares an input with the checks. Name stands in messages.
func (c *Checks) Match(name, input string) *Result {
	m := &matcher{
		Result: &Result{checks: c, name: name, input: canonical(input, c.opts.StrictWhitespace)},
		vars:   variables{maps.Clone(c.vars.strings), maps.Clone(c.vars.numbers)},
	}
	if input == "" && !c.opts.AllowEmpty {
		m.unusable = ErrEmptyInput
		return m.Result
	}
	m.run()
	return m.Result
}

// A Result is what came of matching an input: every match and every failure.
type Result struct {
	checks   *Checks
	name     string
	input    string // in canonical form, into which offsets point
	events   []event
	unusable error
}

// A span is a part of the input.
type span struct{ from, to int }

// outcome is what happened to a directive.
type outcome int

const (
	matched   outcome = iota
	discarded         // a CHECK-DAG match that overlapped another
	missing           // not found in the span
	excluded          // a CHECK-NOT that was found
	misplaced         // found on the wrong line
	broken            // could not be tried, or its match not used: see err
)

func (o outcome) failed() bool { return o >= missing }

// An event is one attempt to match a directive.
type event struct {
	pattern *pattern
	outcome outcome
	span    span
	nth     int    // of -COUNT-n, the match that failed
	text    string // of misplaced
	err     error  // of broken
	notes   []note
}

// A note adds to an event a fact about a place of the input.
type note struct {
	at   int
	text string
}

func (r *Result) record(e event) { r.events = append(r.events, e) }

// uses notes the values of the variables that p uses.
func (m *matcher) uses(p *pattern, at int) []note {
	var notes []note
	for _, u := range p.uses() {
		if value, err := m.vars.value(u); err == nil {
			notes = append(notes, note{at, fmt.Sprintf("with %q equal to %q", u.text, value)})
		}
	}
	return notes
}

// Err returns nil if the input is as the checks ask. Otherwise its text is that of
// WriteMessages.
func (r *Result) Err() error {
	if r.unusable != nil {
		return r.unusable
	}
	for _, e := range r.events {
		if e.outcome.failed() {
			var b strings.Builder
			r.WriteMessages(&b, 0)
			return errors.New(strings.TrimRight(b.String(), "\n"))
		}
	}
	return nil
}

// WriteMessages writes each failure with the lines it concerns. Verbosity 1 adds
// matches, 2 adds discarded ones.
func (r *Result) WriteMessages(w io.Writer, verbosity int) {
	if r.unusable != nil {
		fmt.Fprintf(w, "%s: error: %v\n", r.name, r.unusable)
		return
	}
	for _, e := range r.events {
		severity := "error"
		switch {
		case e.pattern.kind == endOfInput,
			e.outcome == matched && verbosity < 1,
			e.outcome == discarded && verbosity < 2:
			continue
		case !e.outcome.failed():
			severity = "remark"
		}
		excerpt(w, e.pattern.pos, severity, e.pattern.name()+": "+e.message(), e.pattern.line)
		if place := e.place(); place != "" {
			r.excerptInput(w, e.span.from, place)
		}
		for _, n := range e.notes {
			r.excerptInput(w, n.at, n.text)
		}
	}
}

func (e event) message() string {
	switch e.outcome {
	case matched:
		return "expected string found in input"
	case discarded:
		return "match discarded, overlaps earlier DAG match"
	case excluded:
		return "excluded string found in input"
	case misplaced:
		return e.text
	case broken:
		return e.err.Error()
	}
	if e.pattern.count > 1 {
		return fmt.Sprintf("expected string not found in input, match %d of %d", e.nth, e.pattern.count)
	}
	return "expected string not found in input"
}

// place names what e.span is.
func (e event) place() string {
	switch e.outcome {
	case missing:
		return "scanning from here"
	case misplaced:
		return "match was here"
	}
	return "found here"
}

func (r *Result) excerptInput(w io.Writer, at int, text string) {
	lineStart := strings.LastIndexByte(r.input[:at], '\n') + 1
	pos := diag.Pos{File: r.name, Line: 1 + strings.Count(r.input[:at], "\n"), Col: at - lineStart + 1}
	line, _, _ := strings.Cut(r.input[lineStart:], "\n")
	excerpt(w, pos, "note", text, line)
}

// maxExcerpt bounds how much of a line is shown.
const maxExcerpt = 200

// excerpt writes a message with its line and a caret.
func excerpt(w io.Writer, pos diag.Pos, severity, text, line string) {
	fmt.Fprintf(w, "%s: %s: %s\n", pos, severity, text)
	col := pos.Col - 1
	if col > maxExcerpt {
		line, col = line[col-maxExcerpt/2:], maxExcerpt/2
	}
	if len(line) > maxExcerpt {
		line = line[:maxExcerpt] + "..."
	}
	margin := []byte(line[:min(col, len(line))])
	for i, c := range margin {
		if c != '\t' {
			margin[i] = ' '
		}
	}
	fmt.Fprintf(w, "  %s\n  %s^\n", line, margin)
}

// The search for what was perhaps meant stops after so many lines, and compares so
// much of each.
const (
	nearestLines = 200
	nearestChars = 80
)

// nearest is the start of the line that resembles p most, or -1.
func (m *matcher) nearest(p *pattern, searched span) int {
	wanted := p.text[:min(len(p.text), nearestChars)]
	best, bestDistance := -1, len(wanted)*2/3+1
	at := searched.from
	for range nearestLines {
		for at < searched.to && (m.input[at] == ' ' || m.input[at] == '\t') {
			at++
		}
		line, _, more := strings.Cut(m.input[at:searched.to], "\n")
		if got := line[:min(len(line), len(wanted))]; got != "" {
			if d := editDistance(wanted, got); d < bestDistance {
				best, bestDistance = at, d
			}
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return best
}

// editDistance counts the insertions, deletions and replacements from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
