// aten.index_add: slices added to a tensor along a dimension, by index.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.index_add {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.index_add 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %i: tensor<3xi64>, %y: tensor<4x3xf32>) -> (tensor<4x8xf32>) {
  %out = aten.index_add %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
