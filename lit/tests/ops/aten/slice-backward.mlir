// aten.slice_backward: zeros of a shape with a slice of them replaced: the adjoint of slice.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.slice_backward {{%[a-z0-9]+}} {dim = 1 : i64, end = 3 : i64, shape = array<i64: 4, 8>, start = 1 : i64} : (tensor<4x2xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.slice_backward 
// LOOPS: memref.store
func.func @example(%d: tensor<4x2xf32>) -> (tensor<4x8xf32>) {
  %out = aten.slice_backward %d {dim = 1 : i64, end = 3 : i64, shape = array<i64: 4, 8>, start = 1 : i64} : (tensor<4x2xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
