// aten.scatter_add: elements added to a tensor, each at an index along a dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.scatter_add {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.scatter_add 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %i: tensor<4x3xi64>, %y: tensor<4x3xf32>) -> (tensor<4x8xf32>) {
  %out = aten.scatter_add %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
