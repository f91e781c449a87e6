// aten.le: where the first tensor is less or equal.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.le {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.le 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>, %other: tensor<8xf32>) -> (tensor<4x8xi1>) {
  %out = aten.le %self, %other : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xi1>
  func.return %out : tensor<4x8xi1>
}
