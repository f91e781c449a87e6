// aten.native_layer_norm: layer_norm, the mean, and 1 / the standard deviation.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS
// RUN: cladopt opt %s -p decompose | FileCheck %s --check-prefix=WHOLE

// It is what layer_norm is spelled by, so it stays.
// WHOLE: aten.native_layer_norm

// CHECK-LABEL: func.func @example
// CHECK: aten.native_layer_norm {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>)
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.native_layer_norm 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>) {
  %out:3 = aten.native_layer_norm %x, %w, %b {normalized_shape = array<i64: 8>} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>)
  func.return %out#0, %out#1, %out#2 : tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>
}
