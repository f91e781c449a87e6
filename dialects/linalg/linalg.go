// Package linalg is what is used here of MLIR's linalg dialect: loop nests over
// tensors or memory whose body is scalar code.
//
//	%r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
//	                     iterator_types = ["parallel", "reduction"]}
//	     ins(%x : tensor<4x8xf32>) outs(%init : tensor<4xf32>) {
//	^bb0(%in: f32, %acc: f32):
//	  %s = arith.addf %acc, %in : f32
//	  linalg.yield %s : f32
//	} -> tensor<4xf32>
//
// A map says which element of an operand an iteration reads or writes; a reduction's
// last body arguments are what has been gathered so far.
package linalg

import (
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// The ops.
const (
	OpGeneric ir.OpName = "linalg.generic"
	OpFill    ir.OpName = "linalg.fill"
	OpIndex   ir.OpName = "linalg.index"
	OpYield   ir.OpName = "linalg.yield"
)

// Iterator is the kind of a loop.
type Iterator string

// The kinds of loop.
const (
	Parallel  Iterator = "parallel"
	Reduction Iterator = "reduction"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "linalg", Summary: "MLIR's structured loop nests", Ops: []*ir.OpDef{genericDef(), &fillDef, &indexDef, &yieldDef}}
}

// Generic makes a loop nest. maps are those of the inputs, then of the inits; the
// results have the inits' types. body gets a scalar for each input, then for each
// init, and returns what is yielded.
func Generic(b *ir.Builder, inputs, inits []*ir.Value, maps []*ir.AffineMap, iters []Iterator,
	body func(b *ir.Builder, args []*ir.Value) []*ir.Value) *ir.Op {
	operands := append(append([]*ir.Value{}, inputs...), inits...)
	block := ir.NewBlock()
	for _, v := range operands {
		block.AddArg(ir.ElemType(v.Type()))
	}
	results := []ir.Type{}
	for _, v := range inits {
		if t, ok := v.Type().(*ir.TensorType); ok {
			results = append(results, t)
		}
	}
	op := b.Insert(ir.State{Name: OpGeneric, Operands: operands, Results: results,
		Regions: []*ir.Region{ir.NewRegion(block)}, Attrs: genericAttrs(maps, iters, len(inputs), len(inits))})
	inner := b.In(block)
	Yield(inner, body(inner, block.Args())...)
	return op
}

func genericAttrs(maps []*ir.AffineMap, iters []Iterator, inputs, inits int) []ir.NamedAttr {
	mapAttrs := make([]ir.Attr, len(maps))
	for i, m := range maps {
		mapAttrs[i] = ir.AffineMapAttr{Map: m}
	}
	iterAttrs := make([]ir.Attr, len(iters))
	for i, it := range iters {
		iterAttrs[i] = ir.OpaqueAttr("#linalg.iterator_type<" + string(it) + ">")
	}
	return []ir.NamedAttr{
		{Name: "indexing_maps", Attr: ir.Array(mapAttrs...)},
		{Name: "iterator_types", Attr: ir.Array(iterAttrs...)},
		{Name: "operand_segment_sizes", Attr: ir.I32Array(int64(inputs), int64(inits))},
	}
}

// Maps of the inputs, then of the inits.
func Maps(op *ir.Op) []*ir.AffineMap {
	a, _ := op.Attr("indexing_maps").(*ir.ArrayAttr)
	if a == nil {
		return nil
	}
	var out []*ir.AffineMap
	for _, e := range a.Elems {
		if m, ok := e.(ir.AffineMapAttr); ok {
			out = append(out, m.Map)
		}
	}
	return out
}

// Iterators lists the kinds of the loops.
func Iterators(op *ir.Op) []Iterator {
	a, _ := op.Attr("iterator_types").(*ir.ArrayAttr)
	if a == nil {
		return nil
	}
	out := make([]Iterator, len(a.Elems))
	for i, e := range a.Elems {
		text := e.String()
		const prefix = "#linalg.iterator_type<"
		if len(text) > len(prefix)+1 && text[:len(prefix)] == prefix {
			text = text[len(prefix) : len(text)-1]
		}
		out[i] = Iterator(text)
	}
	return out
}

