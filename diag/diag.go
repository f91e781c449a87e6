// Package diag holds source positions and diagnostics.
//
// It stands at the bottom of the import order: parsers, the verifier, passes and
// engines all report through it, so that every message names file, line and
// column, says what was got and what was wanted, and prints alike.
//
//	mlp.graph:7:3: error: aten.mul: element types differ: got f32 and i64
//	  %6 : Float(8, 16) = aten::mul(%0, %1)
//	  ^
//	note: ...
//
// It does not decide what to do about an error; callers collect a List and stop
// when it holds one.
package diag

import (
	"errors"
	"fmt"
	"strings"
)

// Pos is a place in a source text. Lines and columns count from 1; the zero
// Pos is "unknown".
type Pos struct {
	File string
	Line int
	Col  int
}

// Known reports whether p names a line.
func (p Pos) Known() bool { return p.Line > 0 }

// String prints file:line:col, leaving out what is unknown.
func (p Pos) String() string {
	switch {
	case !p.Known() && p.File == "":
		return "<unknown>"
	case !p.Known():
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Code classifies an error for programs: it becomes the exit status of the
// command and the "code" of a JSON error.
type Code string

const (
	// Invalid input: malformed text, a verifier failure, bad data. Exit 1.
	Invalid Code = "invalid"
	// Unsupported but well-formed input. Exit 3.
	Unsupported Code = "unsupported"
)

// Error is one located error.
type Error struct {
	Pos     Pos
	Code    Code   // Invalid when empty
	Op      string // the op it concerns, "" if none
	Message string // what was got and what was wanted
	Remedy  string // what to do about it, "" if obvious
	Notes   []Note
	// Source is the text of the line at Pos, for the caret; "" if not at hand.
	Source string
}

// Note adds a related place or fact to an Error.
type Note struct {
	Pos     Pos
	Message string
}

// Errorf makes an Invalid error at pos.
func Errorf(pos Pos, format string, args ...any) *Error {
	return &Error{Pos: pos, Code: Invalid, Message: fmt.Sprintf(format, args...)}
}

// Error prints the whole diagnostic: position, op, message, source line with a
// caret, remedy and notes.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: error: ", e.Pos)
	if e.Op != "" {
		fmt.Fprintf(&b, "%s: ", e.Op)
	}
	b.WriteString(e.Message)
	if e.Source != "" {
		writeCaret(&b, e.Source, e.Pos.Col)
	}
	if e.Remedy != "" {
		fmt.Fprintf(&b, "\nhelp: %s", e.Remedy)
	}
	for _, n := range e.Notes {
		if n.Pos.Known() {
			fmt.Fprintf(&b, "\n%s: note: %s", n.Pos, n.Message)
		} else {
			fmt.Fprintf(&b, "\nnote: %s", n.Message)
		}
	}
	return b.String()
}

// maxSource bounds the part of a source line that is shown, so that a
// one-line megabyte does not become the message.
const maxSource = 160

func writeCaret(b *strings.Builder, line string, col int) {
	line = strings.TrimRight(line, "\r\n")
	start := 0
	if col > maxSource {
		start = col - maxSource/2
	}
	if start > len(line) {
		start = len(line)
	}
	shown := line[start:]
	if len(shown) > maxSource {
		shown = shown[:maxSource] + "..."
	}
	fmt.Fprintf(b, "\n  %s", shown)
	if col <= 0 {
		return
	}
	b.WriteString("\n  ")
	for i := 0; i < col-1-start && i < len(shown); i++ {
		if shown[i] == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteByte('^')
}

// WithSource fills in the source line of e from the text it was found in.
func (e *Error) WithSource(text string) *Error {
	if e.Pos.Known() {
		e.Source = Line(text, e.Pos.Line)
	}
	return e
}

// Line returns line n (from 1) of text, without its end; "" if there is none.
func Line(text string, n int) string {
	for ; n > 1; n-- {
		i := strings.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return text
}

// List is an error made of many. The zero List is empty and ready to use.
type List struct{ errs []*Error }

// Add appends e.
func (l *List) Add(e *Error) { l.errs = append(l.errs, e) }

// AddErr appends err, unfolding Lists and wrapping foreign errors without a position.
func (l *List) AddErr(err error) {
	l.errs = append(l.errs, All(err)...)
}

// Len is the number of errors.
func (l *List) Len() int { return len(l.errs) }

// Err returns the list as an error, or nil if it is empty.
func (l *List) Err() error {
	if len(l.errs) == 0 {
		return nil
	}
	return l
}

// Error prints every error, a blank line between none: one after the other.
func (l *List) Error() string {
	parts := make([]string, len(l.errs))
	for i, e := range l.errs {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "\n")
}

// All lists the located errors inside err; a foreign error becomes one without
// a position. All(nil) is empty.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	var l *List
	if errors.As(err, &l) {
		return l.errs
	}
	var e *Error
	if errors.As(err, &e) {
		return []*Error{e}
	}
	return []*Error{{Code: Invalid, Message: err.Error()}}
}

// CodeOf is the gravest code inside err: Invalid before Unsupported.
func CodeOf(err error) Code {
	code := Unsupported
	for _, e := range All(err) {
		if e.Code != Unsupported {
			code = Invalid
		}
	}
	return code
}
