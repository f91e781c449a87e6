// Package aten is the high-level tensor dialect: ATen's names and meaning on
// tensors that are values.
//
// Views, in-place writes and constant operands of an observed graph are gone at
// this level: a view is a pure function of its operand, a write a new value.
//
//	%0 = aten.mul %x, %w : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
//	%1 = aten.relu %0 : tensor<4x8xf32>
//	%2 = aten.sum %1 {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
//
// An elementwise op gives one lane of itself in arith and math ops (Scalar); its
// lowering, its C++, its value in the interpreter and its derivative follow from
// that. A structured op (a reduction, a matrix product, a gather) gives a lowering
// to linalg.generic or loops and a derivative after PyTorch's derivatives.yaml.
//
// All tensor operands of an op have one element type, but for conditions and
// indices: the importer promotes them as ATen would. Conventions at kinks, at ties
// and for NaN are ATen's.
package aten

import "github.com/cladopt/cladopt/ir"

// Dialect lists the ops and the ATen spellings that are built from several.
func Dialect() *ir.Dialect {
	d := &ir.Dialect{Name: "aten", Summary: "ATen's operators on tensors that are values", Uniform: true, Refusals: refusals}
	for _, defs := range [][]*ir.OpDef{
		elementwiseDefs(), creationDefs(), arangeDefs(), viewDefs(), sliceDefs(),
		reductionDefs(), varianceDefs(), productDefs(), vectorNormDefs(), extremumReductionDefs(),
		contractionDefs(), structuredDefs(),
	} {
		d.Ops = append(d.Ops, defs...)
	}
	for _, imports := range [][]ir.Import{
		divisionImports(), powerImports(), activationImports(), clampImports(), selectionImports(), castImports(),
		creationImports(), arangeImports(), viewImports(), varianceImports(), countImports(), vectorNormImports(),
		contractionImports(), structuredImports(),
	} {
		d.Imports = append(d.Imports, imports...)
	}
	return d
}
