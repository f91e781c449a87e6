// aten.scatter: elements of a tensor replaced, each at an index along a dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.scatter {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.scatter 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %i: tensor<4x1xi64>, %y: tensor<4x1xf32>) -> (tensor<4x8xf32>) {
  %out = aten.scatter %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
