// aten.avg_pool_backward: adjoint of avg_pool.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.avg_pool_backward {{%[a-z0-9]+}} {dilation = array<i64: 1>, divisor = 3 : i64, kernel_size = array<i64: 3>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.avg_pool_backward 
// LOOPS: memref.store
func.func @example(%d: tensor<2x3x4xf32>) -> (tensor<2x3x8xf32>) {
  %out = aten.avg_pool_backward %d {dilation = array<i64: 1>, divisor = 3 : i64, kernel_size = array<i64: 3>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x8xf32>
  func.return %out : tensor<2x3x8xf32>
}
