// linalg.matmul: adds the product of two matrices to a destination.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/matmul.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<4x8xf32>, tensor<8x3xf32>) outs(%{{.+}} : tensor<4x3xf32>) -> tensor<4x3xf32>
// GENERIC: %{{.+}} = "linalg.matmul"(%{{.+}}, %{{.+}}, %{{.+}}) ({
// WRONG: error: linalg.matmul: got 2 operands, expected 3 (V2)
// WRONG: error: linalg.matmul: got 4 operands, expected 3 (V2)
// WRONG: error: linalg.matmul: operand 0 (lhs) must be tensor or memref, got tuple<> (V2)
func.func @example(%arg0: tensor<4x8xf32>, %arg1: tensor<8x3xf32>, %arg2: tensor<4x3xf32>) {
  %0 = linalg.matmul ins(%arg0, %arg1 : tensor<4x8xf32>, tensor<8x3xf32>) outs(%arg2 : tensor<4x3xf32>) -> tensor<4x3xf32>
  func.return
}
