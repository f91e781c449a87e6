// Package memref is what is used here of MLIR's memref dialect.
package memref

import "github.com/cladopt/cladopt/ir"

// The ops.
const (
	OpAlloc           ir.OpName = "memref.alloc"
	OpAlloca          ir.OpName = "memref.alloca"
	OpLoad            ir.OpName = "memref.load"
	OpStore           ir.OpName = "memref.store"
	OpView            ir.OpName = "memref.view"
	OpReinterpretCast ir.OpName = "memref.reinterpret_cast"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "memref", Summary: "MLIR's memory", Ops: []*ir.OpDef{
		allocation(OpAlloc, "memory from the heap"), allocation(OpAlloca, "memory on the stack"),
		&loadDef, &storeDef, &viewDef, &reinterpretCastDef,
	}}
}

// Alloc allocates memory that lives until the caller's end; plan-memory places it.
func Alloc(b *ir.Builder, t *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: OpAlloc, Results: []ir.Type{t}, Attrs: []ir.NamedAttr{{Name: "operand_segment_sizes", Attr: ir.I32Array(0, 0)}}}).Result(0)
}

// Alloca allocates memory on the stack.
func Alloca(b *ir.Builder, t *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: OpAlloca, Results: []ir.Type{t}, Attrs: []ir.NamedAttr{{Name: "operand_segment_sizes", Attr: ir.I32Array(0, 0)}}}).Result(0)
}

// Load reads an element.
func Load(b *ir.Builder, m *ir.Value, indices ...*ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpLoad, Operands: append([]*ir.Value{m}, indices...), Results: []ir.Type{ir.ElemType(m.Type())}}).Result(0)
}

// Store writes an element.
func Store(b *ir.Builder, v, m *ir.Value, indices ...*ir.Value) {
	b.Insert(ir.State{Name: OpStore, Operands: append([]*ir.Value{v, m}, indices...), Results: []ir.Type{}})
}

// View is a typed view of bytes, shift bytes from their start.
func View(b *ir.Builder, source, shift *ir.Value, t *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: OpView, Operands: []*ir.Value{source, shift}, Results: []ir.Type{t}}).Result(0)
}

// ReinterpretCast is the same memory with other sizes and row-major strides.
func ReinterpretCast(b *ir.Builder, m *ir.Value, offset int64, sizes, strides []int64) *ir.Value {
	t := ir.MemRef(sizes, ir.ElemType(m.Type()))
	return b.Insert(ir.State{Name: OpReinterpretCast, Operands: []*ir.Value{m}, Results: []ir.Type{t}, Attrs: []ir.NamedAttr{
		{Name: "operand_segment_sizes", Attr: ir.I32Array(1, 0, 0, 0)},
		{Name: "static_offsets", Attr: ir.I64Array(offset)},
		{Name: "static_sizes", Attr: ir.I64Array(sizes...)},
		{Name: "static_strides", Attr: ir.I64Array(strides...)},
	}}).Result(0)
}

var (
	memory = ir.Constraint{Name: "memref", Holds: func(t ir.Type) bool { _, ok := t.(*ir.MemRefType); return ok }}
	index  = ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }}
)

func allocation(name ir.OpName, summary string) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example: "%m = " + string(name) + "() : memref<4x8xf32>",
		Results: ir.Params(ir.P("memref", memory)),
		Attrs:   []ir.AttrParam{{Name: "operand_segment_sizes", Doc: "MLIR's count of dynamic sizes and symbols, both 0 here"}},
		Print: func(p *ir.Printer, op *ir.Op) {
			p.Write(string(op.Name), "()")
			p.AttrDict(op, "operand_segment_sizes")
			p.Write(" : ", op.Result(0).Type().String())
		},
		Parse: func(p ir.AsmParser, s *ir.State) error {
			for _, tok := range []string{"(", ")"} {
				if err := p.ParseToken(tok); err != nil {
					return err
				}
			}
			s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "operand_segment_sizes", Attr: ir.I32Array(0, 0)})
			if err := p.OptionalAttrDict(s); err != nil {
				return err
			}
			if err := p.ParseToken(":"); err != nil {
				return err
			}
			t, err := p.ParseType()
			s.Results = []ir.Type{t}
			return err
		},
	}
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
		return parseAccess(p, s, nil, m)
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
		return parseAccess(p, s, &v, m)
	},
}

