// aten.avg_pool: sum over windows of the last dimensions, divided by a number.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.avg_pool {{%[a-z0-9]+}} {dilation = array<i64: 1>, divisor = 3 : i64, kernel_size = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.avg_pool 
// LOOPS: memref.store
func.func @example(%x: tensor<2x3x8xf32>) -> (tensor<2x3x4xf32>) {
  %out = aten.avg_pool %x {dilation = array<i64: 1>, divisor = 3 : i64, kernel_size = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>
  func.return %out : tensor<2x3x4xf32>
}
