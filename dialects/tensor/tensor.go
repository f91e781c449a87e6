// Package tensor is what is used here of MLIR's tensor dialect.
package tensor

import "github.com/cladopt/cladopt/ir"

// OpEmpty names a tensor of no particular elements, the destination of linalg ops.
const OpEmpty ir.OpName = "tensor.empty"

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "tensor", Summary: "MLIR's tensors, as destinations", Ops: []*ir.OpDef{&emptyDef}}
}

// Empty is a tensor whose elements are not yet given.
func Empty(b *ir.Builder, shape []int64, elem ir.Type) *ir.Value {
	return b.Insert(ir.State{Name: OpEmpty, Results: []ir.Type{ir.Tensor(shape, elem)}}).Result(0)
}

var emptyDef = ir.OpDef{
	Name: OpEmpty, Summary: "a tensor whose elements are not yet given",
	Example:  "%r = tensor.empty() : tensor<4x8xf32>",
	Operands: ir.Params(ir.Var("sizes", ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }})),
	Results: ir.Params(ir.P("result", ir.Constraint{Name: "ranked tensor", Holds: func(t ir.Type) bool {
		_, ok := t.(*ir.TensorType)
		return ok
	}})),
	Traits: ir.Pure,
	Verify: func(op *ir.Op) error {
		dynamic := 0
		for _, n := range ir.ShapeOf(op.Result(0).Type()) {
			if n < 0 {
				dynamic++
			}
		}
		if dynamic != op.NumOperands() {
			return op.Errorf("got %d sizes, expected %d, one for each dynamic dimension", op.NumOperands(), dynamic)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.empty(")
		p.Operands(op.Operands())
		p.Write(")")
		p.AttrDict(op)
		p.Write(" : ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		if err := p.ParseToken("("); err != nil {
			return err
		}
		pos := p.Pos()
		sizes, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		t, err := p.ParseType()
		if err != nil {
			return err
		}
		s.Results = []ir.Type{t}
		types := make([]ir.Type, len(sizes))
		for i := range types {
			types[i] = ir.Index
		}
		return p.ResolveAll(sizes, types, pos, s)
	},
}
