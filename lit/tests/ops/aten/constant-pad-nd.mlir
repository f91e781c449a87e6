// aten.constant_pad_nd: a tensor with a margin of one value, or with its margin cut off.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.constant_pad_nd {{%[a-z0-9]+}} {pad = array<i64: 1, 2, -1, 1>, value = 0.5 : f64} : (tensor<4x8xf32>) -> tensor<4x11xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.constant_pad_nd 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4x11xf32>) {
  %out = aten.constant_pad_nd %x {pad = array<i64: 1, 2, -1, 1>, value = 0.5 : f64} : (tensor<4x8xf32>) -> tensor<4x11xf32>
  func.return %out : tensor<4x11xf32>
}
