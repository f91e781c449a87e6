// aten.max_pool_backward: adjoint of max_pool.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.max_pool_backward {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} : (tensor<2x3x4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.max_pool_backward 
// LOOPS: memref.store
func.func @example(%d: tensor<2x3x4xf32>, %x: tensor<2x3x8xf32>) -> (tensor<2x3x8xf32>) {
  %out = aten.max_pool_backward %d, %x {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} : (tensor<2x3x4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  func.return %out : tensor<2x3x8xf32>
}
