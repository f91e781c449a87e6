// RUN: cladopt opt %s -p cse | FileCheck %s

// CHECK-LABEL: func.func @equal
// CHECK-NEXT: %0 = aten.mul %arg0, %arg1
// CHECK-NEXT: %1 = aten.add %0, %0
func.func @equal(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %a = aten.mul %x, %y : tensor<f32>
  %b = aten.mul %y, %x : tensor<f32>
  %c = aten.add %a, %b : tensor<f32>
  func.return %c : tensor<f32>
}

// Must not fire: a difference is not commutative, and attributes count.
// CHECK-LABEL: func.func @different
// CHECK-COUNT-3: aten.sub
func.func @different(%x: tensor<1xf32>, %y: tensor<1xf32>) -> tensor<1xf32> {
  %a = aten.sub %x, %y : tensor<1xf32>
  %b = aten.sub %y, %x : tensor<1xf32>
  %c = aten.sub %a, %b {alpha = 2 : i64} : tensor<1xf32>
  func.return %c : tensor<1xf32>
}
