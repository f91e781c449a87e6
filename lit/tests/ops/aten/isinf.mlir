// aten.isinf: where a tensor is infinite.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.isinf {{%[a-z0-9]+}} : (tensor<4x8xf32>) -> tensor<4x8xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.isinf 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xi1>) {
  %out = aten.isinf %self : (tensor<4x8xf32>) -> tensor<4x8xi1>
  func.return %out : tensor<4x8xi1>
}
