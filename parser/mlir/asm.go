package mlir

import (
	"strconv"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/ir"
)

var _ ir.AsmParser = (*parser)(nil)

// ParseToken reads punctuation.
func (p *parser) ParseToken(tok string) error {
	if p.accept(tok) {
		return nil
	}
	return p.fail("got %s, expected %q", p.got(), tok)
}

// OptionalToken reads punctuation if it is next.
func (p *parser) OptionalToken(tok string) bool { return p.accept(tok) }

// ParseKeyword reads a word.
func (p *parser) ParseKeyword(word string) error {
	if p.OptionalKeyword(word) {
		return nil
	}
	return p.fail("got %s, expected %q", p.got(), word)
}

// OptionalKeyword reads a word if it is next.
func (p *parser) OptionalKeyword(word string) bool {
	saved := p.scanner
	if p.word() == word {
		return true
	}
	p.scanner = saved
	return false
}

// AnyKeyword reads a bare identifier.
func (p *parser) AnyKeyword() (string, error) {
	if w := p.word(); w != "" {
		return w, nil
	}
	return "", p.fail("got %s, expected a word", p.got())
}

// ParseInteger reads a decimal or hexadecimal integer.
func (p *parser) ParseInteger() (int64, error) {
	p.space()
	start := p.pos
	if p.pos < len(p.src) && p.src[p.pos] == '-' {
		p.pos++
	}
	for p.pos < len(p.src) && (isDigit(p.src[p.pos]) || isLetter(p.src[p.pos]) && p.pos > start) {
		p.pos++
	}
	text := p.src[start:p.pos]
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		p.pos = start
		if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
			return 0, p.fail("the integer %.40s does not fit 64 bits", text)
		}
		return 0, p.fail("got %s, expected an integer", p.got())
	}
	return v, nil
}

// ParseString reads a string literal.
func (p *parser) ParseString() (string, error) {
	if p.peek() != '"' {
		return "", p.fail("got %s, expected a string", p.got())
	}
	s, problem := p.quoted()
	if problem != "" {
		return "", p.fail("%s", problem)
	}
	return s, nil
}

// ParseSymbolName reads @name.
func (p *parser) ParseSymbolName() (string, error) {
	if name, ok := p.OptionalSymbolName(); ok {
		return name, nil
	}
	return "", p.fail("got %s, expected a symbol such as @name", p.got())
}

// OptionalSymbolName reads @name or @"name" if it is next.
func (p *parser) OptionalSymbolName() (string, bool) {
	if p.peek() != '@' {
		return "", false
	}
	saved := p.scanner
	p.pos++
	if p.pos < len(p.src) && p.src[p.pos] == '"' {
		if s, problem := p.quoted(); problem == "" {
			return s, true
		}
	} else if s := p.suffix(); s != "" {
		return s, true
	}
	p.scanner = saved
	return "", false
}

// ParseOperand reads %name or %name#i.
func (p *parser) ParseOperand() (ir.UnresolvedOperand, error) {
	o, ok, err := p.OptionalOperand()
	if err == nil && !ok {
		err = p.fail("got %s, expected a value such as %%0", p.got())
	}
	return o, err
}

// OptionalOperand reads a value name if one is next.
func (p *parser) OptionalOperand() (ir.UnresolvedOperand, bool, error) {
	if p.peek() != '%' {
		return ir.UnresolvedOperand{}, false, nil
	}
	o := ir.UnresolvedOperand{Pos: p.here()}
	p.pos++
	if o.Name = p.suffix(); o.Name == "" {
		return o, false, p.fail("got %s, expected a value name after %%", p.got())
	}
	if p.pos < len(p.src) && p.src[p.pos] == '#' {
		p.pos++
		i, err := p.ParseInteger()
		if err != nil {
			return o, false, err
		}
		o.Index = int(i)
	}
	return o, true, nil
}

// ParseOperandList reads value names separated by commas, possibly none. The list is
// valid until the op is done.
func (p *parser) ParseOperandList() ([]ir.UnresolvedOperand, error) {
	start := len(p.operands)
	for {
		o, ok, err := p.OptionalOperand()
		if err != nil {
			return nil, err
		}
		if !ok {
			if len(p.operands) > start {
				return nil, p.fail("got %s, expected a value after the comma", p.got())
			}
			return nil, nil
		}
		p.operands = append(p.operands, o)
		if !p.accept(",") {
			return p.operands[start:len(p.operands):len(p.operands)], nil
		}
	}
}

