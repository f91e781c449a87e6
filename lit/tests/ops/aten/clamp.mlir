// aten.clamp: x between two bounds, the nearer of them outside.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.clamp {{%[a-z0-9]+}} {max = 1.0 : f64, min = -1.0 : f64} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.clamp 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.clamp %self {max = 1.0 : f64, min = -1.0 : f64} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