// parseAccess reads the indices and the type of a load, or of a store of value.
func parseAccess(p ir.AsmParser, s *ir.State, value *ir.UnresolvedOperand, m ir.UnresolvedOperand) error {
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
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	pos := p.Pos()
	t, err := p.ParseType()
	if err != nil {
		return err
	}
	if _, ok := t.(*ir.MemRefType); !ok {
		return p.Errorf(pos, "got %s, expected a memref type", t)
	}
	operands, types := []ir.UnresolvedOperand{m}, []ir.Type{t}
	s.Results = []ir.Type{ir.ElemType(t)}
	if value != nil {
		operands, types = []ir.UnresolvedOperand{*value, m}, []ir.Type{ir.ElemType(t), t}
		s.Results = []ir.Type{}
	}
	for range indices {
		types = append(types, ir.Index)
	}
	return p.ResolveAll(append(operands, indices...), types, pos, s)
}

var viewDef = ir.OpDef{
	Name: OpView, Summary: "a typed view of bytes",
	Example:  "%v = memref.view %bytes[%shift][] : memref<256xi8> to memref<4x8xf32>",
	Operands: ir.Params(ir.P("source", memory), ir.P("byte_shift", index)),
	Results:  ir.Params(ir.P("result", memory)),
	Traits:   ir.Pure,
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.view ", p.ValueName(op.Operand(0)), "[", p.ValueName(op.Operand(1)), "][]")
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		source, err := p.ParseOperand()
		if err != nil {
			return err
		}
		if err := p.ParseToken("["); err != nil {
			return err
		}
		shift, err := p.ParseOperand()
		if err != nil {
			return err
		}
		for _, tok := range []string{"]", "[", "]"} {
			if err := p.ParseToken(tok); err != nil {
				return err
			}
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		return parseFromTo(p, s, []ir.UnresolvedOperand{source, shift}, ir.Index)
	},
}

// parseFromTo reads ": T to U" and resolves the operands, the first of type T.
func parseFromTo(p ir.AsmParser, s *ir.State, operands []ir.UnresolvedOperand, rest ...ir.Type) error {
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	pos := p.Pos()
	from, err := p.ParseType()
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
	s.Results = []ir.Type{to}
	return p.ResolveAll(operands, append([]ir.Type{from}, rest...), pos, s)
}

var reinterpretCastDef = ir.OpDef{
	Name: OpReinterpretCast, Summary: "the same memory with other sizes and strides",
	Example:  "%v = memref.reinterpret_cast %m to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>",
	Operands: ir.Params(ir.P("source", memory)),
	Results:  ir.Params(ir.P("result", memory)),
	Traits:   ir.Pure,
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.reinterpret_cast ", p.ValueName(op.Operand(0)), " to")
		for i, name := range castLists {
			p.Write([]string{" ", ", ", ", "}[i], name, ": ", list(op.Ints("static_"+name+plural(name))))
		}
		p.AttrDict(op, "operand_segment_sizes", "static_offsets", "static_sizes", "static_strides")
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		source, err := p.ParseOperand()
		if err != nil {
			return err
		}
		if err := p.ParseKeyword("to"); err != nil {
			return err
		}
		for i, name := range castLists {
			if i > 0 {
				if err := p.ParseToken(","); err != nil {
					return err
				}
			}
			if err := p.ParseKeyword(name); err != nil {
				return err
			}
			for _, tok := range []string{":", "["} {
				if err := p.ParseToken(tok); err != nil {
					return err
				}
			}
			var values []int64
			for !p.OptionalToken("]") {
				if len(values) > 0 {
					if err := p.ParseToken(","); err != nil {
						return err
					}
				}
				v, err := p.ParseInteger()
				if err != nil {
					return err
				}
				values = append(values, v)
			}
			s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "static_" + name + plural(name), Attr: ir.I64Array(values...)})
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "operand_segment_sizes", Attr: ir.I32Array(1, 0, 0, 0)})
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		return parseFromTo(p, s, []ir.UnresolvedOperand{source})
	},
}

// castLists are the lists of reinterpret_cast in order, as its text names them.
var castLists = []string{"offset", "sizes", "strides"}

func plural(name string) string {
	if name == "offset" {
		return "s"
	}
	return ""
}

func list(values []int64) string {
	a := ir.I64Array(values...).String()
	if len(values) == 0 {
		return "[]"
	}
	return "[" + a[len("array<i64: "):len(a)-1] + "]"
}