// Resolve finds the value of an operand and checks its type.
func (p *parser) Resolve(o ir.UnresolvedOperand, t ir.Type) (*ir.Value, error) {
	if found, ok := p.names[o.Name]; ok {
		if o.Index < 0 || o.Index >= found.count {
			return nil, p.Errorf(o.Pos, "%%%s has %d results, got #%d", o.Name, found.count, o.Index)
		}
		v := found.value(o.Index)
		if v.Type() == t {
			return v, nil
		}
		return nil, p.Errorf(o.Pos, "%%%s has type %s, expected %s", o.Name, v.Type(), t)
	}
	if p.poisoned[o.Name] {
		return nil, errPoisoned
	}
	return nil, p.Errorf(o.Pos, "%%%s is used before it is defined", o.Name)
}

// ResolveAll resolves operands pairwise with types into s.
func (p *parser) ResolveAll(os []ir.UnresolvedOperand, types []ir.Type, pos diag.Pos, s *ir.State) error {
	if len(os) != len(types) {
		return p.Errorf(pos, "got %d operands and %d types for them", len(os), len(types))
	}
	for i, o := range os {
		if err := p.ResolveInto(o, types[i], s); err != nil {
			return err
		}
	}
	return nil
}

// ResolveSame resolves operands that all have type t into s.
func (p *parser) ResolveSame(os []ir.UnresolvedOperand, t ir.Type, s *ir.State) error {
	for _, o := range os {
		if err := p.ResolveInto(o, t, s); err != nil {
			return err
		}
	}
	return nil
}

// ResolveInto resolves one operand and appends it to the operands of s, which it cuts from the stack of values:
// making the op copies them.
func (p *parser) ResolveInto(o ir.UnresolvedOperand, t ir.Type, s *ir.State) error {
	v, err := p.Resolve(o, t)
	if err != nil {
		return err
	}
	if n := len(s.Operands); n > 0 && (n > len(p.values) || p.values[len(p.values)-1] != s.Operands[n-1]) {
		s.Operands = append(s.Operands, v)
		return nil
	}
	p.values = append(p.values, v)
	s.Operands = p.values[len(p.values)-1-len(s.Operands) : len(p.values) : len(p.values)]
	return nil
}

// ParseRegion reads { .. }, in which the values around it are in sight.
func (p *parser) ParseRegion(entry []ir.Argument) (*ir.Region, error) {
	return p.region(entry, false)
}

// OptionalRegion reads { .. } if it follows, in which nothing around it is in sight:
// it is the body of a function.
func (p *parser) OptionalRegion(entry []ir.Argument) (*ir.Region, bool, error) {
	if p.peek() != '{' {
		return nil, false, nil
	}
	if entry == nil {
		entry = []ir.Argument{}
	}
	r, err := p.region(entry, true)
	return r, true, err
}

// ParseArgument reads %name : type {attrs} loc(..).
func (p *parser) ParseArgument() (ir.Argument, error) {
	name, err := p.ParseOperand()
	if err != nil {
		return ir.Argument{}, err
	}
	a := ir.Argument{Name: name, Loc: ir.At(name.Pos)}
	if err := p.ParseToken(":"); err != nil {
		return a, err
	}
	if a.Type, err = p.ParseType(); err != nil {
		return a, err
	}
	a.Loc, err = p.OptionalLoc(a.Loc)
	return a, err
}

// EnsureTerminator appends a terminator to the only block of r if it has none.
func (p *parser) EnsureTerminator(r *ir.Region, terminator ir.OpName) {
	if len(r.Blocks()) == 0 {
		r.Append(ir.NewBlock())
	}
	b := r.Blocks()[len(r.Blocks())-1]
	if last := b.Last(); last == nil || !last.Has(ir.Terminator) {
		b.Append(ir.NewOp(p.ctx, ir.State{Name: terminator, Results: []ir.Type{}}))
	}
}

// NumResults is how many results are named before the op, -1 if none.
func (p *parser) NumResults() int { return p.results }

