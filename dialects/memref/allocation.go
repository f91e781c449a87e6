package memref

import (
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Alloc allocates memory of known size that lives until Dealloc or the caller's end;
// plan-memory places it.
func Alloc(b *ir.Builder, t *ir.MemRefType) *ir.Value { return allocate(b, OpAlloc, t) }

// Alloca allocates memory of known size on the stack.
func Alloca(b *ir.Builder, t *ir.MemRefType) *ir.Value { return allocate(b, OpAlloca, t) }

// Dealloc frees what Alloc allocated.
func Dealloc(b *ir.Builder, m *ir.Value) {
	b.Insert(ir.State{Name: OpDealloc, Operands: []*ir.Value{m}, Results: []ir.Type{}})
}

func allocate(b *ir.Builder, name ir.OpName, t *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: name, Results: []ir.Type{t}, Attrs: []ir.NamedAttr{segments(0, 0)}}).Result(0)
}

// segments counts the dynamic sizes and the layout's symbols among the operands.
func segments(sizes, symbols int) ir.NamedAttr {
	return ir.NamedAttr{Name: "operand_segment_sizes", Attr: ir.I32Array(int64(sizes), int64(symbols))}
}

// splitSegments is how many operands are sizes; false if the attribute does not fit.
func splitSegments(op *ir.Op) (int, bool) {
	s := op.Ints("operand_segment_sizes")
	n := op.NumOperands()
	if len(s) != 2 || s[0] < 0 || s[0] > int64(n) || s[1] != int64(n)-s[0] {
		return n, false
	}
	return int(s[0]), true
}

func allocation(name ir.OpName, summary string) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%m = " + string(name) + "(%n) {alignment = 64 : i64} : memref<?x8xf32>",
		Operands: ir.Params(ir.Var("dynamicSizes", index), ir.Var("symbolOperands", index)),
		Results:  ir.Params(ir.P("memref", memory)),
		Attrs: []ir.AttrParam{
			{Name: "operand_segment_sizes", Required: true, Doc: "how many operands are sizes and symbols of the layout",
				Kind: ir.AttrKind{Name: "array<i32: sizes, symbols>", Holds: func(a ir.Attr) bool { _, ok := a.(*ir.DenseArrayAttr); return ok }}},
			{Name: "alignment", Doc: "bytes that the address is a multiple of", Kind: ir.AttrKind{Name: "an i64 of zero or more",
				Holds: func(a ir.Attr) bool {
					i, ok := a.(ir.IntegerAttr)
					return ok && i.Type == ir.Type(ir.I64) && i.Value >= 0
				}}},
		},
		Verify: func(op *ir.Op) error {
			sizes, ok := splitSegments(op)
			if !ok {
				return op.Errorf("operand_segment_sizes %v does not fit %d operands", op.Ints("operand_segment_sizes"), op.NumOperands())
			}
			for i := 0; i < op.NumOperands(); i++ {
				if t := op.Operand(i).Type(); t != ir.Type(ir.Index) {
					return op.Errorf("operand %d must be index, got %s", i, t)
				}
			}
			t := op.Result(0).Type().(*ir.MemRefType)
			if want := tensor.CountDynamic(t.Shape()); sizes != want {
				return op.Errorf("got %d sizes, expected %d, one for each dynamic dimension", sizes, want)
			}
			symbols := 0
			if l, ok := t.Layout().(*ir.StridedAttr); ok {
				symbols = tensor.CountDynamic(l.Strides) + tensor.CountDynamic([]int64{l.Offset})
			}
			if got := op.NumOperands() - sizes; got != symbols {
				return op.Errorf("got %d symbols, expected %d, one for each ? of the layout", got, symbols)
			}
			return nil
		},
		Print: func(p *ir.Printer, op *ir.Op) {
			sizes, _ := splitSegments(op)
			p.Write(string(op.Name), "(")
			p.Operands(op.Operands()[:sizes])
			p.Write(")")
			if symbols := op.Operands()[sizes:]; len(symbols) > 0 {
				p.Write("[")
				p.Operands(symbols)
				p.Write("]")
			}
			p.AttrDict(op, "operand_segment_sizes")
			p.Write(" : ", op.Result(0).Type().String())
		},
		Parse: func(p ir.AsmParser, s *ir.State) error {
			if err := p.ParseToken("("); err != nil {
				return err
			}
			pos := p.Pos()
			operands, err := p.ParseOperandList()
			if err != nil {
				return err
			}
			if err := p.ParseToken(")"); err != nil {
				return err
			}
			sizes := len(operands)
			if p.OptionalToken("[") {
				symbols, err := p.ParseOperandList()
				if err != nil {
					return err
				}
				operands = append(operands, symbols...)
				if err := p.ParseToken("]"); err != nil {
					return err
				}
			}
			s.Attrs = append(s.Attrs, segments(sizes, len(operands)-sizes))
			t, err := parseType(p, s)
			if err != nil {
				return err
			}
			s.Results = []ir.Type{t}
			types := make([]ir.Type, len(operands))
			for i := range types {
				types[i] = ir.Index
			}
			return p.ResolveAll(operands, types, pos, s)
		},
	}
}

var deallocDef = ir.OpDef{
	Name: OpDealloc, Summary: "the end of memory from the heap",
	Example:  "memref.dealloc %m : memref<4x8xf32>",
	Operands: ir.Params(ir.P("memref", memory)),
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.dealloc ", p.ValueName(op.Operand(0)))
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		m, err := p.ParseOperand()
		if err != nil {
			return err
		}
		t, err := parseType(p, s)
		if err != nil {
			return err
		}
		s.Results = []ir.Type{}
		return p.ResolveAll([]ir.UnresolvedOperand{m}, []ir.Type{t}, pos, s)
	},
}
