// aten.lgamma: logarithm of the absolute value of the gamma function.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.lgamma {{%[a-z0-9]+}} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.lgamma 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.lgamma %self : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
