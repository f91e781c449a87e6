package mlir

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/ir"
)

// maxErrors ends the reading of a text that is not IR at all.
const maxErrors = 20

// maxDepth bounds the nesting of regions, types and attributes.
const maxDepth = 256

// Parse reads a module. Ops at the top level that are not in a module are put into
// one.
func Parse(ctx *ir.Context, file string, src []byte) (*ir.Module, error) {
	p := &parser{scanner: scanner{file: file, src: string(src), line: 1}, ctx: ctx,
		types: map[string]ir.Type{}, aliases: map[string]alias{}, poisoned: map[string]bool{}}
	p.findAliases()
	m := ir.NewModule(ctx)
	p.push(false)
	for p.peek() != 0 && len(p.errs) < maxErrors {
		if c := p.peek(); (c == '#' || c == '!') && p.pos == p.lineStart {
			p.skipLine() // an alias, read where it is used
			continue
		}
		p.opInto(m.Body())
	}
	if len(p.errs) > 0 {
		var l diag.List
		for _, e := range p.errs {
			l.Add(e.WithSource(p.src))
		}
		return nil, l.Err()
	}
	if only := m.Body().First(); only != nil && only.Next() == nil && only.Name == ir.OpModule {
		only.Remove()
		return &ir.Module{Ctx: ctx, Op: only}, nil
	}
	m.Op.Loc = ir.At(diag.Pos{File: file, Line: 1, Col: 1})
	return m, nil
}

type alias struct{ pos, line, lineStart int }

type parser struct {
	scanner
	ctx      *ir.Context
	errs     []*diag.Error
	depth    int
	types    map[string]ir.Type // by text
	aliases  map[string]alias   // where the text behind #name = and !name = starts
	busy     map[string]bool    // aliases being read
	unfolded int                // aliases read inside others
	scopes   []scope
	names    map[string]named // in sight
	defined  []string         // the names in it, in order
	spare    map[string]named // an empty map from a function that has ended
	poisoned map[string]bool  // values of ops that failed to parse
	results  int              // names before the op being read, -1 none
	slab     ir.Slab
	states   []*ir.State // empty ones
	// operands and values are stacks that lists are cut from; they are cut back to
	// where they were when the op is done.
	operands []ir.UnresolvedOperand
	values   []*ir.Value
}

// scope is what one region defines. All regions of a function share its map of names,
// so that one look-up finds a value; what a region defined is taken out when it ends.
type scope struct {
	isolated bool
	names    map[string]named // of the function around, kept while another is read
	defined  int              // how many names were defined before
}

// named is what a name stands for: count values, from first on.
type named struct {
	first *ir.Value
	count int
}

func (n named) value(i int) *ir.Value {
	if i == 0 {
		return n.first
	}
	return n.first.Def().Result(n.first.Index() + i)
}

// bytesPerName is about how much text goes with a name; maps are made for that many.
const bytesPerName = 48

func (p *parser) push(isolated bool) {
	p.scopes = append(p.scopes, scope{isolated, p.names, len(p.defined)})
	switch {
	case p.names == nil:
		p.names = make(map[string]named, 8)
	case isolated && p.spare != nil:
		p.names, p.spare = p.spare, nil
	case isolated:
		p.names = make(map[string]named, (len(p.src)-p.pos)/bytesPerName)
	}
}

func (p *parser) pop() {
	last := p.scopes[len(p.scopes)-1]
	for _, name := range p.defined[last.defined:] {
		delete(p.names, name)
	}
	p.defined = p.defined[:last.defined]
	if last.isolated {
		p.spare, p.names = p.names, last.names
	}
	p.scopes = p.scopes[:len(p.scopes)-1]
}

// findAliases notes where lines start that define an alias.
func (p *parser) findAliases() {
	line, start := 1, 0
	for start < len(p.src) {
		end := strings.IndexByte(p.src[start:], '\n')
		if end < 0 {
			end = len(p.src) - start
		}
		if c := p.src[start]; c == '#' || c == '!' {
			if name, _, ok := strings.Cut(p.src[start:start+end], "="); ok {
				name = strings.TrimSpace(name)
				p.aliases[name] = alias{start + strings.IndexByte(p.src[start:], '=') + 1, line, start}
			}
		}
		start += end + 1
		line++
	}
}

