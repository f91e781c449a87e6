// Package linalg is what is used here of MLIR's linalg dialect, version 16: loop
// nests over tensors or memory whose body is scalar code, and named ones.
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
// last body arguments are what has been gathered so far. On tensors an op has a
// result for each of its outs, which give the elements to start from; on memory it
// writes them in place and has no results.
//
// Named ops are nests with a name: [Maps] and [Iterators] tell their structure, their
// region, which the pretty form leaves out, is their body, and [Generalize] makes
// them generic.
package linalg

import (
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// The ops.
const (
	OpGeneric     ir.OpName = "linalg.generic"
	OpFill        ir.OpName = "linalg.fill"
	OpMatmul      ir.OpName = "linalg.matmul"
	OpBatchMatmul ir.OpName = "linalg.batch_matmul"
	OpIndex       ir.OpName = "linalg.index"
	OpYield       ir.OpName = "linalg.yield"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "linalg", Summary: "MLIR's structured loop nests", Ops: []*ir.OpDef{
		genericDef(), fillDef(), matmulDef(), batchMatmulDef(), &indexDef, &yieldDef,
	}}
}

// Iterator is the kind of a loop.
type Iterator string

// The kinds of loop.
const (
	Parallel  Iterator = "parallel"
	Reduction Iterator = "reduction"
)

// The attributes that hold the structure of a nest.
const (
	indexingMaps  = "indexing_maps"
	iteratorTypes = "iterator_types"
	segmentSizes  = "operand_segment_sizes"
)

const (
	iteratorPrefix = "#linalg.iterator_type<"
	iteratorSuffix = ">"
)

// iteratorAttr is the attribute that stands for a kind of loop.
func iteratorAttr(it Iterator) ir.Attr {
	return ir.OpaqueAttr(iteratorPrefix + string(it) + iteratorSuffix)
}

// segmentAttr counts the inputs and inits among the operands.
func segmentAttr(inputs, inits int) ir.NamedAttr {
	return ir.NamedAttr{Name: segmentSizes, Attr: ir.I32Array(int64(inputs), int64(inits))}
}

func segments(op *ir.Op) (inputs, inits int) {
	s := op.Ints(segmentSizes)
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

// Maps of the inputs, then of the inits; those of a named op are known by its name.
func Maps(op *ir.Op) []*ir.AffineMap {
	if s := structureOf(op); s != nil {
		return s.maps
	}
	a, _ := op.Attr(indexingMaps).(*ir.ArrayAttr)
	if a == nil {
		return nil
	}
	out := make([]*ir.AffineMap, 0, len(a.Elems))
	for _, e := range a.Elems {
		if m, ok := e.(ir.AffineMapAttr); ok {
			out = append(out, m.Map)
		}
	}
	return out
}

// Iterators lists the kinds of the loops, outermost first.
func Iterators(op *ir.Op) []Iterator {
	if s := structureOf(op); s != nil {
		return s.iters
	}
	a, _ := op.Attr(iteratorTypes).(*ir.ArrayAttr)
	if a == nil {
		return nil
	}
	out := make([]Iterator, len(a.Elems))
	for i, e := range a.Elems {
		text := e.String()
		if n := len(iteratorPrefix); len(text) > n+1 && text[:n] == iteratorPrefix {
			text = text[n : len(text)-len(iteratorSuffix)]
		}
		out[i] = Iterator(text)
	}
	return out
}

// Extents is how often each loop of the nest runs; ir.Dynamic where only the run knows.
func Extents(op *ir.Op) []int64 {
	extents := make([]int64, len(Iterators(op)))
	for i, m := range Maps(op) {
		shape := ir.ShapeOf(op.Operand(i).Type())
		for k, e := range m.Results {
			if d, ok := e.(ir.AffineDim); ok && (extents[d] == 0 || extents[d] == ir.Dynamic) {
				extents[d] = shape[k]
			}
		}
	}
	return extents
}

// Yield ends the body of a nest.
func Yield(b *ir.Builder, values ...*ir.Value) {
	b.Insert(ir.State{Name: OpYield, Operands: values, Results: []ir.Type{}})
}

// Index is the counter of loop dim, inside a body.
func Index(b *ir.Builder, dim int64) *ir.Value {
	return b.Insert(ir.State{Name: OpIndex, Results: []ir.Type{ir.Index}, Attrs: []ir.NamedAttr{{Name: "dim", Attr: ir.I64Attr(dim)}}}).Result(0)
}

// isNest reports whether op is a nest of this dialect.
func isNest(op *ir.Op) bool {
	switch op.Name {
	case OpGeneric, OpFill, OpMatmul, OpBatchMatmul:
		return true
	}
	return false
}

var indexDef = ir.OpDef{
	Name: OpIndex, Summary: "the counter of a loop of the enclosing nest",
	Example: "%i = linalg.index 0 : index",
	Results: ir.Params(ir.P("result", ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }})),
	Attrs: []ir.AttrParam{{Name: "dim", Required: true, Doc: "which loop, from the outermost",
		Kind: ir.AttrKind{Name: "an i64 of zero or more", Holds: func(a ir.Attr) bool {
			i, ok := a.(ir.IntegerAttr)
			return ok && i.Type == ir.Type(ir.I64) && i.Value >= 0
		}}}},
	Traits: ir.Pure,
	VJP:    func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return nil },
	Verify: func(op *ir.Op) error {
		p := op.Parent()
		if p == nil || !isNest(p) {
			return op.Errorf("must stand directly in a linalg nest")
		}
		if d, n := op.Int("dim", -1), len(Iterators(p)); d >= int64(n) {
			return op.Errorf("dimension %d is out of range: the nest has %d loops", d, n)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("linalg.index ", ir.FormatScalar(ir.Scalar{I: op.Int("dim", 0)}, ir.I64))
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
	Verify: func(op *ir.Op) error {
		if p := op.Parent(); p == nil || !isNest(p) {
			return op.Errorf("must stand directly in a linalg nest")
		}
		return nil
	},
	Print: scf.PrintYield, Parse: scf.ParseYield,
}
