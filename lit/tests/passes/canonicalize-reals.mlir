// RUN: cladopt opt %s -p canonicalize{fast-math=true} | FileCheck %s

// Each law of the real numbers, which floats obey with fast-math only.
// What only looks like it must stay.

// x + 0 => x
// CHECK-LABEL: func.func @x_plus_0_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @x_plus_0_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %zero = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
  %r = aten.add %x, %zero : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// x * 0 => 0
// CHECK-LABEL: func.func @x_times_0_to_0(
// CHECK-NEXT: %0 = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<2x3xf64>
func.func @x_times_0_to_0(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %zero = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
  %r = aten.mul %x, %zero : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// x - x => 0
// CHECK-LABEL: func.func @x_minus_x_to_0(
// CHECK-NEXT: %0 = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<2x3xf64>
func.func @x_minus_x_to_0(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.sub %x, %x : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @x_minus_x_to_0_stays(
// CHECK-NEXT: %0 = aten.sub %arg0, %arg0 {alpha = 2.0 : f64} : tensor<2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<2x3xf64>
func.func @x_minus_x_to_0_stays(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.sub %x, %x {alpha = 2.0 : f64} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
