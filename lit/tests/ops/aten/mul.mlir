// aten.mul: elementwise product of two tensors.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.mul {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.mul 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>, %other: tensor<8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.mul %self, %other : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
