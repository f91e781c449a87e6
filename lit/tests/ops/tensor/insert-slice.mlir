// tensor.insert_slice: a tensor with a rectangular part replaced.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/insert-slice.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.insert_slice %{{.+}} into %{{.+}}[1, 2] [2, 3] [1, 2] : tensor<2x3xf32> into tensor<4x8xf32>
// GENERIC: %{{.+}} = "tensor.insert_slice"(%{{.+}}, %{{.+}}) {operand_segment_sizes = array<i32: 1, 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<2x3xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// WRONG: error: tensor.insert_slice: got 1 operands, expected at least 2 (V2)
// WRONG: error: tensor.insert_slice: got 3 operands, expected 2
// WRONG: error: tensor.insert_slice: operands 0 (source) and 1 (dest) must be ranked tensors
// WRONG: error: tensor.insert_slice: requires attribute "operand_segment_sizes", a dense array of integers (V2)
func.func @example(%arg0: tensor<2x3xf32>, %arg1: tensor<4x8xf32>) {
  %0 = tensor.insert_slice %arg0 into %arg1[1, 2] [2, 3] [1, 2] : tensor<2x3xf32> into tensor<4x8xf32>
  func.return
}
