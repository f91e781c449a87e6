// aten.index_select: slices of a tensor along a dimension, by index.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.index_select {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.index_select 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %i: tensor<3xi64>) -> (tensor<4x3xf32>) {
  %out = aten.index_select %x, %i {dim = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>) -> tensor<4x3xf32>
  func.return %out : tensor<4x3xf32>
}
