// aten.permute: reorders the dimensions of a tensor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.permute {{%[a-z0-9]+}} {dims = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.permute 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<8x4xf32>) {
  %out = aten.permute %x {dims = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  func.return %out : tensor<8x4xf32>
}
