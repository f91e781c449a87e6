// aten.logical_not: where a tensor is zero.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.logical_not {{%[a-z0-9]+}} : (tensor<4x8xf32>) -> tensor<4x8xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.logical_not 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xi1>) {
  %out = aten.logical_not %self : (tensor<4x8xf32>) -> tensor<4x8xi1>
  func.return %out : tensor<4x8xi1>
}