func segments(op *ir.Op) (inputs, inits int) {
	s := op.Ints("operand_segment_sizes")
	if len(s) != 2 || s[0] < 0 || s[1] < 0 || s[0]+s[1] != int64(op.NumOperands()) {
		return op.NumOperands(), 0
	}
	return int(s[0]), int(s[1])
}

// Inputs of a linalg op.
func Inputs(op *ir.Op) []*ir.Value {
	n, _ := segments(op)
	return op.Operands()[:n]
}

// Inits are the destinations of a linalg op.
func Inits(op *ir.Op) []*ir.Value {
	n, _ := segments(op)
	return op.Operands()[n:]
}

// Fill sets all elements of a destination to a scalar.
func Fill(b *ir.Builder, value, init *ir.Value) *ir.Value {
	block := ir.NewBlock(value.Type(), ir.ElemType(init.Type()))
	op := b.Insert(ir.State{Name: OpFill, Operands: []*ir.Value{value, init}, Results: []ir.Type{init.Type()},
		Regions: []*ir.Region{ir.NewRegion(block)}, Attrs: []ir.NamedAttr{{Name: "operand_segment_sizes", Attr: ir.I32Array(1, 1)}}})
	Yield(b.In(block), block.Arg(0))
	return op.Result(0)
}

// Yield ends the body of a nest.
func Yield(b *ir.Builder, values ...*ir.Value) {
	b.Insert(ir.State{Name: OpYield, Operands: values, Results: []ir.Type{}})
}

// Index is the counter of loop dim, inside a body.
func Index(b *ir.Builder, dim int64) *ir.Value {
	return b.Insert(ir.State{Name: OpIndex, Results: []ir.Type{ir.Index}, Attrs: []ir.NamedAttr{{Name: "dim", Attr: ir.I64Attr(dim)}}}).Result(0)
}

var indexDef = ir.OpDef{
	Name: OpIndex, Summary: "the counter of a loop of the enclosing nest",
	Example: "%i = linalg.index 0 : index",
	Results: ir.Params(ir.P("result", ir.AnyType)),
	Traits:  ir.Pure,
	VJP:     func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return nil },
	Verify: func(op *ir.Op) error {
		p := op.Parent()
		if p == nil || p.Name != OpGeneric {
			return nil
		}
		if d := op.Int("dim", -1); d < 0 || d >= int64(len(Iterators(p))) {
			return op.Errorf("dimension %d is out of range: the nest has %d loops", d, len(Iterators(p)))
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		a, _ := op.Attr("dim").(ir.IntegerAttr)
		p.Write("linalg.index ", ir.FormatScalar(ir.Scalar{I: a.Value}, ir.I64))
		p.AttrDict(op, "dim")
		p.Write(" : index")
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		d, err := p.ParseInteger()
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "dim", Attr: ir.I64Attr(d)})
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		s.Results = []ir.Type{ir.Index}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		return p.ParseKeyword("index")
	},
}

var yieldDef = ir.OpDef{
	Name: OpYield, Summary: "the end of a nest's body, with the elements to write",
	Example:  "linalg.yield %x : f32",
	Operands: ir.Params(ir.Var("values", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Print:    scf.PrintYield, Parse: scf.ParseYield,
}

var fillDef = ir.OpDef{
	Name: OpFill, Summary: "sets all elements of a destination to a number",
	Example:  "%r = linalg.fill ins(%v : f32) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>",
	Operands: ir.Params(ir.P("value", ir.AnyType), ir.P("output", ir.AnyType)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Regions:  1,
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		if v, e := op.Operand(0).Type(), ir.ElemType(op.Operand(1).Type()); v != e {
			return op.Errorf("value has type %s, the destination's elements %s", v, e)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("linalg.fill")
		p.AttrDict(op, "operand_segment_sizes")
		printOperands(p, op)
		printResults(p, op)
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		if err := parseOperands(p, s); err != nil {
			return err
		}
		if err := parseResults(p, s); err != nil {
			return err
		}
		if len(s.Operands) == 2 {
			block := ir.NewBlock(s.Operands[0].Type(), ir.ElemType(s.Operands[1].Type()))
			Yield(ir.NewBuilder(p.Context(), block), block.Arg(0))
			s.Regions = []*ir.Region{ir.NewRegion(block)}
		}
		return nil
	},
}
