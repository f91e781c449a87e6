package linalg

import (
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Elementwise makes a generic of an elementwise op: its body is the op's Scalar, and
// operands are broadcast by their maps.
func Elementwise(b *ir.Builder, op *ir.Op) *ir.Op {
	shape := ir.ShapeOf(op.Result(0).Type())
	var maps []*ir.AffineMap
	for _, v := range op.Operands() {
		maps = append(maps, BroadcastMap(ir.ShapeOf(v.Type()), shape))
	}
	var inits []*ir.Value
	for _, r := range op.Results() {
		inits = append(inits, tensor.Empty(b, shape, ir.ElemType(r.Type())))
		maps = append(maps, ir.IdentityMap(len(shape)))
	}
	iters := make([]Iterator, len(shape))
	for i := range iters {
		iters[i] = Parallel
	}
	return Generic(b, op.Operands(), inits, maps, iters, func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		return op.Def().Scalar(b, op, args[:op.NumOperands()])
	})
}

// BroadcastMap reads a tensor of shape from inside a loop nest over shape to, by
// ATen's rule: aligned at the last dimension, index 0 where the size is 1.
func BroadcastMap(from, to []int64) *ir.AffineMap {
	m := ir.NewMap(len(to))
	for i, n := range from {
		d := len(to) - len(from) + i
		if n == 1 && to[d] != 1 {
			m.Results = append(m.Results, ir.AffineConst(0))
		} else {
			m.Results = append(m.Results, ir.AffineDim(d))
		}
	}
	return m
}
