package filecheck

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/lit/filecheck/ere"
)

// A pattern is a directive with what it matches.
type pattern struct {
	directive
	pos  diag.Pos // of the pattern in the check file
	line string   // the check file's line, for messages
	text string   // as written

	pieces  []piece
	flags   ere.Flags
	regex   *ere.Regexp // of pieces without uses of variables
	fixed   bool        // pieces are literal text and uses: no regex is needed
	strings []stringDef
	numbers []numberDef

	// The regex that was made last for the values of used variables.
	madeFrom string
	made     *ere.Regexp
}

// A piece is a part of a pattern: a use of a variable if use is set, else a regex or
// literal text.
type piece struct {
	text    string
	literal bool
	use     *use
}

// A use is replaced by a variable's or an expression's value.
type use struct {
	text string     // as it stands in the pattern
	name string     // a string variable, if expr is nil
	expr expression // or a number
	form format
}

// A stringDef binds a string variable to a group.
type stringDef struct {
	name  string
	group int
}

// A numberDef binds a numeric variable to a group.
type numberDef struct {
	name  string
	form  format
	group int
}

// variables are the values known at a point of matching.
type variables struct {
	strings map[string]string
	numbers map[string]*big.Int
}

// value is the text that a use stands for.
func (v variables) value(u *use) (string, error) {
	if u.expr == nil {
		if s, ok := v.strings[u.name]; ok {
			return s, nil
		}
		return "", undefinedError(u.name)
	}
	n, err := u.expr.eval(v.numbers)
	if err != nil {
		return "", err
	}
	return u.form.print(n)
}

// errNoMatch is the plain failure of find; other errors mean that the pattern could
// not be tried, or that its match cannot be used.
var errNoMatch = errors.New("no match")

// find returns the first match of p in text and defines p's variables.
func (p *pattern) find(text string, v variables) (from, to int, err error) {
	switch p.kind {
	case endOfInput:
		return len(text), len(text), nil
	case empty:
		return findEmptyLine(text)
	}
	for _, u := range p.uses() {
		if u.expr != nil {
			v.numbers[lineVariable] = big.NewInt(int64(p.pos.Line))
			break
		}
	}
	source, err := p.source(v)
	if err != nil {
		return 0, 0, err
	}
	if source == "" { // a lone [[X]] with nothing in X: as FileCheck, no match
		return 0, 0, errNoMatch
	}
	if p.fixed {
		if i := strings.Index(text, source); i >= 0 {
			return i, i + len(source), nil
		}
		return 0, 0, errNoMatch
	}
	re, err := p.compiled(source)
	if err != nil {
		return 0, 0, err
	}
	loc := re.Match(text)
	if loc == nil {
		return 0, 0, errNoMatch
	}
	for _, d := range p.strings {
		if loc[2*d.group] >= 0 {
			v.strings[d.name] = text[loc[2*d.group]:loc[2*d.group+1]]
		}
	}
	for _, d := range p.numbers {
		n, err := d.form.parse(text[loc[2*d.group]:loc[2*d.group+1]])
		if err != nil {
			return loc[0], loc[1], fmt.Errorf("unable to represent numeric value: %w", err)
		}
		v.numbers[d.name] = n
	}
	return loc[0], loc[1], nil
}

// findEmptyLine finds a line end that another or the end of the text follows. The
// match is the place between the two.
func findEmptyLine(text string) (from, to int, err error) {
	for i := 0; ; i++ {
		newline := strings.IndexByte(text[i:], '\n')
		if newline < 0 {
			return 0, 0, errNoMatch
		}
		i += newline
		if i+1 == len(text) || text[i+1] == '\n' {
			return i + 1, i + 1, nil
		}
	}
}

func (p *pattern) uses() []*use {
	var uses []*use
	for _, e := range p.pieces {
		if e.use != nil {
			uses = append(uses, e.use)
		}
	}
	return uses
}

// source is the pattern with values put in: text to find if p.fixed, else a regex.
func (p *pattern) source(v variables) (string, error) {
	if len(p.pieces) == 1 && p.pieces[0].use == nil && (p.fixed || !p.pieces[0].literal) {
		return p.pieces[0].text, nil
	}
	var b strings.Builder
	var errs []error
	for _, e := range p.pieces {
		text := e.text
		if e.use != nil {
			var err error
			if text, err = v.value(e.use); err != nil {
				errs = append(errs, fmt.Errorf("unable to substitute %s: %w", e.use.text, err))
			}
		}
		if (e.use != nil || e.literal) && !p.fixed {
			text = ere.Quote(text)
		}
		b.WriteString(text)
	}
	return b.String(), errors.Join(errs...)
}

// compiled returns the regex of a source.
func (p *pattern) compiled(source string) (*ere.Regexp, error) {
	if p.regex != nil {
		return p.regex, nil
	}
	if p.made == nil || p.madeFrom != source {
		re, err := ere.Compile(source, p.flags)
		if err != nil {
			return nil, err
		}
		p.made, p.madeFrom = re, source
	}
	return p.made, nil
}

// compile makes the regex of a pattern without uses. With uses it only looks for what
// is malformed, before there is any input: groups referred to by number.
func (p *pattern) compile(refs bool) error {
	uses := len(p.uses())
	if p.fixed || uses > 0 && !refs {
		return nil
	}
	var b strings.Builder
	for _, e := range p.pieces {
		if e.use != nil {
			e.text = "x"
		}
		b.WriteString(e.text)
	}
	re, err := ere.Compile(b.String(), p.flags)
	if err == nil && uses == 0 {
		p.regex = re
	}
	return err
}
