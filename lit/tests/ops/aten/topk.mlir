// aten.topk: the largest elements along a dimension in order, and where they stood.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.topk {{%[a-z0-9]+}} {dim = 1 : i64, k = 2 : i64} : (tensor<4x5xf32>) -> (tensor<4x2xf32>, tensor<4x2xi64>)
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.topk 
// LOOPS: memref.store
func.func @example(%x: tensor<4x5xf32>) -> (tensor<4x2xf32>, tensor<4x2xi64>) {
  %out:2 = aten.topk %x {dim = 1 : i64, k = 2 : i64} : (tensor<4x5xf32>) -> (tensor<4x2xf32>, tensor<4x2xi64>)
  func.return %out#0, %out#1 : tensor<4x2xf32>, tensor<4x2xi64>
}
