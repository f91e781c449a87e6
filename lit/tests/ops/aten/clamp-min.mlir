// aten.clamp_min: x, or another tensor where that is greater.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.clamp_min {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.clamp_min 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>, %other: tensor<8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.clamp_min %self, %other : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
