// RUN: cladopt opt %s -p 'lower-to-linalg{elementwise-only=true},differentiate' | FileCheck %s

// The derivative of exp reads the output instead of computing it again; nothing is
// computed for an input that wants no gradient.
// CHECK: func.func @graph
// CHECK: func.func @graph_backward(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>) -> tensor<f32>
// CHECK-SAME: cladopt.gradients_of = array<i64: 0>
// CHECK: linalg.generic
// Must not fire on %arg1: it has no cladopt.requires_grad.
// CHECK-NOT: linalg.generic
func.func @graph(%x: tensor<f32> {cladopt.requires_grad}, %y: tensor<f32>) -> tensor<f32> {
  %0 = aten.mul %x, %y : tensor<f32>
  func.return %0 : tensor<f32>
}
