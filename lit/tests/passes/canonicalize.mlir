// RUN: cladopt opt %s -p canonicalize | FileCheck %s
// RUN: cladopt opt %s -p 'canonicalize{fast-math=true}' | FileCheck %s --check-prefix=FAST

// CHECK-LABEL: func.func @units
// CHECK-NEXT: func.return %arg0
func.func @units(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %one = aten.full {value = 1.0 : f32} : () -> tensor<f32>
  %a = aten.mul %one, %x : (tensor<f32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = aten.neg %a : tensor<4x8xf32>
  %c = aten.neg %b : tensor<4x8xf32>
  func.return %c : tensor<4x8xf32>
}

// Must not fire: x + 0 turns -0.0 into 0.0, so it is kept unless fast-math is asked for.
// CHECK-LABEL: func.func @zero
// CHECK: aten.add
// FAST-LABEL: func.func @zero
// FAST-NEXT: func.return %arg0
func.func @zero(%x: tensor<f32>) -> tensor<f32> {
  %zero = aten.full {value = 0.0 : f32} : () -> tensor<f32>
  %a = aten.add %x, %zero : tensor<f32>
  func.return %a : tensor<f32>
}

// Must not fire: the product with a constant of another shape has another type.
// CHECK-LABEL: func.func @broadcast
// CHECK: aten.mul
func.func @broadcast(%x: tensor<1xf32>) -> tensor<4xf32> {
  %one = aten.full {value = 1.0 : f32} : () -> tensor<4xf32>
  %a = aten.mul %x, %one : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @renamings
// CHECK-NEXT: aten.permute %arg0 {dims = array<i64: 2, 1, 0>}
// CHECK-NEXT: func.return
func.func @renamings(%x: tensor<2x3x?xf32>) -> tensor<?x3x2xf32> {
  %a = aten.permute %x {dims = array<i64: 1, 2, 0>} : (tensor<2x3x?xf32>) -> tensor<3x?x2xf32>
  %b = aten.permute %a {dims = array<i64: 1, 0, 2>} : (tensor<3x?x2xf32>) -> tensor<?x3x2xf32>
  func.return %b : tensor<?x3x2xf32>
}
