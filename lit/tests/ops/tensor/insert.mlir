// tensor.insert: a tensor with one element replaced.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/insert.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.insert %{{.+}} into %{{.+}}[%{{.+}}, %{{.+}}] : tensor<4x8xf32>
// GENERIC: %{{.+}} = "tensor.insert"(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) : (f32, tensor<4x8xf32>, index, index) -> tensor<4x8xf32>
// WRONG: error: tensor.insert: got 1 indices, expected 2 for tensor<4x8xf32>
// WRONG: error: tensor.insert: operand 4 (indices) must be index, got tuple<> (V2)
// WRONG: error: tensor.insert: element has type tuple<>, expected f32 for tensor<4x8xf32>
func.func @example(%arg0: f32, %arg1: tensor<4x8xf32>, %arg2: index, %arg3: index) {
  %0 = tensor.insert %arg0 into %arg1[%arg2, %arg3] : tensor<4x8xf32>
  func.return
}
