// tensor.extract: an element of a tensor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/extract.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.extract %{{.+}}[%{{.+}}, %{{.+}}] : tensor<4x8xf32>
// GENERIC: %{{.+}} = "tensor.extract"(%{{.+}}, %{{.+}}, %{{.+}}) : (tensor<4x8xf32>, index, index) -> f32
// WRONG: error: tensor.extract: got 1 indices, expected 2 for tensor<4x8xf32>
// WRONG: error: tensor.extract: operand 3 (indices) must be index, got tuple<> (V2)
// WRONG: error: tensor.extract: operand 0 (tensor) must be ranked tensor, got tuple<> (V2)
func.func @example(%arg0: tensor<4x8xf32>, %arg1: index, %arg2: index) {
  %0 = tensor.extract %arg0[%arg1, %arg2] : tensor<4x8xf32>
  func.return
}
