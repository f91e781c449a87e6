// aten.index_copy: slices of a tensor along a dimension replaced, by index.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.index_copy {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.index_copy 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %i: tensor<1xi64>, %y: tensor<4x1xf32>) -> (tensor<4x8xf32>) {
  %out = aten.index_copy %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
