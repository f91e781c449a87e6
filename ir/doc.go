// Package ir is the intermediate representation: types, attributes, operations,
// blocks and regions in the manner of MLIR, with a builder, a printer and a verifier.
//
// A program is a tree. A [Module] is an op that holds one region; a region holds
// blocks; a block holds arguments and ops; an op has operands, results, attributes
// and regions of its own. Every value is defined once and knows its uses.
//
//	module {
//	  func.func @graph(%arg0: tensor<4x8xf32>) -> tensor<f32> {
//	    %0 = aten.mul %arg0, %arg0 : tensor<4x8xf32>
//	    %1 = aten.sum %0 : (tensor<4x8xf32>) -> tensor<f32>
//	    func.return %1 : tensor<f32>
//	  }
//	}
//
// What an op means is said in one place, its [OpDef]; a [Dialect] is a list of
// them and a [Context] the set of dialects that one compilation knows. Types are
// interned, so == compares them; attributes are immutable and compared by
// [AttrEqual]. Ops are changed through methods only, which keep use lists right.
//
// The package knows no dialect but the module op, and no pass.
package ir
