// RUN: cladopt opt %s -p fuse-reduction,outline-kernels | FileCheck %s

// CHECK-LABEL: func.func @graph
// CHECK-NEXT: %0 = func.call @k0(%arg0)
// CHECK-NEXT: func.return %0
func.func @graph(%x: tensor<4xf32>) -> tensor<f32> {
  %0 = aten.mul %x, %x : tensor<4xf32>
  %1 = aten.sum %0 : (tensor<4xf32>) -> tensor<f32>
  func.return %1 : tensor<f32>
}

// Must not fire: a reshape only renames memory and stays in the graph.
// CHECK: func.func @rename
// CHECK-NEXT: aten.reshape
// CHECK: func.func @k0(%arg0: tensor<4xf32>) -> tensor<f32> attributes {cladopt.kernel}
// CHECK: aten.sum
func.func @rename(%x: tensor<4x1xf32>) -> tensor<4xf32> {
  %0 = aten.reshape %x {shape = array<i64: 4>} : (tensor<4x1xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
