package memref

import "github.com/cladopt/cladopt/ir"

// Load reads an element.
func Load(b *ir.Builder, m *ir.Value, indices ...*ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpLoad, Operands: append([]*ir.Value{m}, indices...), Results: []ir.Type{ir.ElemType(m.Type())}}).Result(0)
}

// Store writes an element.
func Store(b *ir.Builder, v, m *ir.Value, indices ...*ir.Value) {
	b.Insert(ir.State{Name: OpStore, Operands: append([]*ir.Value{v, m}, indices...), Results: []ir.Type{}})
}

// Copy copies all elements of one memory to another of the same shape; the two must
// not overlap.
func Copy(b *ir.Builder, from, to *ir.Value) {
	b.Insert(ir.State{Name: OpCopy, Operands: []*ir.Value{from, to}, Results: []ir.Type{}})
}

// checkAccess verifies the indices of a load or store.
func checkAccess(op *ir.Op, m *ir.Value, indices int, elem ir.Type) error {
	t := m.Type().(*ir.MemRefType)
	if indices != len(t.Shape()) {
		return op.Errorf("got %d indices, expected %d for %s", indices, len(t.Shape()), t)
	}
	if elem != t.Elem() {
		return op.Errorf("element has type %s, expected %s for %s", elem, t.Elem(), t)
	}
	return nil
}

var loadDef = ir.OpDef{
	Name: OpLoad, Summary: "an element of memory",
	Example:  "%v = memref.load %m[%i, %j] : memref<4x8xf32>",
	Operands: ir.Params(ir.P("memref", memory), ir.Var("indices", index)),
	Results:  ir.Params(ir.P("result", ir.AnyType)),
	Verify: func(op *ir.Op) error {
		return checkAccess(op, op.Operand(0), op.NumOperands()-1, op.Result(0).Type())
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.load ", p.ValueName(op.Operand(0)), "[")
		p.Operands(op.Operands()[1:])
		p.Write("]")
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		m, err := p.ParseOperand()
		if err != nil {
			return err
		}
		return parseAccess(p, s, false, ir.UnresolvedOperand{}, m)
	},
}

var storeDef = ir.OpDef{
	Name: OpStore, Summary: "writes an element of memory",
	Example:  "memref.store %v, %m[%i, %j] : memref<4x8xf32>",
	Operands: ir.Params(ir.P("value", ir.AnyType), ir.P("memref", memory), ir.Var("indices", index)),
	Verify: func(op *ir.Op) error {
		return checkAccess(op, op.Operand(1), op.NumOperands()-2, op.Operand(0).Type())
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.store ", p.ValueName(op.Operand(0)), ", ", p.ValueName(op.Operand(1)), "[")
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
		if err := p.ParseToken(","); err != nil {
			return err
		}
		m, err := p.ParseOperand()
		if err != nil {
			return err
		}
		return parseAccess(p, s, true, v, m)
	},
}

// parseAccess reads the indices and the type of a load, or of a store of value.
func parseAccess(p ir.AsmParser, s *ir.State, stores bool, value, m ir.UnresolvedOperand) error {
	if err := p.ParseToken("["); err != nil {
		return err
	}
	indices, err := p.ParseOperandList()
	if err != nil {
		return err
	}
	if err := p.ParseToken("]"); err != nil {
		return err
	}
	pos := p.Pos()
	t, err := parseType(p, s)
	if err != nil {
		return err
	}
	if _, ok := t.(*ir.MemRefType); !ok {
		return p.Errorf(pos, "got %s, expected a memref type", t)
	}
	s.Results = []ir.Type{}
	if stores {
		if err := p.ResolveInto(value, ir.ElemType(t), s); err != nil {
			return err
		}
	} else {
		s.Results = []ir.Type{ir.ElemType(t)}
	}
	if err := p.ResolveInto(m, t, s); err != nil {
		return err
	}
	return p.ResolveSame(indices, ir.Index, s)
}

var copyDef = ir.OpDef{
	Name: OpCopy, Summary: "copies all elements of one memory to another",
	Example:  "memref.copy %from, %to : memref<4x8xf32> to memref<4x8xf32, strided<[1, 4]>>",
	Operands: ir.Params(ir.P("source", memory), ir.P("target", memory)),
	Verify: func(op *ir.Op) error {
		from, to := op.Operand(0).Type().(*ir.MemRefType), op.Operand(1).Type().(*ir.MemRefType)
		same := from.Elem() == to.Elem() && len(from.Shape()) == len(to.Shape())
		for i := 0; same && i < len(from.Shape()); i++ {
			same = mayEqual(from.Shape()[i], to.Shape()[i])
		}
		if !same {
			return op.Errorf("%s and %s differ in shape or element type", from, to)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.copy ")
		p.Operands(op.Operands())
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Operand(1).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		from, err := parseType(p, s)
		if err != nil {
			return err
		}
		if err := p.ParseKeyword("to"); err != nil {
			return err
		}
		to, err := p.ParseType()
		if err != nil {
			return err
		}
		s.Results = []ir.Type{}
		return p.ResolveAll(operands, []ir.Type{from, to}, pos, s)
	},
}
