// Package hep is a dialect of a few ops of high-energy physics, kept out of the tree of
// cladopt. Four-vectors are tensors whose last dimension is 4: px, py, pz, E.
//
//	%m = hep.mass %p : (tensor<8x4xf32>) -> tensor<8xf32>
//	%d = hep.delta_phi %phi0, %phi1 : tensor<8xf32>
//
// An op says what it is in simpler ops, by Decompose or by the Scalar body of one element.
// Interpreter, lowering, C++ and gradients follow from that.
package hep

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{
		Name:    "hep",
		Summary: "four-vectors and angles of high-energy physics",
		Ops:     []*ir.OpDef{massSquared(), mass(), deltaPhi()},
		Uniform: true,
	}
}

// floatTensor is what all ops take and give.
var floatTensor = ir.Constraint{Name: "a tensor of f32 or f64", Holds: func(t ir.Type) bool {
	tensor, ok := t.(*ir.TensorType)
	return ok && (tensor.Elem() == ir.F32 || tensor.Elem() == ir.F64)
}}

// inferInvariant gives one number for each four-vector.
func inferInvariant(in *ir.Inference) ([]ir.Type, error) {
	shape := in.Shape(0)
	last := len(shape) - 1
	if last < 0 || shape[last] != 4 {
		return nil, fmt.Errorf("the last dimension must be 4 (px, py, pz, E), got the shape %v", shape)
	}
	return ir.Single(ir.Tensor(shape[:last], in.Elem(0)))
}
