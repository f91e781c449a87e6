package ir

import (
	"strconv"
	"strings"
)

// PrintOptions choose how IR is printed.
type PrintOptions struct {
	// Generic prints every op in generic form.
	Generic bool
	// Locations appends loc(...) to every op and block argument.
	Locations bool
}

// Print is the text of op and everything in it, ending in a newline.
func Print(op *Op, opts PrintOptions) string {
	p := newPrinter(op, opts)
	p.line(op)
	return p.b.String()
}

// A Printer writes IR as text. It never fails: what is broken, such as a use of a
// value that is not in sight, shows in the text as <<UNKNOWN SSA VALUE>>.
//
// Pretty form. Ops with a Print function write themselves; other ops of a dialect
// marked Uniform print as
//
//	%r = aten.mul %a, %b {k = v} : (T, U) -> V
//
// with ": T" alone where all operands and results have the type T, "%r:2 =" for
// two results, and regions after the attributes. All else is generic:
//
//	%r = "aten.mul"(%a, %b) ({ region }) {k = v} : (T, U) -> V
type Printer struct {
	opts   PrintOptions
	b      strings.Builder
	indent int
	names  map[*Value]name
	blocks map[*Block]int
}

type name struct {
	text string // with the %
	of   int    // number of results that share the name, 1 or more
}

func newPrinter(root *Op, opts PrintOptions) *Printer {
	p := &Printer{opts: opts, names: map[*Value]name{}, blocks: map[*Block]int{}}
	n := numbering{}
	p.number(root, &n)
	return p
}

type numbering struct{ results, args int }

// number names the results of op, then everything inside it; ops isolated from
// above start counting again.
func (p *Printer) number(op *Op, n *numbering) {
	if k := op.NumResults(); k > 0 {
		base := "%" + strconv.Itoa(n.results)
		n.results++
		for i := 0; i < k; i++ {
			text := base
			if k > 1 {
				text += "#" + strconv.Itoa(i)
			}
			p.names[op.Result(i)] = name{text, k}
		}
	}
	inner := n
	if op.Has(IsolatedFromAbove) {
		inner = &numbering{}
	}
	for _, r := range op.regions {
		for i, b := range r.blocks {
			p.blocks[b] = i
			for _, a := range b.args {
				p.names[a] = name{"%arg" + strconv.Itoa(inner.args), 1}
				inner.args++
			}
		}
		for _, b := range r.blocks {
			for o := b.first; o != nil; o = o.next {
				p.number(o, inner)
			}
		}
	}
}

// line prints op on a line of its own.
func (p *Printer) line(op *Op) {
	p.newlineIndent()
	p.Op(op)
	p.b.WriteByte('\n')
}

func (p *Printer) newlineIndent() {
	for i := 0; i < p.indent; i++ {
		p.b.WriteString("  ")
	}
}

// Op prints op with its result names, without indentation or newline.
func (p *Printer) Op(op *Op) {
	if k := op.NumResults(); k > 0 {
		base, _, _ := strings.Cut(p.ValueName(op.Result(0)), "#")
		p.b.WriteString(base)
		if k > 1 {
			p.b.WriteByte(':')
			p.b.WriteString(strconv.Itoa(k))
		}
		p.b.WriteString(" = ")
	}
	switch {
	case p.opts.Generic || op.def == nil:
		p.generic(op)
	case op.def.Print != nil && op.def.fits(op):
		op.def.Print(p, op)
	case op.def.uniform:
		p.uniform(op)
	default:
		p.generic(op)
	}
	p.Location(op.Loc)
}

// Generic prints op in generic form, without result names, for a Print function that
// is given an op its form cannot show.
func (p *Printer) Generic(op *Op) { p.generic(op) }

func (p *Printer) generic(op *Op) {
	p.b.WriteString(Quote(string(op.Name)))
	p.b.WriteByte('(')
	p.Operands(op.Operands())
	p.b.WriteByte(')')
	if len(op.regions) > 0 {
		p.b.WriteString(" (")
		for i, r := range op.regions {
			if i > 0 {
				p.b.WriteString(", ")
			}
			p.Region(r, true)
		}
		p.b.WriteByte(')')
	}
	p.AttrDict(op)
	p.b.WriteString(" : ")
	p.FunctionType(op)
}

func (p *Printer) uniform(op *Op) {
	p.b.WriteString(string(op.Name))
	if op.NumOperands() > 0 {
		p.b.WriteByte(' ')
		p.Operands(op.Operands())
	}
	p.AttrDict(op)
	for _, r := range op.regions {
		p.b.WriteByte(' ')
		p.Region(r, true)
	}
	p.b.WriteString(" : ")
	if t := soleType(op); t != nil {
		p.b.WriteString(t.String())
		return
	}
	p.FunctionType(op)
}

