// RUN: cladopt opt %s -p default | FileCheck %s

// Two values between three kernels, never alive together with the third: one place
// is used twice.
// CHECK: module attributes {cladopt.workspace = 128 : i64}
// CHECK: memref.view
// CHECK-NOT: memref.alloc
func.func @graph(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = aten.matmul %x, %w : tensor<4x4xf32>
  %1 = aten.matmul %0, %w : tensor<4x4xf32>
  %2 = aten.matmul %1, %w : tensor<4x4xf32>
  %3 = aten.matmul %2, %w : tensor<4x4xf32>
  func.return %3 : tensor<4x4xf32>
}
