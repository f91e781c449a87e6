package ir

import "fmt"

// A Builder makes ops at an insertion point. Ops get its Loc.
//
// Emitting an op that its definition refuses is a mistake of the caller and panics
// with an *[InternalError], which the pass manager turns into a diagnostic; code
// that builds from foreign input uses Try.
type Builder struct {
	Ctx *Context
	Loc Loc

	block  *Block
	before *Op // nil: at the end
}

// InternalError is a failure of the compiler itself.
type InternalError struct{ Err error }

func (e *InternalError) Error() string { return "internal error: " + e.Err.Error() }

// Unwrap is the failure.
func (e *InternalError) Unwrap() error { return e.Err }

// NewBuilder inserts at the end of block.
func NewBuilder(ctx *Context, block *Block) *Builder { return &Builder{Ctx: ctx, block: block} }

// BuilderBefore inserts before op, with its location.
func BuilderBefore(ctx *Context, op *Op) *Builder {
	return &Builder{Ctx: ctx, Loc: op.Loc, block: op.block, before: op}
}

// BuilderAfter inserts after op, with its location.
func BuilderAfter(ctx *Context, op *Op) *Builder {
	return &Builder{Ctx: ctx, Loc: op.Loc, block: op.block, before: op.next}
}

// Block that the builder inserts into.
func (b *Builder) Block() *Block { return b.block }

// In is a builder with the same location that inserts at the end of block.
func (b *Builder) In(block *Block) *Builder {
	return &Builder{Ctx: b.Ctx, Loc: b.Loc, block: block}
}

// Emit makes an op without attributes whose result type is inferred, and returns
// its only result.
func (b *Builder) Emit(name OpName, operands ...*Value) *Value {
	return b.Create(name, operands).Result(0)
}

// Create makes an op whose result types are inferred.
func (b *Builder) Create(name OpName, operands []*Value, attrs ...NamedAttr) *Op {
	op, err := b.Try(State{Name: name, Operands: operands, Attrs: attrs})
	if err != nil {
		panic(&InternalError{fmt.Errorf("%s: %w", name, err)})
	}
	return op
}

// Try makes an op from s, inferring its result types if s gives none and the op
// has an inference rule; an error leaves nothing behind.
func (b *Builder) Try(s State) (*Op, error) {
	def := b.Ctx.Op(s.Name)
	if def == nil {
		return nil, fmt.Errorf("%s is not a registered op", s.Name)
	}
	if s.Results == nil && def.Infer != nil {
		types, err := def.InferResults(s.Operands, s.Attrs)
		if err != nil {
			return nil, err
		}
		s.Results = types
	}
	return b.Insert(s), nil
}

// Insert makes an op with exactly the given state.
func (b *Builder) Insert(s State) *Op {
	if !s.Loc.Pos.Known() && s.Loc.Fused == nil && s.Loc.Child == nil {
		s.Loc = b.Loc
	}
	op := NewOp(b.Ctx, s)
	b.Place(op)
	return op
}

// Place inserts a detached op.
func (b *Builder) Place(op *Op) { b.block.InsertBefore(op, b.before) }

// A Mapping says which value stands for which when ops are cloned.
type Mapping map[*Value]*Value

// Of is the value that v maps to, or v itself.
func (m Mapping) Of(v *Value) *Value {
	if w, ok := m[v]; ok {
		return w
	}
	return v
}

// Clone copies op and everything in it to the insertion point, with operands
// mapped; the results are added to m.
func (b *Builder) Clone(op *Op, m Mapping) *Op {
	c := cloneOp(b.Ctx, op, m)
	b.Place(c)
	return c
}

func cloneOp(ctx *Context, op *Op, m Mapping) *Op {
	s := State{Name: op.Name, Loc: op.Loc, Attrs: op.attrs}
	for _, v := range op.Operands() {
		s.Operands = append(s.Operands, m.Of(v))
	}
	for i := range op.results {
		s.Results = append(s.Results, op.results[i].typ)
	}
	for _, r := range op.regions {
		s.Regions = append(s.Regions, cloneRegion(ctx, r, m))
	}
	c := NewOp(ctx, s)
	for i := range op.results {
		m[&op.results[i]] = &c.results[i]
	}
	return c
}

func cloneRegion(ctx *Context, r *Region, m Mapping) *Region {
	out := NewRegion()
	for _, b := range r.blocks {
		nb := NewBlock()
		for _, a := range b.args {
			na := nb.AddArg(a.typ)
			na.loc = a.loc
			m[a] = na
		}
		out.Append(nb)
	}
	for i, b := range r.blocks {
		for op := b.first; op != nil; op = op.next {
			out.blocks[i].Append(cloneOp(ctx, op, m))
		}
	}
	return out
}

// CloneModule copies a whole module.
func CloneModule(m *Module) *Module {
	return &Module{m.Ctx, cloneOp(m.Ctx, m.Op, Mapping{})}
}
