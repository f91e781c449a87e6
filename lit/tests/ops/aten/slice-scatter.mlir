// aten.slice_scatter: a tensor with a slice of it replaced.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.slice_scatter {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64, end = 3 : i64, start = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.slice_scatter 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %y: tensor<4x2xf32>) -> (tensor<4x8xf32>) {
  %out = aten.slice_scatter %x, %y {dim = 1 : i64, end = 3 : i64, start = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
