package tensor

import "github.com/cladopt/cladopt/ir"

// ExtractSlice takes a window, all of numbers, out of t.
func ExtractSlice(b *ir.Builder, t *ir.Value, w Window) *ir.Value {
	return b.Insert(ir.State{Name: OpExtractSlice, Operands: []*ir.Value{t}, Attrs: w.Attrs(1),
		Results: []ir.Type{ir.Tensor(w.Sizes, ir.ElemType(t.Type()))}}).Result(0)
}

// InsertSlice is dest with a window, all of numbers, replaced by part.
func InsertSlice(b *ir.Builder, part, dest *ir.Value, w Window) *ir.Value {
	return b.Insert(ir.State{Name: OpInsertSlice, Operands: []*ir.Value{part, dest}, Attrs: w.Attrs(2),
		Results: []ir.Type{dest.Type()}}).Result(0)
}

// spaced is what stands before the lists of a slice.
var spaced = [3]string{"", " ", " "}

var extractSliceDef = ir.OpDef{
	Name: OpExtractSlice, Summary: "a rectangular part of a tensor",
	Example:  "%r = tensor.extract_slice %t[1, %i] [2, 3] [1, 2] : tensor<4x8xf32> to tensor<2x3xf32>",
	Operands: ir.Params(ir.P("source", ranked), ir.Var("offsets", index), ir.Var("sizes", index), ir.Var("strides", index)),
	Results:  ir.Params(ir.P("result", ranked)),
	Attrs:    WindowParams(),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		if op.NumOperands() == 0 || !ranked.Holds(op.Operand(0).Type()) {
			return op.Errorf("operand 0 (source) must be a ranked tensor")
		}
		return checkSlice(op, 1, "result", op.Operand(0).Type(), op.Result(0).Type())
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.extract_slice ", p.ValueName(op.Operand(0)))
		PrintWindow(p, op, 1, spaced)
		p.AttrDict(op, WindowAttrs()...)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		source, err := p.ParseOperand()
		if err != nil {
			return err
		}
		w, operands, err := ParseWindow(p, nil)
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, w.Attrs(1)...)
		from, to, err := parseTypes(p, s, "to")
		if err != nil {
			return err
		}
		s.Results = []ir.Type{to}
		return p.ResolveAll(append([]ir.UnresolvedOperand{source}, operands...),
			append([]ir.Type{from}, indices(len(operands))...), pos, s)
	},
}

var insertSliceDef = ir.OpDef{
	Name: OpInsertSlice, Summary: "a tensor with a rectangular part replaced",
	Example: "%r = tensor.insert_slice %s into %t[1, 2] [2, 3] [1, 2] : tensor<2x3xf32> into tensor<4x8xf32>",
	Operands: ir.Params(ir.P("source", ranked), ir.P("dest", ranked), ir.Var("offsets", index), ir.Var("sizes", index),
		ir.Var("strides", index)),
	Results: ir.Params(ir.P("result", ranked)),
	Attrs:   WindowParams(),
	Traits:  ir.Pure,
	Verify: func(op *ir.Op) error {
		if op.NumOperands() < 2 || !ranked.Holds(op.Operand(0).Type()) || !ranked.Holds(op.Operand(1).Type()) {
			return op.Errorf("operands 0 (source) and 1 (dest) must be ranked tensors")
		}
		if got, want := op.Result(0).Type(), op.Operand(1).Type(); got != want {
			return op.Errorf("result has type %s, expected %s like the destination", got, want)
		}
		return checkSlice(op, 2, "source", op.Operand(1).Type(), op.Operand(0).Type())
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.insert_slice ", p.ValueName(op.Operand(0)), " into ", p.ValueName(op.Operand(1)))
		PrintWindow(p, op, 2, spaced)
		p.AttrDict(op, WindowAttrs()...)
		p.Write(" : ", op.Operand(0).Type().String(), " into ", op.Operand(1).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		part, err := p.ParseOperand()
		if err != nil {
			return err
		}
		if err := p.ParseKeyword("into"); err != nil {
			return err
		}
		dest, err := p.ParseOperand()
		if err != nil {
			return err
		}
		w, operands, err := ParseWindow(p, nil)
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, w.Attrs(2)...)
		from, into, err := parseTypes(p, s, "into")
		if err != nil {
			return err
		}
		s.Results = []ir.Type{into}
		return p.ResolveAll(append([]ir.UnresolvedOperand{part, dest}, operands...),
			append([]ir.Type{from, into}, indices(len(operands))...), pos, s)
	},
}
