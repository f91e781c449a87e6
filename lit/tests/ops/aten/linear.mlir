// aten.linear: product with the transpose of a matrix of weights, plus a bias.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.linear {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x3xf32>, tensor<8x3xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.linear 
// LOOPS: memref.store
func.func @example(%x: tensor<4x3xf32>, %w: tensor<8x3xf32>, %b: tensor<8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.linear %x, %w, %b : (tensor<4x3xf32>, tensor<8x3xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
