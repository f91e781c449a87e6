// aten.abs: absolute value of a tensor, with derivative 0 at 0.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.abs {{%[a-z0-9]+}} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.abs 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.abs %self : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
