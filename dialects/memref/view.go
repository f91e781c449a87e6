package memref

import (
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// View is a typed view of bytes, shift bytes from their start; t has known sizes.
func View(b *ir.Builder, source, shift *ir.Value, t *ir.MemRefType) *ir.Value {
	return b.Insert(ir.State{Name: OpView, Operands: []*ir.Value{source, shift}, Results: []ir.Type{t}}).Result(0)
}

// ReinterpretCast is the memory that m is a view of, seen from offset with other
// sizes and strides, all known numbers.
func ReinterpretCast(b *ir.Builder, m *ir.Value, offset int64, sizes, strides []int64) *ir.Value {
	var space ir.Attr
	if mt, ok := m.Type().(*ir.MemRefType); ok {
		space = mt.Space()
	}
	return b.Insert(ir.State{Name: OpReinterpretCast, Operands: []*ir.Value{m},
		Results: []ir.Type{reinterpreted(sizes, ir.ElemType(m.Type()), strides, offset, space)},
		Attrs:   tensor.Window{Offsets: []int64{offset}, Sizes: sizes, Strides: strides}.Attrs(1)}).Result(0)
}

// reinterpreted is the type of a cast. Where a dimension has one element or the
// memory none, its stride says nothing and row-major memory stays plain.
func reinterpreted(sizes []int64, elem ir.Type, strides []int64, offset int64, space ir.Attr) *ir.MemRefType {
	if plain, ok := ir.RowMajor(sizes); ok && offset == 0 && len(plain) == len(strides) {
		same := true
		for i := range plain {
			same = same && plain[i] == strides[i]
		}
		if same {
			return ir.MemRefOf(sizes, elem, nil, space)
		}
	}
	return strided(sizes, elem, strides, offset, space)
}

// Subview is a window, all of known numbers, of m, which must have a strided layout.
func Subview(b *ir.Builder, m *ir.Value, w tensor.Window) *ir.Value {
	mt := m.Type().(*ir.MemRefType)
	strides, offset, _ := windowed(mt, w)
	return b.Insert(ir.State{Name: OpSubview, Operands: []*ir.Value{m}, Attrs: w.Attrs(1),
		Results: []ir.Type{strided(w.Sizes, mt.Elem(), strides, offset, mt.Space())}}).Result(0)
}

// windowed is the layout of a window of memory of type t.
func windowed(t *ir.MemRefType, w tensor.Window) (strides []int64, offset int64, ok bool) {
	from, offset, ok := Layout(t)
	if !ok || len(w.Offsets) != len(from) || len(w.Strides) != len(from) {
		return nil, 0, false
	}
	strides = make([]int64, len(from))
	for i := range from {
		strides[i] = times(from[i], w.Strides[i])
		if by := times(from[i], w.Offsets[i]); by == ir.Dynamic || offset == ir.Dynamic {
			offset = ir.Dynamic
		} else {
			offset += by
		}
	}
	return strides, offset, true
}

// times is a * b where both are known. Layouts multiply strides and offsets, which
// unlike sizes may be negative; 0 times what is not known is not known, as in MLIR.
func times(a, b int64) int64 {
	if a == ir.Dynamic || b == ir.Dynamic {
		return ir.Dynamic
	}
	return a * b
}

var viewDef = ir.OpDef{
	Name: OpView, Summary: "a typed view of bytes",
	Example:  "%v = memref.view %bytes[%shift][%n] : memref<256xi8> to memref<?x8xf32>",
	Operands: ir.Params(ir.P("source", memory), ir.P("byte_shift", index), ir.Var("sizes", index)),
	Results:  ir.Params(ir.P("result", memory)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		from, to := op.Operand(0).Type().(*ir.MemRefType), op.Result(0).Type().(*ir.MemRefType)
		if len(from.Shape()) != 1 || from.Elem() != ir.Type(ir.I8) || from.Layout() != nil {
			return op.Errorf("source must be plain bytes, one dimension of i8, got %s", from)
		}
		if to.Layout() != nil {
			return op.Errorf("result must be row-major memory, got %s", to)
		}
		if got, want := op.NumOperands()-2, tensor.CountDynamic(to.Shape()); got != want {
			return op.Errorf("got %d sizes, expected %d, one for each dynamic dimension", got, want)
		}
		return sameSpace(op, from, to)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.view ", p.ValueName(op.Operand(0)), "[", p.ValueName(op.Operand(1)), "][")
		p.Operands(op.Operands()[2:])
		p.Write("]")
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
		for _, tok := range []string{"]", "["} {
			if err := p.ParseToken(tok); err != nil {
				return err
			}
		}
		sizes, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken("]"); err != nil {
			return err
		}
		return parseFromTo(p, s, append([]ir.UnresolvedOperand{source, shift}, sizes...)...)
	},
}

// castWords stand before the lists of reinterpret_cast.
var castWords = [3]string{"offset", "sizes", "strides"}

var reinterpretCastDef = ir.OpDef{
	Name: OpReinterpretCast, Summary: "the same memory with other sizes and strides",
	Example:  "%v = memref.reinterpret_cast %m to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>",
	Operands: ir.Params(ir.P("source", memory), ir.Var("offsets", index), ir.Var("sizes", index), ir.Var("strides", index)),
	Results:  ir.Params(ir.P("result", memory)),
	Attrs:    tensor.WindowParams(),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		from, to, err := sourceAndResult(op)
		if err != nil {
			return err
		}
		if err := tensor.CheckWindow(op, 1, 1, len(to.Shape())); err != nil {
			return err
		}
		w := tensor.WindowOf(op)
		strides, offset, ok := Layout(to)
		if !ok {
			return op.Errorf("result must have a strided layout, got %s", to)
		}
		if !mayEqual(offset, w.Offsets[0]) {
			return op.Errorf("result has offset %d, the cast says %d", offset, w.Offsets[0])
		}
		empty := false
		for i, n := range to.Shape() {
			if !mayEqual(n, w.Sizes[i]) {
				return op.Errorf("result has size %d in dimension %d, the cast says %d", n, i, w.Sizes[i])
			}
			empty = empty || n == 0
		}
		for i, n := range strides {
			if !mayEqual(n, w.Strides[i]) && !empty {
				return op.Errorf("result has stride %d in dimension %d, the cast says %d", n, i, w.Strides[i])
			}
		}
		return sameSpace(op, from, to)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.reinterpret_cast ", p.ValueName(op.Operand(0)), " to ")
		tensor.PrintWindow(p, op, 1, [3]string{castWords[0] + ": ", ", " + castWords[1] + ": ", ", " + castWords[2] + ": "})
		p.AttrDict(op, tensor.WindowAttrs()...)
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
		w, operands, err := tensor.ParseWindow(p, func(i int) error {
			if i > 0 {
				if err := p.ParseToken(","); err != nil {
					return err
				}
			}
			if err := p.ParseKeyword(castWords[i]); err != nil {
				return err
			}
			return p.ParseToken(":")
		})
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, w.Attrs(1)...)
		return parseFromTo(p, s, append([]ir.UnresolvedOperand{source}, operands...)...)
	},
}

