package filecheck

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// DumpOptions choose what of the input WriteDump shows.
type DumpOptions struct {
	// Filter keeps "all" lines, those with an "annotation-full" on them, those where
	// an "annotation" starts, or those where an "error" starts.
	Filter string
	// Context is how many lines around a kept one are kept.
	Context int
	// Verbosity 1 annotates matches, 2 discarded ones as well.
	Verbosity int
}

const dumpHelp = `The input dump shows the input's lines with annotations under them. An annotation
begins with the directive's short name and the line of the check file where it is.

  ^~~   what a directive has matched (shown with -v)
  !~~   a match that fails: excluded by a CHECK-NOT, or on the wrong line; or, with
        -vv, one that was discarded for overlapping another CHECK-DAG's
  X~~   the part of the input that was searched in vain
  ?     what was perhaps meant

Input is shown as it is compared: with runs of spaces and tabs as one space unless
--strict-whitespace is given. --dump-input-filter and --dump-input-context choose
the lines; lines that are left out show as dots.
`

// An annotation is a row under a line of the dump.
type annotation struct {
	line     int // from 0
	from, to int // columns from 0
	mark     byte
	label    string
	text     string
	starts   bool
	failed   bool
}

// WriteDump writes the input with what happened to each directive under its lines.
func (r *Result) WriteDump(w io.Writer, o DumpOptions) {
	fmt.Fprintf(w, "Input file: %s\nCheck file: %s\n\n-dump-input=help explains the following input dump.\n\nInput was:\n<<<<<<\n", r.name, r.checks.name)
	lines := strings.Split(r.input, "\n")
	if last := len(lines) - 1; last > 0 && lines[last] == "" {
		lines = lines[:last]
	}
	notes := r.annotations(lines, o.Verbosity)
	shown := shownLines(len(lines), notes, o)
	width := len(fmt.Sprint(len(lines)))
	for _, a := range notes {
		width = max(width, len(a.label)-2)
	}
	width += 2
	for i, next := 0, 0; i < len(lines); i++ {
		if shown[i] {
			fmt.Fprintf(w, "%*d: %s\n", width, i+1, lines[i])
		} else if i == 0 || shown[i-1] {
			for range 3 {
				fmt.Fprintf(w, "%*s\n", width, ".")
			}
		}
		for ; next < len(notes) && notes[next].line == i; next++ {
			if shown[i] {
				notes[next].write(w, width)
			}
		}
	}
	fmt.Fprintln(w, ">>>>>>")
}

func (a annotation) write(w io.Writer, width int) {
	row := strings.Repeat(" ", a.from)
	if a.mark != 0 {
		row += string(a.mark)
	}
	if n := a.to - a.from - 1; n > 0 {
		row += strings.Repeat("~", n)
	}
	if a.text != "" {
		row += " " + a.text
	}
	fmt.Fprintf(w, "%-*s  %s\n", width, a.label, row)
}

// shownLines applies the filter.
func shownLines(lines int, notes []annotation, o DumpOptions) []bool {
	shown := make([]bool, lines)
	for i := range shown {
		shown[i] = o.Filter == "all"
	}
	for _, a := range notes {
		if o.Filter == "annotation-full" || o.Filter == "annotation" && a.starts || o.Filter == "error" && a.starts && a.failed {
			for i := max(0, a.line-o.Context); i <= min(lines-1, a.line+o.Context); i++ {
				shown[i] = true
			}
		}
	}
	return shown
}

// annotations turns events into rows, in the order of lines.
func (r *Result) annotations(lines []string, verbosity int) []annotation {
	offsets := make([]int, len(lines))
	for i := 1; i < len(lines); i++ {
		offsets[i] = offsets[i-1] + len(lines[i-1]) + 1
	}
	lineOf := func(at int) int {
		i, exact := slices.BinarySearch(offsets, at)
		if !exact {
			i--
		}
		return i
	}
	var notes []annotation
	for _, e := range r.events {
		if e.pattern.kind == endOfInput || e.outcome == matched && verbosity < 1 || e.outcome == discarded && verbosity < 2 {
			continue
		}
		a := annotation{label: fmt.Sprintf("%s:%d", e.pattern.label(), e.pattern.pos.Line), failed: e.outcome.failed(), starts: true}
		a.mark, a.text = e.markAndText()
		first, last := lineOf(e.span.from), lineOf(max(e.span.from, e.span.to-1))
		for i := first; i <= last; i++ {
			a.line, a.from, a.to = i, max(0, e.span.from-offsets[i]), min(len(lines[i]), e.span.to-offsets[i])
			notes = append(notes, a)
			a.mark, a.text, a.starts = '~', "", false
		}
		for _, n := range e.notes {
			i := lineOf(n.at)
			row := annotation{label: a.label, line: i, from: n.at - offsets[i], text: n.text, failed: a.failed, starts: true}
			if strings.HasPrefix(n.text, "possible") {
				row.mark = '?'
			}
			notes = append(notes, row)
		}
	}
	slices.SortStableFunc(notes, func(a, b annotation) int { return cmp.Compare(a.line, b.line) })
	return notes
}

func (e event) markAndText() (mark byte, text string) {
	switch e.outcome {
	case matched:
		return '^', ""
	case discarded:
		return '!', "discard: overlaps earlier match"
	case excluded:
		return '!', "error: no match expected"
	case misplaced:
		return '!', "error: match on wrong line"
	case broken:
		return 'X', "error: " + strings.ReplaceAll(e.err.Error(), "\n", "; ")
	}
	return 'X', "error: no match found"
}
