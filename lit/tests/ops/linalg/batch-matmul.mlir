// linalg.batch_matmul: adds products of matrices, one for each entry of a batch, to a destination.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/batch-matmul.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = linalg.batch_matmul ins(%{{.+}}, %{{.+}} : tensor<2x4x8xf32>, tensor<2x8x3xf32>) outs(%{{.+}} : tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
// GENERIC: %{{.+}} = "linalg.batch_matmul"(%{{.+}}, %{{.+}}, %{{.+}}) ({
// WRONG: error: linalg.batch_matmul: got 2 operands, expected 3 (V2)
// WRONG: error: linalg.batch_matmul: got 4 operands, expected 3 (V2)
// WRONG: error: linalg.batch_matmul: operand 0 (lhs) must be tensor or memref, got tuple<> (V2)
func.func @example(%arg0: tensor<2x4x8xf32>, %arg1: tensor<2x8x3xf32>, %arg2: tensor<2x4x3xf32>) {
  %0 = linalg.batch_matmul ins(%arg0, %arg1 : tensor<2x4x8xf32>, tensor<2x8x3xf32>) outs(%arg2 : tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  func.return
}
