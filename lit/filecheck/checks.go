package filecheck

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// Checks is a parsed check file. It is not safe for concurrent use.
type Checks struct {
	name  string
	opts  Options
	steps []step
	vars  variables // from the command line
}

// A step is a positive directive with the CHECK-DAGs and CHECK-NOTs before it.
type step struct {
	before  []*pattern
	pattern *pattern
}

// Parse reads a check file. Name stands in messages. The error lists every malformed
// directive as a *diag.Error.
func Parse(name, text string, o Options) (*Checks, error) {
	opts, defaulted, err := o.resolve()
	if err != nil {
		return nil, err
	}
	r := &reader{
		Checks: &Checks{name: name, opts: opts, vars: variables{map[string]string{}, map[string]*big.Int{}}},
		scope:  &scope{map[string]bool{}, map[string]*numericVariable{}},
		text:   canonical(text, opts.StrictWhitespace),
	}
	for _, define := range opts.Defines {
		r.define(define)
	}
	for _, excluded := range opts.ImplicitCheckNot {
		d := directive{kind: not, count: 1}
		if p := r.pattern(d, diag.Pos{File: "--implicit-check-not", Line: 1, Col: 1}, excluded, excluded); p != nil {
			r.implicit = append(r.implicit, p)
		}
	}
	used := r.read()
	if r.errs.Len() == 0 {
		var unused []string
		for _, prefix := range opts.Prefixes {
			if !used[prefix] {
				unused = append(unused, "'"+prefix+":'")
			}
		}
		tolerated := opts.AllowUnusedPrefixes && len(unused) < len(opts.Prefixes) || len(r.implicit) > 0 && defaulted
		if len(unused) > 0 && !tolerated {
			r.errs.Add(diag.Errorf(diag.Pos{File: name}, "no check strings found with prefix %s", strings.Join(unused, ", ")))
		}
	}
	if err := r.errs.Err(); err != nil {
		return nil, err
	}
	return r.Checks, nil
}

// canonical turns CRLF into LF and, unless strict, runs of spaces and tabs into one
// space.
func canonical(text string, strict bool) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n':
		case strict || c != ' ' && c != '\t':
			b.WriteByte(c)
		case i+1 == len(text) || text[i+1] != ' ' && text[i+1] != '\t':
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// reader makes Checks of a text.
type reader struct {
	*Checks
	scope    *scope
	text     string
	implicit []*pattern
	errs     diag.List
}

// define enters a definition of the command line.
func (r *reader) define(define string) {
	pos := diag.Pos{File: "-D" + define}
	name, value, ok := strings.Cut(define, "=")
	if !ok {
		r.errs.Add(diag.Errorf(pos, "missing equal sign in global definition"))
		return
	}
	if numeric, ok := strings.CutPrefix(name, "#"); ok {
		r.defineNumber(pos, numeric+":"+value)
		return
	}
	valid, _, reason := variableName(name)
	switch {
	case reason != "":
	case valid != name || name[0] == '@':
		reason = fmt.Sprintf("invalid name in string variable definition: %q", name)
	case r.scope.numerics[name] != nil:
		reason = fmt.Sprintf("numeric variable with name %q already exists", name)
	}
	if reason != "" {
		r.errs.Add(diag.Errorf(pos, "%s", reason))
		return
	}
	r.scope.strings[name] = true
	r.vars.strings[name] = value
}

func (r *reader) defineNumber(pos diag.Pos, block string) {
	defer r.caught(pos, "")
	p := &numericParser{patternParser: &patternParser{opts: &r.opts, scope: r.scope}, text: block}
	b := p.parse()
	if b.expr == nil {
		p.fail("missing expression")
	}
	value, err := b.expr.eval(r.vars.numbers)
	if err != nil {
		p.fail("%v", err)
	}
	r.vars.numbers[b.variable.name] = value
}

// caught, deferred, makes an error of a patternError that is being raised.
func (r *reader) caught(pos diag.Pos, line string) {
	switch e := recover().(type) {
	case nil:
	case patternError:
		if pos.Col > 0 {
			pos.Col += e.offset
		}
		err := diag.Errorf(pos, "%s", e.text)
		err.Source = line
		r.errs.Add(err)
	default:
		panic(e)
	}
}

// pattern parses text, which begins at pos in line. It returns nil after an error.
func (r *reader) pattern(d directive, pos diag.Pos, line, text string) (parsed *pattern) {
	defer r.caught(pos, line)
	p := &patternParser{
		text: text, line: pos.Line, opts: &r.opts, scope: r.scope, own: map[string]int{},
		out: &pattern{directive: d, pos: pos, line: line, text: text},
	}
	if pos.File != r.name {
		p.line = 0 // an option stands on no line, so it cannot share one
	}
	p.parse()
	return p.out
}

// read parses the check file's directives into steps and says which prefixes it has.
func (r *reader) read() (used map[string]bool) {
	used = map[string]bool{}
	s := &scanner{text: r.text, prefixes: r.opts.Prefixes, comments: r.opts.CommentPrefixes}
	before := append([]*pattern(nil), r.implicit...)
	lineNumber, counted := 1, 0
	for {
		d, ok := s.next()
		if !ok {
			break
		}
		lineNumber += strings.Count(r.text[counted:s.pos], "\n")
		counted = s.pos
		start := s.pos
		if !r.opts.StrictWhitespace || !r.opts.MatchFullLines {
			for start < len(r.text) && (r.text[start] == ' ' || r.text[start] == '\t') {
				start++
			}
		}
		end := start
		for end < len(r.text) && r.text[end] != '\n' && r.text[end] != '\r' {
			end++
		}
		s.pos = end
		if d.kind == comment {
			continue
		}
		used[d.prefix] = true
		lineStart := strings.LastIndexByte(r.text[:start], '\n') + 1
		pos := diag.Pos{File: r.name, Line: lineNumber, Col: start - lineStart + 1}
		p := r.directive(d, pos, r.text[lineStart:end], r.text[start:end])
		if p == nil {
			continue
		}
		before = append(before, p)
		if p.kind != dag && p.kind != not {
			r.steps = append(r.steps, step{before[:len(before)-1], p})
			before = append([]*pattern(nil), r.implicit...)
		}
	}
	if len(before) > 0 {
		r.steps = append(r.steps, step{before, &pattern{directive: directive{kind: endOfInput, count: 1}}})
	}
	return used
}

// directive parses one directive; nil after an error.
func (r *reader) directive(d directive, pos diag.Pos, line, text string) *pattern {
	problem := d.bad
	if (d.kind == next || d.kind == same || d.kind == empty) && len(r.steps) == 0 && r.errs.Len() == 0 {
		problem = fmt.Sprintf("found '%s' without previous '%s: line", d.name(), d.prefix)
	}
	if problem == "" {
		p := r.pattern(d, pos, line, text)
		if p == nil || p.kind != label || len(p.strings) == 0 && len(p.uses()) == 0 {
			return p
		}
		problem = fmt.Sprintf("found '%s:' with variable definition or use", d.name())
	}
	err := diag.Errorf(pos, "%s", problem)
	err.Source = line
	r.errs.Add(err)
	return nil
}
