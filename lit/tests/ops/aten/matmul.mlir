// aten.matmul: product of matrices, with batches that broadcast.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.matmul {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<2x4x3xf32>, tensor<3x8xf32>) -> tensor<2x4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.matmul 
// LOOPS: memref.store
func.func @example(%x: tensor<2x4x3xf32>, %y: tensor<3x8xf32>) -> (tensor<2x4x8xf32>) {
  %out = aten.matmul %x, %y : (tensor<2x4x3xf32>, tensor<3x8xf32>) -> tensor<2x4x8xf32>
  func.return %out : tensor<2x4x8xf32>
}
