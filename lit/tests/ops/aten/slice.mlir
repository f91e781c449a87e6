// aten.slice: elements of a tensor at even distances along one dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.slice {{%[a-z0-9]+}} {dim = 1 : i64, end = 7 : i64, start = 1 : i64, step = 2 : i64} : (tensor<4x8xf32>) -> tensor<4x3xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.slice 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4x3xf32>) {
  %out = aten.slice %x {dim = 1 : i64, end = 7 : i64, start = 1 : i64, step = 2 : i64} : (tensor<4x8xf32>) -> tensor<4x3xf32>
  func.return %out : tensor<4x3xf32>
}
