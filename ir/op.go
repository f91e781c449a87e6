package ir

import (
	"sort"
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// OpName is the full name of an op, "dialect.op".
type OpName string

// Dialect is the part before the first dot.
func (n OpName) Dialect() string {
	d, _, _ := strings.Cut(string(n), ".")
	return d
}

// Loc is where an op came from: a place in a source text, a name, or several
// places fused. The zero Loc is unknown.
type Loc struct {
	Pos   diag.Pos
	Name  string
	Fused []Loc
	// What follows comes from MLIR's own tools only.
	Meta   Attr // of Fused, nil if there is none
	Child  *Loc // what Name names, if that is not a place alone; or what is called
	Caller *Loc // where Child is called
}

// Plain reports whether l is a place in a text and no more.
func (l Loc) Plain() bool {
	return l.Pos.Known() && l.Name == "" && l.Fused == nil && l.Child == nil
}

// At is the location of a position.
func At(p diag.Pos) Loc { return Loc{Pos: p} }

// Fuse joins locations, dropping unknown and repeated ones and keeping order.
func Fuse(locs ...Loc) Loc {
	var flat []Loc
	seen := map[diag.Pos]bool{}
	var add func(l Loc)
	add = func(l Loc) {
		for _, inner := range l.parts() {
			add(inner)
		}
		if l.Pos.Known() && !seen[l.Pos] {
			seen[l.Pos] = true
			flat = append(flat, Loc{Pos: l.Pos, Name: l.Name})
		}
	}
	for _, l := range locs {
		add(l)
	}
	switch len(flat) {
	case 0:
		return Loc{}
	case 1:
		return flat[0]
	}
	return Loc{Pos: flat[0].Pos, Fused: flat}
}

// Positions lists the places of l in order.
func (l Loc) Positions() []diag.Pos {
	parts := l.parts()
	if len(parts) == 0 {
		if l.Pos.Known() {
			return []diag.Pos{l.Pos}
		}
		return nil
	}
	var out []diag.Pos
	for _, f := range parts {
		out = append(out, f.Positions()...)
	}
	return out
}

// parts are the locations that l is made of.
func (l Loc) parts() []Loc {
	parts := l.Fused
	for _, other := range []*Loc{l.Child, l.Caller} {
		if other != nil {
			parts = append(parts[:len(parts):len(parts)], *other)
		}
	}
	return parts
}

// A Value is the result of an op or an argument of a block.
type Value struct {
	typ   Type
	def   *Op    // the op it is a result of, or nil
	block *Block // the block it is an argument of, or nil
	index int
	first *Use
	loc   *Loc // of a block argument, if it has one
}

// Type of the value.
func (v *Value) Type() Type { return v.typ }

// SetType changes the type of the value; the caller keeps its users valid.
func (v *Value) SetType(t Type) { v.typ = t }

// Def is the op that the value is a result of, nil for a block argument.
func (v *Value) Def() *Op { return v.def }

// Block is the block that the value is an argument of, nil for a result.
func (v *Value) Block() *Block { return v.block }

// Index among the results of the op or the arguments of the block.
func (v *Value) Index() int { return v.index }

// Loc is the location of the defining op or of the block argument.
func (v *Value) Loc() Loc {
	if v.def != nil {
		return v.def.Loc
	}
	if v.loc == nil {
		return Loc{}
	}
	return *v.loc
}

// SetLoc sets the location of a block argument.
func (v *Value) SetLoc(l Loc) { v.loc = &l }

// Unused reports whether nothing uses the value.
func (v *Value) Unused() bool { return v.first == nil }

// HasOneUse reports whether exactly one operand is the value.
func (v *Value) HasOneUse() bool { return v.first != nil && v.first.next == nil }

// Uses lists the operands that are the value, oldest first.
func (v *Value) Uses() []*Use {
	var out []*Use
	for u := v.first; u != nil; u = u.next {
		out = append(out, u)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// ReplaceAllUsesWith makes every use of v a use of w.
func (v *Value) ReplaceAllUsesWith(w *Value) {
	if v == w {
		return
	}
	for _, u := range v.Uses() {
		u.Set(w)
	}
}

// A Use is one operand of an op.
type Use struct {
	value      *Value
	owner      *Op
	index      int
	prev, next *Use
}

// Value that is used.
func (u *Use) Value() *Value { return u.value }

// Owner is the op that uses it.
func (u *Use) Owner() *Op { return u.owner }

// Index among the owner's operands.
func (u *Use) Index() int { return u.index }

// Set makes the operand another value.
func (u *Use) Set(v *Value) {
	u.unlink()
	u.link(v)
}

func (u *Use) link(v *Value) {
	u.value = v
	if v == nil {
		return
	}
	u.prev, u.next = nil, v.first
	if v.first != nil {
		v.first.prev = u
	}
	v.first = u
}

func (u *Use) unlink() {
	if u.value == nil {
		return
	}
	if u.prev != nil {
		u.prev.next = u.next
	} else {
		u.value.first = u.next
	}
	if u.next != nil {
		u.next.prev = u.prev
	}
	u.value, u.prev, u.next = nil, nil, nil
}

// An Op is an operation. Its small arrays save allocations: most ops have at most
// three operands and one result. An Op must not be copied.
type Op struct {
	Name OpName
	Loc  Loc

	def        *OpDef
	operands   []Use
	results    []Value
	attrs      AttrList
	regions    []*Region
	block      *Block
	prev, next *Op
	order      int // position in the block, valid while block.ordered

	smallOperands [3]Use
	smallResults  [1]Value
}

// State is what an op is made from.
type State struct {
	Name     OpName
	Loc      Loc
	Operands []*Value
	Results  []Type
	Attrs    []NamedAttr // in any order; names must be unique
	Regions  []*Region
	// Slab, if set, is where the op's memory comes from.
	Slab *Slab
}

// Slab hands out memory for many ops at once, for readers of large texts. The memory
// of a slab is free when none of its ops is in use.
type Slab struct{ free []Op }

func (s *Slab) take() *Op {
	if s == nil {
		return &Op{}
	}
	if len(s.free) == 0 {
		s.free = make([]Op, 64)
	}
	op := &s.free[0]
	s.free = s.free[1:]
	return op
}

// NewOp makes a detached op. Its definition is looked up in ctx; an unregistered
// op has none.
func NewOp(ctx *Context, s State) *Op {
	op := s.Slab.take()
	op.Name, op.Loc, op.def = s.Name, s.Loc, ctx.Op(s.Name)
	op.SetOperands(s.Operands)
	if n := len(s.Results); n <= len(op.smallResults) {
		op.results = op.smallResults[:n:n]
	} else {
		op.results = make([]Value, n)
	}
	for i, t := range s.Results {
		r := &op.results[i]
		r.typ, r.def, r.index = t, op, i
	}
	op.attrs = s.Attrs
	if !sort.SliceIsSorted(op.attrs, func(i, j int) bool { return op.attrs[i].Name < op.attrs[j].Name }) {
		op.attrs = clone(s.Attrs)
		sort.SliceStable(op.attrs, func(i, j int) bool { return op.attrs[i].Name < op.attrs[j].Name })
	}
	op.regions = s.Regions
	for _, r := range op.regions {
		r.owner = op
	}
	return op
}

// Def is the definition of the op, nil if its name is not registered.
func (op *Op) Def() *OpDef { return op.def }

// Has reports whether the op is registered with all of the given traits.
func (op *Op) Has(t Trait) bool {
	if op.def == nil {
		return false
	}
	traits := op.def.Traits
	if traits&PureOnTensors != 0 && t&Pure != 0 && !op.touchesMemory() {
		traits |= Pure
	}
	return traits&t == t
}

// touchesMemory reports whether an operand is memory.
func (op *Op) touchesMemory() bool {
	for i := range op.operands {
		if v := op.operands[i].value; v != nil {
			if _, ok := v.typ.(*MemRefType); ok {
				return true
			}
		}
	}
	return false
}

// NumOperands is the number of operands.
func (op *Op) NumOperands() int { return len(op.operands) }

// Operand i.
func (op *Op) Operand(i int) *Value { return op.operands[i].value }

// Operands lists the operands; the slice is fresh.
func (op *Op) Operands() []*Value {
	out := make([]*Value, len(op.operands))
	for i := range op.operands {
		out[i] = op.operands[i].value
	}
	return out
}

// OperandUse is the use that operand i is.
func (op *Op) OperandUse(i int) *Use { return &op.operands[i] }

// SetOperand makes operand i another value.
func (op *Op) SetOperand(i int, v *Value) { op.operands[i].Set(v) }

// SetOperands replaces all operands.
func (op *Op) SetOperands(values []*Value) {
	for i := range op.operands {
		op.operands[i].unlink()
	}
	if n := len(values); n <= len(op.smallOperands) {
		op.operands = op.smallOperands[:n:n]
	} else {
		op.operands = make([]Use, n)
	}
	for i, v := range values {
		u := &op.operands[i]
		u.owner, u.index = op, i
		u.link(v)
	}
}

// NumResults is the number of results.
func (op *Op) NumResults() int { return len(op.results) }

// Result i.
func (op *Op) Result(i int) *Value { return &op.results[i] }

// Results lists the results; the slice is fresh.
func (op *Op) Results() []*Value {
	out := make([]*Value, len(op.results))
	for i := range op.results {
		out[i] = &op.results[i]
	}
	return out
}

// Attr is the attribute of that name or nil.
func (op *Op) Attr(name string) Attr { return op.attrs.Get(name) }

// Attrs lists the attributes sorted by name; callers must not change the slice.
func (op *Op) Attrs() AttrList { return op.attrs }

// SetAttr sets or, with nil, removes an attribute.
func (op *Op) SetAttr(name string, a Attr) {
	if name == SymbolName && op.block != nil {
		op.block.dropSymbol(op)
		defer func() { op.block.addSymbol(op) }()
	}
	i := sort.Search(len(op.attrs), func(i int) bool { return op.attrs[i].Name >= name })
	found := i < len(op.attrs) && op.attrs[i].Name == name
	attrs := make(AttrList, 0, len(op.attrs)+1)
	attrs = append(attrs, op.attrs[:i]...)
	if a != nil {
		attrs = append(attrs, NamedAttr{name, a})
	}
	if found {
		i++
	}
	op.attrs = append(attrs, op.attrs[i:]...)
}

// Int is the value of an integer attribute, or def if there is none of that name.
func (op *Op) Int(name string, def int64) int64 { return op.attrs.Int(name, def) }

// Float is the value of a float or integer attribute, or def if there is none.
func (op *Op) Float(name string, def float64) float64 { return op.attrs.Float(name, def) }

// Bool is the value of a boolean attribute, or def if there is none.
func (op *Op) Bool(name string, def bool) bool { return op.attrs.Bool(name, def) }

// Str is the value of a string attribute, or "" if there is none.
func (op *Op) Str(name string) string { return op.attrs.Str(name) }

// Ints is the value of a dense integer array attribute, or nil if there is none.
func (op *Op) Ints(name string) []int64 { return op.attrs.Ints(name) }

// NumRegions is the number of regions.
func (op *Op) NumRegions() int { return len(op.regions) }

// Region i.
func (op *Op) Region(i int) *Region { return op.regions[i] }

// Body is the only block of region 0, the usual shape of a structured op; nil if
// there is none.
func (op *Op) Body() *Block {
	if len(op.regions) == 0 || len(op.regions[0].blocks) == 0 {
		return nil
	}
	return op.regions[0].blocks[0]
}

// Block that holds the op, nil if it is detached.
func (op *Op) Block() *Block { return op.block }

// Next op in the block or nil.
func (op *Op) Next() *Op { return op.next }

// Prev is the op before it in the block or nil.
func (op *Op) Prev() *Op { return op.prev }

// Parent is the op whose region holds this one, or nil.
func (op *Op) Parent() *Op {
	if op.block == nil || op.block.region == nil {
		return nil
	}
	return op.block.region.owner
}

// ParentNamed is the nearest enclosing op of that name, or nil.
func (op *Op) ParentNamed(name OpName) *Op {
	for p := op.Parent(); p != nil; p = p.Parent() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// IsBefore reports whether op comes before other in the block that holds both.
func (op *Op) IsBefore(other *Op) bool {
	op.block.number()
	return op.order < other.order
}

// Remove takes the op out of its block; it stays whole and may be inserted again.
func (op *Op) Remove() {
	b := op.block
	if b == nil {
		return
	}
	if op.prev != nil {
		op.prev.next = op.next
	} else {
		b.first = op.next
	}
	if op.next != nil {
		op.next.prev = op.prev
	} else {
		b.last = op.prev
	}
	op.block, op.prev, op.next = nil, nil, nil
	b.count--
	b.dropSymbol(op)
}

// Erase removes the op and everything in it. Its results must be unused.
func (op *Op) Erase() {
	op.Remove()
	op.dropUses()
}

// dropUses unlinks the operands of op and of every op inside it.
func (op *Op) dropUses() {
	op.Walk(func(inner *Op) {
		for i := range inner.operands {
			inner.operands[i].unlink()
		}
	})
}

// MoveBefore moves the op to stand just before other.
func (op *Op) MoveBefore(other *Op) {
	op.Remove()
	other.block.InsertBefore(op, other)
}

// Replace makes every use of the results of op a use of values, and erases op.
func (op *Op) Replace(values ...*Value) {
	for i := range op.results {
		op.results[i].ReplaceAllUsesWith(values[i])
	}
	op.Erase()
}

// Walk visits op and every op inside it, inner ops first. visit may change the op
// it is given and erase it, but not its neighbours.
func (op *Op) Walk(visit func(*Op)) {
	for _, r := range op.regions {
		for _, b := range r.blocks {
			for inner := b.first; inner != nil; {
				next := inner.next
				inner.Walk(visit)
				inner = next
			}
		}
	}
	visit(op)
}

// Errorf is a located error about op.
func (op *Op) Errorf(format string, args ...any) *diag.Error {
	e := diag.Errorf(op.Loc.Pos, format, args...)
	e.Op = string(op.Name)
	return e
}
