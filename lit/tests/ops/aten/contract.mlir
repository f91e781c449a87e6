// aten.contract: sum of products over shared loops, as einsum.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.contract {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {extents = array<i64: 4, 8, 3>, lhs = array<i64: 0, 2>, out = array<i64: 0, 1>, rhs = array<i64: 2, 1>} : (tensor<4x3xf32>, tensor<3x8xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.contract 
// LOOPS: memref.store
func.func @example(%x: tensor<4x3xf32>, %y: tensor<3x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.contract %x, %y {extents = array<i64: 4, 8, 3>, lhs = array<i64: 0, 2>, out = array<i64: 0, 1>, rhs = array<i64: 2, 1>} : (tensor<4x3xf32>, tensor<3x8xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