func (p *parser) skipLine() {
	if i := strings.IndexByte(p.src[p.pos:], '\n'); i >= 0 {
		p.pos += i
	} else {
		p.pos = len(p.src)
	}
}

// Pos is where the next token starts.
func (p *parser) Pos() diag.Pos { return p.here() }

// Context of the module being read.
func (p *parser) Context() *ir.Context { return p.ctx }

// Errorf is an error at pos.
func (p *parser) Errorf(pos diag.Pos, format string, args ...any) error {
	return diag.Errorf(pos, format, args...)
}

func (p *parser) fail(format string, args ...any) error { return p.Errorf(p.here(), format, args...) }

// got describes the next token for a message.
func (p *parser) got() string {
	if p.peek() == 0 {
		return "the end of the text"
	}
	end := p.pos + 1
	for end < len(p.src) && end-p.pos < 24 && !strings.ContainsRune(" \n\t,(){}[]:", rune(p.src[end])) {
		end++
	}
	return fmt.Sprintf("%q", p.src[p.pos:end])
}

func (p *parser) enter() error {
	if p.depth >= maxDepth {
		return p.fail("nested more than %d deep", maxDepth)
	}
	p.depth++
	return nil
}

func (p *parser) leave() { p.depth-- }

// errPoisoned stands for an error that only follows from one already reported.
var errPoisoned = fmt.Errorf("follows from an earlier error")

// opInto reads an op and appends it to block. After an error it goes on behind the op.
func (p *parser) opInto(block *ir.Block) {
	p.space()
	start, line, lineStart := p.pos, p.line, p.lineStart
	scopes, depth := len(p.scopes), p.depth
	var buffer [4]resultName
	names, err := p.opNames(buffer[:0])
	if err == nil {
		err = p.op(block, names)
	}
	if err == nil {
		return
	}
	if err != errPoisoned {
		p.errs = append(p.errs, diag.All(err)...)
	}
	for _, n := range names {
		p.poisoned[n.name] = true
	}
	for len(p.scopes) > scopes {
		p.pop()
	}
	p.depth = depth
	p.pos, p.line, p.lineStart = start, line, lineStart
	p.recover()
}

// recover passes the rest of an op that failed: to the end of the line on which all
// the braces it opened are closed.
func (p *parser) recover() {
	open := 0
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '{':
			open++
		case '}':
			if open == 0 {
				return // of the block around
			}
			open--
		case '"':
			if _, problem := p.quoted(); problem == "" {
				continue
			}
			continue
		case '\n':
			p.line++
			p.lineStart = p.pos + 1
			if open == 0 {
				p.pos++
				return
			}
		}
		p.pos++
	}
}

// resultName is %name or %name:count before an op.
type resultName struct {
	name  string
	count int
}

func (p *parser) opNames(names []resultName) ([]resultName, error) {
	for p.peek() == '%' {
		p.pos++
		n := resultName{p.suffix(), 1}
		if n.name == "" {
			return names, p.fail("got %s, expected a value name after %%", p.got())
		}
		if p.accept(":") {
			count, err := p.ParseInteger()
			if err != nil {
				return names, err
			}
			if count < 1 || count > 1<<16 {
				return names, p.fail("%%%s names %d results", n.name, count)
			}
			n.count = int(count)
		}
		names = append(names, n)
		if p.accept(",") {
			continue
		}
		return names, p.ParseToken("=")
	}
	return names, nil
}

