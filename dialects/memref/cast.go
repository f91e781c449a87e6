package memref

import (
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Cast is m with sizes, strides or the offset forgotten or claimed to be known.
func Cast(b *ir.Builder, m *ir.Value, to *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: OpCast, Operands: []*ir.Value{m}, Results: []ir.Type{to}}).Result(0)
}

// Dim is a size of m.
func Dim(b *ir.Builder, m, dim *ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpDim, Operands: []*ir.Value{m, dim}, Results: []ir.Type{ir.Index}}).Result(0)
}

// castable reports whether the types may describe the same memory.
func castable(from, to *ir.MemRefType) bool {
	if from.Elem() != to.Elem() || len(from.Shape()) != len(to.Shape()) || !ir.AttrEqual(from.Space(), to.Space()) {
		return false
	}
	a, offsetA, ok1 := Layout(from)
	b, offsetB, ok2 := Layout(to)
	if !ok1 || !ok2 {
		return from.Layout() != nil && ir.AttrEqual(from.Layout(), to.Layout())
	}
	for i, n := range from.Shape() {
		if !mayEqual(n, to.Shape()[i]) || !mayEqual(a[i], b[i]) {
			return false
		}
	}
	return mayEqual(offsetA, offsetB)
}

var castDef = ir.OpDef{
	Name: OpCast, Summary: "memory whose sizes or layout are forgotten or claimed to be known",
	Example:  "%r = memref.cast %m : memref<4x8xf32> to memref<?x8xf32>",
	Operands: ir.Params(ir.P("source", memory)),
	Results:  ir.Params(ir.P("dest", memory)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		from, to := op.Operand(0).Type().(*ir.MemRefType), op.Result(0).Type().(*ir.MemRefType)
		if !castable(from, to) {
			return op.Errorf("a %s cannot be a %s", from, to)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.cast ", p.ValueName(op.Operand(0)))
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		m, err := p.ParseOperand()
		if err != nil {
			return err
		}
		return parseFromTo(p, s, m)
	},
}

var dimDef = ir.OpDef{
	Name: OpDim, Summary: "a size of memory",
	Example:  "%r = memref.dim %m, %i : memref<?x8xf32>",
	Operands: ir.Params(ir.P("source", memory), ir.P("index", index)),
	Results:  ir.Params(ir.P("result", index)),
	Traits:   ir.Pure,
	Verify:   tensor.CheckDim, Print: tensor.PrintDim, Parse: tensor.ParseDim,
}
