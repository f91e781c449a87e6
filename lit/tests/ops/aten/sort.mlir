// aten.sort: the elements along a dimension in order, and where they stood.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.sort {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xi64>)
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.sort 
// LOOPS: memref.store
func.func @example(%x: tensor<4x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xi64>) {
  %out:2 = aten.sort %x {dim = 1 : i64} : (tensor<4x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xi64>)
  func.return %out#0, %out#1 : tensor<4x5xf32>, tensor<4x5xi64>
}
