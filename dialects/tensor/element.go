package tensor

import "github.com/cladopt/cladopt/ir"

// Extract reads an element.
func Extract(b *ir.Builder, t *ir.Value, at ...*ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpExtract, Operands: append([]*ir.Value{t}, at...), Results: []ir.Type{ir.ElemType(t.Type())}}).Result(0)
}

// Insert is t with one element replaced by v.
func Insert(b *ir.Builder, v, t *ir.Value, at ...*ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpInsert, Operands: append([]*ir.Value{v, t}, at...), Results: []ir.Type{t.Type()}}).Result(0)
}

// checkElement verifies that v is an element of t and has as many indices.
func checkElement(op *ir.Op, t, v *ir.Value, at int) error {
	tt := t.Type().(*ir.TensorType)
	if at != tt.Rank() {
		return op.Errorf("got %d indices, expected %d for %s", at, tt.Rank(), tt)
	}
	if v.Type() != tt.Elem() {
		return op.Errorf("element has type %s, expected %s for %s", v.Type(), tt.Elem(), tt)
	}
	return nil
}

var extractDef = ir.OpDef{
	Name: OpExtract, Summary: "an element of a tensor",
	Example:  "%v = tensor.extract %t[%i, %j] : tensor<4x8xf32>",
	Operands: ir.Params(ir.P("tensor", ranked), ir.Var("indices", index)),
	Results:  ir.Params(ir.P("result", ir.AnyType)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		return checkElement(op, op.Operand(0), op.Result(0), op.NumOperands()-1)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.extract ", p.ValueName(op.Operand(0)), "[")
		p.Operands(op.Operands()[1:])
		p.Write("]")
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		t, err := p.ParseOperand()
		if err != nil {
			return err
		}
		return parseElement(p, s, nil, t)
	},
}

var insertDef = ir.OpDef{
	Name: OpInsert, Summary: "a tensor with one element replaced",
	Example:  "%r = tensor.insert %v into %t[%i, %j] : tensor<4x8xf32>",
	Operands: ir.Params(ir.P("scalar", ir.AnyType), ir.P("dest", ranked), ir.Var("indices", index)),
	Results:  ir.Params(ir.P("result", ranked)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		if got, want := op.Result(0).Type(), op.Operand(1).Type(); got != want {
			return op.Errorf("result has type %s, expected %s like the destination", got, want)
		}
		return checkElement(op, op.Operand(1), op.Operand(0), op.NumOperands()-2)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.insert ", p.ValueName(op.Operand(0)), " into ", p.ValueName(op.Operand(1)), "[")
		p.Operands(op.Operands()[2:])
		p.Write("]")
		p.AttrDict(op)
		p.Write(" : ", op.Operand(1).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		v, err := p.ParseOperand()
		if err != nil {
			return err
		}
		if err := p.ParseKeyword("into"); err != nil {
			return err
		}
		t, err := p.ParseOperand()
		if err != nil {
			return err
		}
		return parseElement(p, s, &v, t)
	},
}

// parseElement reads the indices and the type of an extract, or of an insert of value.
func parseElement(p ir.AsmParser, s *ir.State, value *ir.UnresolvedOperand, t ir.UnresolvedOperand) error {
	if err := p.ParseToken("["); err != nil {
		return err
	}
	at, err := p.ParseOperandList()
	if err != nil {
		return err
	}
	if err := p.ParseToken("]"); err != nil {
		return err
	}
	pos := p.Pos()
	tt, err := parseTypeAfterAttrs(p, s)
	if err != nil {
		return err
	}
	if _, ok := tt.(*ir.TensorType); !ok {
		return p.Errorf(pos, "got %s, expected a tensor type", tt)
	}
	operands, types := []ir.UnresolvedOperand{t}, []ir.Type{tt}
	s.Results = []ir.Type{ir.ElemType(tt)}
	if value != nil {
		operands, types = []ir.UnresolvedOperand{*value, t}, []ir.Type{ir.ElemType(tt), tt}
		s.Results = []ir.Type{tt}
	}
	return p.ResolveAll(append(operands, at...), append(types, indices(len(at))...), pos, s)
}
