// Package cf is what is used here of MLIR's cf dialect: the assertion.
//
// Loops that read memory at an index from the data assert first that the index is
// in range. An assertion that fails ends the function: the interpreter gives an
// error at the op, compiled code returns a status other than 0 and has read nothing
// out of bounds. Branches between blocks are not here: control flow is scf's.
package cf

import "github.com/cladopt/cladopt/ir"

// OpAssert names the assertion.
const OpAssert ir.OpName = "cf.assert"

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "cf", Summary: "MLIR's assertion", Ops: []*ir.OpDef{&assertDef}}
}

// Assert ends the function with message unless cond, an i1, holds.
func Assert(b *ir.Builder, cond *ir.Value, message string) *ir.Op {
	return b.Create(OpAssert, []*ir.Value{cond}, ir.NamedAttr{Name: "msg", Attr: ir.StringAttr(message)})
}

// Message is what an assertion says when it fails.
func Message(op *ir.Op) string { return op.Str("msg") }

var assertDef = ir.OpDef{
	Name: OpAssert, Summary: "ends the function with a message unless a condition holds",
	Example: `cf.assert %cond, "index out of range"`,
	Operands: ir.Params(ir.P("arg", ir.Constraint{Name: "i1", Holds: func(t ir.Type) bool {
		return t == ir.Type(ir.I1)
	}})),
	Attrs: []ir.AttrParam{{Name: "msg", Required: true, Doc: "what to say if it does not hold", Kind: ir.AttrKind{
		Name: "a string", Holds: func(a ir.Attr) bool { _, ok := a.(ir.StringAttr); return ok },
	}}},
	Infer: func(*ir.Inference) ([]ir.Type, error) { return []ir.Type{}, nil },
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("cf.assert ")
		p.Operands(op.Operands())
		p.Write(", ", ir.Quote(Message(op)))
		p.AttrDict(op, "msg")
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		cond, err := p.ParseOperand()
		if err != nil {
			return err
		}
		if err := p.ParseToken(","); err != nil {
			return err
		}
		message, err := p.ParseString()
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "msg", Attr: ir.StringAttr(message)})
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		s.Results = []ir.Type{}
		return p.ResolveAll([]ir.UnresolvedOperand{cond}, []ir.Type{ir.I1}, pos, s)
	},
}
