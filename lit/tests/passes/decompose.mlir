// RUN: cladopt opt %s -p decompose | FileCheck %s

// CHECK-LABEL: func.func @norm
// CHECK-NOT: aten.batch_norm
// CHECK: aten.rsqrt
func.func @norm(%x: tensor<4x1xf32>, %w: tensor<1xf32>, %b: tensor<1xf32>, %m: tensor<1xf32>, %v: tensor<1xf32>) -> tensor<4x1xf32> {
  %0 = aten.batch_norm %x, %w, %b, %m, %v : (tensor<4x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  func.return %0 : tensor<4x1xf32>
}

// Must not fire: softmax has a kernel of its own.
// CHECK-LABEL: func.func @softmax
// CHECK: aten.softmax
func.func @softmax(%x: tensor<f32>) -> tensor<f32> {
  %0 = aten.softmax %x {dim = 0 : i64} : tensor<f32>
  func.return %0 : tensor<f32>
}
