// aten.lerp: linear interpolation between two tensors.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.lerp {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.lerp 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>, %end: tensor<4x8xf32>, %weight: tensor<f32>) -> (tensor<4x8xf32>) {
  %out = aten.lerp %self, %end, %weight : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