func (p *parser) op(block *ir.Block, names []resultName) error {
	operands, values := len(p.operands), len(p.values)
	defer func() { p.operands, p.values = p.operands[:operands], p.values[:values] }()
	pos := p.here()
	s := p.state()
	s.Loc, s.Slab = ir.At(pos), &p.slab
	p.results = -1
	for _, n := range names {
		p.results = max(p.results, 0) + n.count
	}
	var err error
	switch {
	case p.peek() == '"':
		err = p.generic(s)
	default:
		word := p.word()
		if word == "" {
			return p.fail("got %s, expected an op", p.got())
		}
		err = p.custom(pos, word, s)
	}
	if err != nil {
		return err
	}
	if s.Loc, err = p.OptionalLoc(s.Loc); err != nil {
		return err
	}
	for i := 1; i < len(s.Attrs); i++ {
		for j := 0; j < i; j++ {
			if s.Attrs[i].Name == s.Attrs[j].Name {
				return p.Errorf(pos, "attribute %q is given twice", s.Attrs[i].Name)
			}
		}
	}
	op := ir.NewOp(p.ctx, *s)
	*s = ir.State{}
	p.states = append(p.states, s)
	block.Append(op)
	want := 0
	for _, n := range names {
		want += n.count
	}
	if len(names) > 0 && want != op.NumResults() {
		return p.Errorf(pos, "%s: the op has %d results, but %d names stand before it", op.Name, op.NumResults(), want)
	}
	at := 0
	for _, n := range names {
		if err := p.define(n.name, pos, named{op.Result(at), n.count}); err != nil {
			return err
		}
		at += n.count
	}
	return nil
}

func (p *parser) define(name string, pos diag.Pos, value named) error {
	before := len(p.names)
	p.names[name] = value
	if len(p.names) == before {
		return p.Errorf(pos, "%%%s is defined twice", name)
	}
	p.defined = append(p.defined, name)
	return nil
}

// state is an empty State, which is given back when the op is made.
func (p *parser) state() *ir.State {
	if n := len(p.states); n > 0 {
		s := p.states[n-1]
		p.states = p.states[:n-1]
		return s
	}
	return &ir.State{}
}

// generic reads "d.op"(%a, %b) ({..}) {..} : (T) -> U.
func (p *parser) generic(s *ir.State) error {
	name, problem := p.quoted()
	if problem != "" {
		return p.fail("%s", problem)
	}
	s.Name = ir.OpName(name)
	if err := p.ParseToken("("); err != nil {
		return err
	}
	operands, err := p.ParseOperandList()
	if err != nil {
		return err
	}
	if err := p.ParseToken(")"); err != nil {
		return err
	}
	if p.peek() == '[' {
		return p.fail("%s: successors, that is control flow between blocks, are not supported", name)
	}
	if p.accept("(") {
		for {
			r, err := p.region(nil, p.isolates(s.Name))
			if err != nil {
				return err
			}
			s.Regions = append(s.Regions, r)
			if !p.accept(",") {
				break
			}
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
	}
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	pos := p.here()
	t, err := p.ParseFunctionType()
	if err != nil {
		return err
	}
	s.Results = t.Results()
	return p.ResolveAll(operands, t.Inputs(), pos, s)
}

func (p *parser) isolates(name ir.OpName) bool {
	def := p.ctx.Op(name)
	return def != nil && def.Traits&ir.IsolatedFromAbove != 0
}

// bareDialects are the dialects whose ops MLIR prints without their prefix inside
// the ops named.
var bareDialects = []string{"func.", "builtin."}

// custom reads an op in its own form, or in the uniform one.
func (p *parser) custom(pos diag.Pos, word string, s *ir.State) error {
	s.Name = ir.OpName(word)
	if word == "module" {
		return p.module(s)
	}
	def := p.ctx.Op(s.Name)
	for _, prefix := range bareDialects {
		if def == nil && !strings.Contains(word, ".") {
			if def = p.ctx.Op(ir.OpName(prefix + word)); def != nil {
				s.Name = def.Name
			}
		}
	}
	switch {
	case def == nil:
		e := diag.Errorf(pos, "%s is not a registered op", word)
		e.Code = diag.Unsupported
		e.Remedy = "ops that are not registered are written in generic form: \"" + word + "\"(..) : (..) -> .."
		return e
	case def.Parse != nil:
		return def.Parse(p, s)
	case def.Uniform():
		return p.uniform(def, s)
	}
	return p.Errorf(pos, "%s has no pretty form: write \"%s\"(..) : (..) -> ..", word, word)
}

func (p *parser) module(s *ir.State) error {
	s.Name = ir.OpModule
	s.Results = []ir.Type{}
	if name, ok := p.OptionalSymbolName(); ok {
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: ir.SymbolName, Attr: ir.StringAttr(name)})
	}
	if err := p.OptionalAttrDictWithKeyword(s); err != nil {
		return err
	}
	r, err := p.region(nil, true)
	if err != nil {
		return err
	}
	if len(r.Blocks()) == 0 {
		r.Append(ir.NewBlock())
	}
	s.Regions = []*ir.Region{r}
	return nil
}