// soleType is the type that all operands and all results of op have, if there is
// one of each; a function type would be read as the long form and does not count.
func soleType(op *Op) Type {
	if op.NumOperands() == 0 || op.NumResults() == 0 {
		return nil
	}
	t := op.Operand(0).typ
	if _, isFunc := t.(*FunctionType); isFunc {
		return nil
	}
	for i := range op.operands {
		if op.operands[i].value.typ != t {
			return nil
		}
	}
	for i := range op.results {
		if op.results[i].typ != t {
			return nil
		}
	}
	return t
}

// Write appends text as it is.
func (p *Printer) Write(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

// ValueName is the name of v as it is printed where it is used.
func (p *Printer) ValueName(v *Value) string {
	if n, ok := p.names[v]; ok {
		return n.text
	}
	return "<<UNKNOWN SSA VALUE>>"
}

// Operands prints value names separated by commas.
func (p *Printer) Operands(values []*Value) {
	for i, v := range values {
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.b.WriteString(p.ValueName(v))
	}
}

// Types prints types separated by commas.
func (p *Printer) Types(types []Type) { p.b.WriteString(joinTypes(types)) }

// TypesOf lists the types of values.
func TypesOf(values []*Value) []Type {
	out := make([]Type, len(values))
	for i, v := range values {
		out[i] = v.typ
	}
	return out
}

// FunctionType prints (operand types) -> result types.
func (p *Printer) FunctionType(op *Op) {
	writeFunctionType(&p.b, TypesOf(op.Operands()), TypesOf(op.Results()))
}

// AttrDict prints " {k = v, ..}" without the elided names, nothing if none is left.
func (p *Printer) AttrDict(op *Op, elided ...string) { p.attrDict("", op, elided) }

// AttrDictWithKeyword prints " attributes {k = v, ..}".
func (p *Printer) AttrDictWithKeyword(op *Op, elided ...string) {
	p.attrDict(" attributes", op, elided)
}

func (p *Printer) attrDict(keyword string, op *Op, elided []string) {
	first := true
next:
	for _, a := range op.attrs {
		for _, e := range elided {
			if a.Name == e {
				continue next
			}
		}
		if first {
			p.Write(keyword, " {")
		} else {
			p.Write(", ")
		}
		first = false
		p.Write(a.String())
	}
	if !first {
		p.Write("}")
	}
}

// Region prints { blocks }; the label of the entry block, which lists its
// arguments, is printed if entryArgs is set and there are any, or nothing else.
func (p *Printer) Region(r *Region, entryArgs bool) { p.RegionEliding(r, entryArgs, nil) }

// RegionEliding is Region without the last op of each block for which elide holds,
// as for the scf.yield of a loop that carries nothing.
func (p *Printer) RegionEliding(r *Region, entryArgs bool, elide func(*Op) bool) {
	p.Write("{\n")
	for i, b := range r.blocks {
		if i > 0 || entryArgs && (len(b.args) > 0 || b.first == nil) {
			p.newlineIndent()
			p.blockLabel(b)
		}
		p.indent++
		for op := b.first; op != nil; op = op.next {
			if op.next == nil && elide != nil && elide(op) {
				continue
			}
			p.line(op)
		}
		p.indent--
	}
	p.newlineIndent()
	p.Write("}")
}

func (p *Printer) blockLabel(b *Block) {
	p.Write("^bb", strconv.Itoa(p.blocks[b]))
	if len(b.args) > 0 {
		p.Write("(")
		for i, a := range b.args {
			if i > 0 {
				p.Write(", ")
			}
			p.Argument(a)
		}
		p.Write(")")
	}
	p.Write(":\n")
}

// Argument prints a block argument with its type.
func (p *Printer) Argument(a *Value) {
	p.Write(p.ValueName(a), ": ", a.typ.String())
	p.Location(a.Loc())
}

// Location prints " loc(..)" if locations are asked for.
func (p *Printer) Location(l Loc) {
	if p.opts.Locations {
		p.Write(" loc(", l.String(), ")")
	}
}

// String prints the location as inside loc(...).
func (l Loc) String() string {
	switch {
	case l.Caller != nil:
		return "callsite(" + l.Child.String() + " at " + l.Caller.String() + ")"
	case l.Child != nil:
		return Quote(l.Name) + "(" + l.Child.String() + ")"
	case len(l.Fused) > 0:
		parts := make([]string, len(l.Fused))
		for i, f := range l.Fused {
			parts[i] = f.String()
		}
		meta := ""
		if l.Meta != nil {
			meta = "<" + l.Meta.String() + ">"
		}
		return "fused" + meta + "[" + strings.Join(parts, ", ") + "]"
	case l.Name != "" && l.Pos.Known():
		return Quote(l.Name) + "(" + Loc{Pos: l.Pos}.String() + ")"
	case l.Name != "":
		return Quote(l.Name)
	case l.Pos.Known():
		return Quote(l.Pos.File) + ":" + strconv.Itoa(l.Pos.Line) + ":" + strconv.Itoa(l.Pos.Col)
	}
	return "unknown"
}