// OptionalLoc reads loc(..) if it follows.
func (p *parser) OptionalLoc(def ir.Loc) (ir.Loc, error) {
	saved := p.scanner
	if p.word() != "loc" || !p.accept("(") {
		p.scanner = saved
		return def, nil
	}
	l, err := p.location()
	if err != nil {
		return def, err
	}
	return l, p.ParseToken(")")
}

// location reads what stands inside loc(..).
func (p *parser) location() (ir.Loc, error) {
	if err := p.enter(); err != nil {
		return ir.Loc{}, err
	}
	defer p.leave()
	switch c := p.peek(); {
	case c == '#':
		return readAlias(p, func() (ir.Loc, error) {
			if err := p.ParseKeyword("loc"); err != nil {
				return ir.Loc{}, err
			}
			if err := p.ParseToken("("); err != nil {
				return ir.Loc{}, err
			}
			l, err := p.location()
			if err == nil {
				err = p.ParseToken(")")
			}
			return l, err
		})
	case c == '"':
		name, err := p.ParseString()
		if err != nil {
			return ir.Loc{}, err
		}
		if p.accept(":") {
			line, err := p.ParseInteger()
			if err != nil {
				return ir.Loc{}, err
			}
			if err := p.ParseToken(":"); err != nil {
				return ir.Loc{}, err
			}
			col, err := p.ParseInteger()
			return ir.At(diag.Pos{File: name, Line: int(line), Col: int(col)}), err
		}
		l := ir.Loc{Name: name}
		if p.accept("(") {
			inner, err := p.location()
			if err != nil {
				return l, err
			}
			l.Pos = inner.Pos
			if !inner.Plain() {
				l.Child = &inner
			}
			return l, p.ParseToken(")")
		}
		return l, nil
	}
	switch w := p.word(); w {
	case "unknown":
		return ir.Loc{}, nil
	case "callsite":
		return p.callSite()
	case "fused":
		var l ir.Loc
		if p.accept("<") {
			a, err := p.ParseAttr()
			if err != nil {
				return l, err
			}
			l.Meta = a
			if err := p.ParseToken(">"); err != nil {
				return l, err
			}
		}
		if err := p.ParseToken("["); err != nil {
			return ir.Loc{}, err
		}
		for !p.accept("]") {
			if len(l.Fused) > 0 {
				if err := p.ParseToken(","); err != nil {
					return l, err
				}
			}
			inner, err := p.location()
			if err != nil {
				return l, err
			}
			l.Fused = append(l.Fused, inner)
		}
		if len(l.Fused) > 0 {
			l.Pos = l.Fused[0].Pos
		}
		return l, nil
	}
	return ir.Loc{}, p.fail("got %s, expected a location", p.got())
}

// callSite reads (callee at caller).
func (p *parser) callSite() (ir.Loc, error) {
	if err := p.ParseToken("("); err != nil {
		return ir.Loc{}, err
	}
	callee, err := p.location()
	if err != nil {
		return ir.Loc{}, err
	}
	if err := p.ParseKeyword("at"); err != nil {
		return ir.Loc{}, err
	}
	caller, err := p.location()
	if err != nil {
		return ir.Loc{}, err
	}
	return ir.Loc{Pos: callee.Pos, Child: &callee, Caller: &caller}, p.ParseToken(")")
}

// readAlias reads #name or !name by going to where it is defined and back.
func readAlias[T any](p *parser, read func() (T, error)) (T, error) {
	var zero T
	start := p.pos
	pos := p.here()
	p.pos++
	p.suffix()
	name := p.src[start:p.pos]
	a, ok := p.aliases[name]
	if !ok {
		return zero, p.Errorf(pos, "%s is not defined", name)
	}
	if p.busy[name] {
		return zero, p.Errorf(pos, "%s is defined by itself", name)
	}
	if p.busy == nil {
		p.busy = map[string]bool{}
	}
	if len(p.busy) > 0 {
		// Aliases of aliases may double at each step, without an end in sight.
		if p.unfolded++; p.unfolded > 100_000+2*len(p.src) {
			return zero, p.Errorf(pos, "aliases stand for more than %d others in all, which is taken for a mistake", p.unfolded-1)
		}
	}
	p.busy[name] = true
	saved := p.scanner
	p.pos, p.line, p.lineStart = a.pos, a.line, a.lineStart
	v, err := read()
	p.scanner = saved
	delete(p.busy, name)
	return v, err
}
