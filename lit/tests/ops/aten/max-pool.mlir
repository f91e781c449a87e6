// aten.max_pool: maximum over windows of the last dimensions.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.max_pool {{%[a-z0-9]+}} {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.max_pool 
// LOOPS: memref.store
func.func @example(%x: tensor<2x3x8xf32>) -> (tensor<2x3x4xf32>) {
  %out = aten.max_pool %x {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>
  func.return %out : tensor<2x3x4xf32>
}
