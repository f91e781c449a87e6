// RUN: cladopt opt %s -p 'lower-to-linalg{elementwise-only=true},differentiate' | FileCheck %s

// No adjoint arrives at the root of @k, whose slope at 0 is infinite: its pullback takes that of the sine alone.
// CHECK: func.func @k_pullback_first
// CHECK-SAME: cladopt.adjoints_of = array<i64: 0>, cladopt.gradients_of = array<i64: 0>
// CHECK: math.cos
// CHECK-NOT: math.sqrt
// Both inputs of @two depend on nothing else, but no adjoint leads to the second.
// CHECK: func.func @two_pullback_first
// CHECK-SAME: cladopt.adjoints_of = array<i64: 0>, cladopt.gradients_of = array<i64: 0>
// CHECK: func.func @graph_backward
// CHECK: call @two_pullback_first
// CHECK: call @k_pullback_first
// CHECK-NOT: call
func.func @k(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) attributes {cladopt.kernel} {
  %0 = aten.sin %x : tensor<4xf32>
  %1 = aten.sqrt %x : tensor<4xf32>
  func.return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

func.func @two(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) attributes {cladopt.kernel} {
  %0 = aten.sin %x : tensor<4xf32>
  %1 = aten.log %y : tensor<4xf32>
  func.return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

func.func @graph(%x: tensor<4xf32> {cladopt.requires_grad}) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = func.call @k(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  %1:2 = func.call @two(%0#0, %0#1) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  %2 = aten.detach %1#1 : tensor<4xf32>
  func.return %1#0, %2 : tensor<4xf32>, tensor<4xf32>
}
