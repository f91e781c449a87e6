// aten.min_dim: minimum over one dimension, and its index.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.min_dim {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xi64>)
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.min_dim 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xi64>) {
  %values:2 = aten.min_dim %x {dim = 1 : i64} : (tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xi64>)
  func.return %values#0, %values#1 : tensor<4xf32>, tensor<4xi64>
}