// sourceAndResult is the types of a view with a window; they must be memrefs of one
// element type, which the parameters do not say where several are variadic.
func sourceAndResult(op *ir.Op) (from, to *ir.MemRefType, err error) {
	if op.NumOperands() > 0 {
		from, _ = op.Operand(0).Type().(*ir.MemRefType)
	}
	to, _ = op.Result(0).Type().(*ir.MemRefType)
	if from == nil || to == nil {
		return nil, nil, op.Errorf("operand 0 (source) and the result must be memrefs")
	}
	if from.Elem() != to.Elem() {
		return nil, nil, op.Errorf("element types %s and %s differ", from.Elem(), to.Elem())
	}
	return from, to, nil
}

var subviewDef = ir.OpDef{
	Name: OpSubview, Summary: "a rectangular part of memory",
	Example:  "%v = memref.subview %m[1, 2] [2, 3] [1, 2] : memref<4x8xf32> to memref<2x3xf32, strided<[8, 2], offset: 10>>",
	Operands: ir.Params(ir.P("source", memory), ir.Var("offsets", index), ir.Var("sizes", index), ir.Var("strides", index)),
	Results:  ir.Params(ir.P("result", memory)),
	Attrs:    tensor.WindowParams(),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		from, to, err := sourceAndResult(op)
		if err != nil {
			return err
		}
		rank := len(from.Shape())
		if err := tensor.CheckWindow(op, 1, rank, rank); err != nil {
			return err
		}
		if err := tensor.CheckInside(op, from.Shape()); err != nil {
			return err
		}
		w := tensor.WindowOf(op)
		strides, offset, ok := windowed(from, w)
		if !ok {
			return op.Errorf("source must have a strided layout, got %s", from)
		}
		full := strided(w.Sizes, from.Elem(), strides, offset, from.Space())
		kept, ok := tensor.KeptDims(w.Sizes, to.Shape())
		if ok {
			dims := make([]int64, len(kept))
			for i, d := range kept {
				dims[i] = strides[d]
			}
			ok = sameLayout(to, dims, offset)
		}
		if !ok {
			return op.Errorf("result has type %s, expected %s or that without sizes of 1", to, full)
		}
		return sameSpace(op, from, to)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("memref.subview ", p.ValueName(op.Operand(0)))
		tensor.PrintWindow(p, op, 1, [3]string{"", " ", " "})
		p.AttrDict(op, tensor.WindowAttrs()...)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		source, err := p.ParseOperand()
		if err != nil {
			return err
		}
		w, operands, err := tensor.ParseWindow(p, nil)
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, w.Attrs(1)...)
		return parseFromTo(p, s, append([]ir.UnresolvedOperand{source}, operands...)...)
	},
}