// uniform reads "%a, %b {..} {region} : T" or ": (T, U) -> V".
func (p *parser) uniform(def *ir.OpDef, s *ir.State) error {
	operands, err := p.ParseOperandList()
	if err != nil {
		return err
	}
	if def.Regions == 0 || p.peek() == '{' && p.looksLikeAttrs() {
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
	}
	for p.peek() == '{' {
		r, err := p.region(nil, def.Traits&ir.IsolatedFromAbove != 0)
		if err != nil {
			return err
		}
		s.Regions = append(s.Regions, r)
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	pos := p.here()
	if p.peek() == '(' {
		t, err := p.ParseFunctionType()
		if err != nil {
			return err
		}
		s.Results = append([]ir.Type{}, t.Results()...)
		return p.ResolveAll(operands, t.Inputs(), pos, s)
	}
	t, err := p.ParseType()
	if err != nil {
		return err
	}
	types := make([]ir.Type, len(operands))
	for i := range types {
		types[i] = t
	}
	results := max(p.results, 1)
	for i := 0; i < results; i++ {
		s.Results = append(s.Results, t)
	}
	return p.ResolveAll(operands, types, pos, s)
}

// looksLikeAttrs tells { k = .. } from a region.
func (p *parser) looksLikeAttrs() bool {
	saved := p.scanner
	defer func() { p.scanner = saved }()
	p.pos++
	if p.peek() == '}' || p.peek() == '"' {
		if p.peek() == '"' {
			_, problem := p.quoted()
			return problem == "" && (p.peek() == '=' || p.peek() == ',' || p.peek() == '}')
		}
		return false
	}
	return p.word() != "" && (p.peek() == '=' || p.peek() == ',' || p.peek() == '}')
}

// region reads { blocks }.
func (p *parser) region(entry []ir.Argument, isolated bool) (*ir.Region, error) {
	if err := p.ParseToken("{"); err != nil {
		return nil, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	results := p.results
	defer func() { p.results = results }()
	p.push(isolated)
	defer p.pop()
	r := ir.NewRegion()
	var block *ir.Block
	if entry != nil {
		block = ir.NewBlock()
		r.Append(block)
		for _, a := range entry {
			v := block.AddArg(a.Type)
			v.SetLoc(a.Loc)
			if a.Name.Name == "" {
				continue
			}
			if err := p.define(a.Name.Name, a.Name.Pos, named{v, 1}); err != nil {
				return nil, err
			}
		}
	}
	for {
		switch p.peek() {
		case '}':
			p.pos++
			return r, nil
		case 0:
			return nil, p.fail("the text ends inside a region, expected }")
		case '^':
			b, err := p.label()
			if err != nil {
				return nil, err
			}
			if block != nil && entry != nil && block.Len() == 0 && len(r.Blocks()) == 1 && len(b.Args()) > 0 {
				return nil, p.fail("the arguments of this block are spelled by the op already")
			}
			block = b
			r.Append(block)
		default:
			if block == nil {
				block = ir.NewBlock()
				r.Append(block)
			}
			p.opInto(block)
			if len(p.errs) >= maxErrors {
				return nil, errPoisoned
			}
		}
	}
}

// label reads ^bb0(%a: T, ..):.
func (p *parser) label() (*ir.Block, error) {
	p.pos++
	p.suffix()
	b := ir.NewBlock()
	if p.accept("(") {
		for !p.accept(")") {
			if len(b.Args()) > 0 {
				if err := p.ParseToken(","); err != nil {
					return nil, err
				}
			}
			a, err := p.ParseArgument()
			if err != nil {
				return nil, err
			}
			v := b.AddArg(a.Type)
			v.SetLoc(a.Loc)
			if err := p.define(a.Name.Name, a.Name.Pos, named{v, 1}); err != nil {
				return nil, err
			}
		}
	}
	return b, p.ParseToken(":")
}
