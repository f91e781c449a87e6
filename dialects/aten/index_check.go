package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Indices that are data. ATen throws where one is out of range; so do we: loops that
// read or write at indices check all of them first, with cf.assert, which ends the
// function. The interpreter then gives an error at the op, a library the number of
// the assertion, and no memory but the tensor's own is touched.

// OpCheckedIndex names the check by itself, for ops that lower to linalg.generic,
// where an index only selects and nothing would fail.
const OpCheckedIndex ir.OpName = "aten.checked_index"

// checkedIndex is index as i64, which must be in [0, n); an element equal to ignore,
// if that is given, becomes -1.
func checkedIndex(b *ir.Builder, index *ir.Value, n int64, ignore *int64) *ir.Value {
	attrs := []ir.NamedAttr{attr("size", ir.I64Attr(n))}
	if ignore != nil {
		attrs = append(attrs, attr("ignore_index", ir.I64Attr(*ignore)))
	}
	return b.Create(OpCheckedIndex, []*ir.Value{index}, attrs...).Result(0)
}

func indexCheckDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpCheckedIndex, Summary: "indices that are in range for a dimension, else an error at run time",
		Description: "An element equal to ignore_index is not checked and becomes -1; with wrap, an index from -size to -1 " +
			"counts from the end.",
		Example:  "%out = aten.checked_index %i {size = 8 : i64} : tensor<4xi64>",
		Operands: ir.Params(ir.P("index", indexTensor)),
		Results:  ir.Params(ir.P("out", indexTensor)),
		Attrs: []ir.AttrParam{
			{Name: "size", Kind: intAttr, Required: true, Doc: "size of the dimension"},
			{Name: "ignore_index", Kind: intAttr, Doc: "an element that stands for no index"},
			{Name: "wrap", Kind: boolAttr, Default: ir.BoolAttr(false), Doc: "whether negative indices count from the end"},
		},
		Traits: ir.Pure | ir.NotDifferentiable,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			return ir.Single(ir.Tensor(in.Shape(0), ir.I64))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			n := op.Int("size", 0)
			message := fmt.Sprintf("an index is out of range for a dimension of size %d", n)
			zero := arith.ConstantI(b, 0, ir.I64)
			limit := arith.ConstantI(b, n, ir.I64)
			forShape(b, shapeOf(args[0]), func(b *ir.Builder, at []*ir.Value) {
				i := arith.Cast(b, memref.Load(b, args[0], at...), ir.I64)
				if op.Bool("wrap", false) {
					i = arith.Select(b, arith.CmpI(b, arith.SLT, i, zero), arith.AddI(b, i, limit), i)
				}
				ok := arith.CmpI(b, arith.ULTI, i, limit) // a negative index is a large unsigned one
				if skip, given := op.Attr("ignore_index").(ir.IntegerAttr); given {
					ignored := arith.CmpI(b, arith.EQ, i, arith.ConstantI(b, skip.Value, ir.I64))
					ok = arith.OrI(b, ok, ignored)
					i = arith.Select(b, ignored, arith.ConstantI(b, -1, ir.I64), i)
				}
				cf.Assert(b, ok, message)
				memref.Store(b, i, outs[0], at...)
			})
		},
	}}
}

// checkIndices asserts that all elements of index are indices of dimension d of m.
func checkIndices(b *ir.Builder, op *ir.Op, index, m *ir.Value, d int) {
	n := shapeOf(m)[d]
	limit := arith.ConstantI(b, n, elemOf(index))
	message := fmt.Sprintf("%s: an index is out of range for dimension %d with size %d", op.Name, d, n)
	forShape(b, shapeOf(index), func(b *ir.Builder, at []*ir.Value) {
		cf.Assert(b, arith.CmpI(b, arith.ULTI, memref.Load(b, index, at...), limit), message)
	})
}

// loadIndex is an element of a tensor of indices, to index with.
func loadIndex(b *ir.Builder, index *ir.Value, at ...*ir.Value) *ir.Value {
	return arith.Cast(b, memref.Load(b, index, at...), ir.Index)
}

// indexSample says that operand i is indices from lo to hi, in random tests.
func indexSample(i int, lo, hi float64) func(op *ir.Op, operand int) (float64, float64) {
	return func(_ *ir.Op, operand int) (float64, float64) {
		if operand == i {
			return lo, hi
		}
		return -2, 2
	}
}
