// tensor.extract_slice: a rectangular part of a tensor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/extract-slice.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.extract_slice %{{.+}}[1, %{{.+}}] [2, 3] [1, 2] : tensor<4x8xf32> to tensor<2x3xf32>
// GENERIC: %{{.+}} = "tensor.extract_slice"(%{{.+}}, %{{.+}}) {operand_segment_sizes = array<i32: 1, 1, 0, 0>, static_offsets = array<i64: 1, -9223372036854775808>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<4x8xf32>, index) -> tensor<2x3xf32>
// WRONG: error: tensor.extract_slice: got 1 operands, expected 2
// WRONG: error: tensor.extract_slice: got 3 operands, expected 2
// WRONG: error: tensor.extract_slice: operand 0 (source) must be a ranked tensor
// WRONG: error: tensor.extract_slice: requires attribute "operand_segment_sizes", a dense array of integers (V2)
func.func @example(%arg0: tensor<4x8xf32>, %arg1: index) {
  %0 = tensor.extract_slice %arg0[1, %arg1] [2, 3] [1, 2] : tensor<4x8xf32> to tensor<2x3xf32>
  func.return
}
