// RUN: cladopt opt %s -p canonicalize | FileCheck %s

// Each law of canonicalize.
// What only looks like it must stay.

// x * 1 => x
// CHECK-LABEL: func.func @x_times_1_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @x_times_1_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %one = aten.full {value = 1.0 : f64} : () -> tensor<f64>
  %r = aten.mul %x, %one : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// x / 1 => x
// CHECK-LABEL: func.func @x_over_1_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @x_over_1_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %one = aten.full {value = 1.0 : f64} : () -> tensor<f64>
  %r = aten.div %x, %one : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @x_over_1_to_x_stays(
// CHECK-NEXT: %0 = aten.full {value = 1.0 : f64} : () -> tensor<f64>
// CHECK-NEXT: %1 = aten.div %arg0, %0 {rounding_mode = "floor"} : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>
// CHECK-NEXT: func.return %1 : tensor<2x3xf64>
func.func @x_over_1_to_x_stays(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %one = aten.full {value = 1.0 : f64} : () -> tensor<f64>
  %r = aten.div %x, %one {rounding_mode = "floor"} : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// x - 0 => x
// CHECK-LABEL: func.func @x_minus_0_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @x_minus_0_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %zero = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
  %r = aten.sub %x, %zero : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @x_minus_0_to_x_stays(
// CHECK-NEXT: %0 = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
// CHECK-NEXT: %1 = aten.sub %0, %arg0 : tensor<2x3xf64>
// CHECK-NEXT: func.return %1 : tensor<2x3xf64>
func.func @x_minus_0_to_x_stays(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %zero = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>
  %r = aten.sub %zero, %x : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// -(-x) => x
// CHECK-LABEL: func.func @minus_minusx_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @minus_minusx_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %y = aten.neg %x : tensor<2x3xf64>
  %r = aten.neg %y : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// abs(abs(x)) => abs(x)
// CHECK-LABEL: func.func @abs_abs_x_to_abs_x(
// CHECK-NEXT: %0 = aten.abs %arg0 : tensor<2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<2x3xf64>
func.func @abs_abs_x_to_abs_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %y = aten.abs %x : tensor<2x3xf64>
  %r = aten.abs %y : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// relu(relu(x)) => relu(x)
// CHECK-LABEL: func.func @relu_relu_x_to_relu_x(
// CHECK-NEXT: %0 = aten.relu %arg0 : tensor<2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<2x3xf64>
func.func @relu_relu_x_to_relu_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %y = aten.relu %x : tensor<2x3xf64>
  %r = aten.relu %y : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// not(not(x)) => x
// CHECK-LABEL: func.func @not_not_x_to_x(
// CHECK-NEXT: %0 = aten.isnan %arg0 : (tensor<2x3xf64>) -> tensor<2x3xi1>
// CHECK-NEXT: func.return %0 : tensor<2x3xi1>
func.func @not_not_x_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xi1> {
  %b = aten.isnan %x : (tensor<2x3xf64>) -> tensor<2x3xi1>
  %y = aten.logical_not %b : tensor<2x3xi1>
  %r = aten.logical_not %y : tensor<2x3xi1>
  func.return %r : tensor<2x3xi1>
}
// Must not fire:
// CHECK-LABEL: func.func @not_not_x_to_x_stays(
// CHECK-NEXT: %0 = aten.logical_not %arg0 : (tensor<2x3xf64>) -> tensor<2x3xi1>
// CHECK-NEXT: %1 = aten.logical_not %0 : tensor<2x3xi1>
// CHECK-NEXT: func.return %1 : tensor<2x3xi1>
func.func @not_not_x_to_x_stays(%x: tensor<2x3xf64>) -> tensor<2x3xi1> {
  %y = aten.logical_not %x : (tensor<2x3xf64>) -> tensor<2x3xi1>
  %r = aten.logical_not %y : tensor<2x3xi1>
  func.return %r : tensor<2x3xi1>
}

// clone(x) => x
// CHECK-LABEL: func.func @clone_x_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @clone_x_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.clone %x : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// to(x) => x
// CHECK-LABEL: func.func @to_x_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @to_x_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.to %x {dtype = f64} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @to_x_to_x_stays(
// CHECK-NEXT: %0 = aten.to %arg0 {dtype = f32} : (tensor<2x3xf64>) -> tensor<2x3xf32>
// CHECK-NEXT: %1 = aten.to %0 {dtype = f64} : (tensor<2x3xf32>) -> tensor<2x3xf64>
// CHECK-NEXT: func.return %1 : tensor<2x3xf64>
func.func @to_x_to_x_stays(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %y = aten.to %x {dtype = f32} : (tensor<2x3xf64>) -> tensor<2x3xf32>
  %r = aten.to %y {dtype = f64} : (tensor<2x3xf32>) -> tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// reshape(x) => x
// CHECK-LABEL: func.func @reshape_x_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @reshape_x_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.reshape %x {shape = array<i64: 2, 3>} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// reshape(reshape(x)) => reshape(x)
// CHECK-LABEL: func.func @reshape_reshape_x_to_reshape_x(
// CHECK-NEXT: %0 = aten.reshape %arg0 {shape = array<i64: 3, 2>} : (tensor<2x3xf64>) -> tensor<3x2xf64>
// CHECK-NEXT: func.return %0 : tensor<3x2xf64>
func.func @reshape_reshape_x_to_reshape_x(%x: tensor<2x3xf64>) -> tensor<3x2xf64> {
  %y = aten.reshape %x {shape = array<i64: 6>} : (tensor<2x3xf64>) -> tensor<6xf64>
  %r = aten.reshape %y {shape = array<i64: 3, 2>} : (tensor<6xf64>) -> tensor<3x2xf64>
  func.return %r : tensor<3x2xf64>
}

// permute(permute(x)) => permute(x)
// CHECK-LABEL: func.func @permute_permute_x_to_permute_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @permute_permute_x_to_permute_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %y = aten.permute %x {dims = array<i64: 1, 0>} : (tensor<2x3xf64>) -> tensor<3x2xf64>
  %r = aten.permute %y {dims = array<i64: 1, 0>} : (tensor<3x2xf64>) -> tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// permute identity
// CHECK-LABEL: func.func @permute_identity(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @permute_identity(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.permute %x {dims = array<i64: 0, 1>} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @permute_identity_stays(
// CHECK-NEXT: %0 = aten.slice %arg0 {dim = 1 : i64, end = 2 : i64, start = 0 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>
// CHECK-NEXT: %1 = aten.permute %0 {dims = array<i64: 1, 0>} : tensor<2x2xf64>
// CHECK-NEXT: %2 = aten.cat %1, %arg0 {dim = 1 : i64} : (tensor<2x2xf64>, tensor<2x3xf64>) -> tensor<2x5xf64>
// CHECK-NEXT: func.return %2 : tensor<2x5xf64>
func.func @permute_identity_stays(%x: tensor<2x3xf64>) -> tensor<2x5xf64> {
  %y = aten.slice %x {dim = 1 : i64, end = 2 : i64, start = 0 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>
  %z = aten.permute %y {dims = array<i64: 1, 0>} : tensor<2x2xf64>
  %r = aten.cat %z, %x {dim = 1 : i64} : (tensor<2x2xf64>, tensor<2x3xf64>) -> tensor<2x5xf64>
  func.return %r : tensor<2x5xf64>
}

// expand(x) => x
// CHECK-LABEL: func.func @expand_x_to_x(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @expand_x_to_x(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.expand %x {shape = array<i64: 2, 3>} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}

// expand(expand(x)) => expand(x)
// CHECK-LABEL: func.func @expand_expand_x_to_expand_x(
// CHECK-NEXT: %0 = aten.expand %arg0 {shape = array<i64: 4, 5, 2, 3>} : (tensor<2x3xf64>) -> tensor<4x5x2x3xf64>
// CHECK-NEXT: func.return %0 : tensor<4x5x2x3xf64>
func.func @expand_expand_x_to_expand_x(%x: tensor<2x3xf64>) -> tensor<4x5x2x3xf64> {
  %y = aten.expand %x {shape = array<i64: 5, 2, 3>} : (tensor<2x3xf64>) -> tensor<5x2x3xf64>
  %r = aten.expand %y {shape = array<i64: 4, 5, 2, 3>} : (tensor<5x2x3xf64>) -> tensor<4x5x2x3xf64>
  func.return %r : tensor<4x5x2x3xf64>
}

// slice all
// CHECK-LABEL: func.func @slice_all(
// CHECK-NEXT: func.return %arg0 : tensor<2x3xf64>
func.func @slice_all(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %r = aten.slice %x {dim = 1 : i64, end = 9 : i64, start = 0 : i64} : tensor<2x3xf64>
  func.return %r : tensor<2x3xf64>
}
// Must not fire:
// CHECK-LABEL: func.func @slice_all_stays(
// CHECK-NEXT: %0 = aten.slice %arg0 {dim = 1 : i64, end = 9 : i64, start = 1 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>
// CHECK-NEXT: func.return %0 : tensor<2x2xf64>
func.func @slice_all_stays(%x: tensor<2x3xf64>) -> tensor<2x2xf64> {
  %r = aten.slice %x {dim = 1 : i64, end = 9 : i64, start = 1 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>
  func.return %r : tensor<2x2xf64>
}

// mulf x, 1 => x
// CHECK-LABEL: func.func @mulf_x_1_to_x(
// CHECK-NEXT: func.return %arg0 : f64
func.func @mulf_x_1_to_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %one = arith.constant 1.0 : f64
  %r = arith.mulf %one, %x : f64
  func.return %r : f64
}
// Must not fire:
// CHECK-LABEL: func.func @mulf_x_1_to_x_stays(
// CHECK-NEXT: %0 = arith.constant 0.0 : f64
// CHECK-NEXT: %1 = arith.mulf %arg0, %0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @mulf_x_1_to_x_stays(%x: f64, %n: i64, %c: i1) -> f64 {
  %zero = arith.constant 0.0 : f64
  %r = arith.mulf %x, %zero : f64
  func.return %r : f64
}

// divf x, 1 => x
// CHECK-LABEL: func.func @divf_x_1_to_x(
// CHECK-NEXT: func.return %arg0 : f64
func.func @divf_x_1_to_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %one = arith.constant 1.0 : f64
  %r = arith.divf %x, %one : f64
  func.return %r : f64
}
// Must not fire:
// CHECK-LABEL: func.func @divf_x_1_to_x_stays(
// CHECK-NEXT: %0 = arith.constant 1.0 : f64
// CHECK-NEXT: %1 = arith.divf %0, %arg0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @divf_x_1_to_x_stays(%x: f64, %n: i64, %c: i1) -> f64 {
  %one = arith.constant 1.0 : f64
  %r = arith.divf %one, %x : f64
  func.return %r : f64
}

// subf x, 0 => x
// CHECK-LABEL: func.func @subf_x_0_to_x(
// CHECK-NEXT: func.return %arg0 : f64
func.func @subf_x_0_to_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %zero = arith.constant 0.0 : f64
  %r = arith.subf %x, %zero : f64
  func.return %r : f64
}
// Must not fire:
// CHECK-LABEL: func.func @subf_x_0_to_x_stays(
// CHECK-NEXT: %0 = arith.constant 0.0 : f64
// CHECK-NEXT: %1 = arith.subf %0, %arg0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @subf_x_0_to_x_stays(%x: f64, %n: i64, %c: i1) -> f64 {
  %zero = arith.constant 0.0 : f64
  %r = arith.subf %zero, %x : f64
  func.return %r : f64
}
// Must not fire:
// CHECK-LABEL: func.func @subf_x_0_to_x_stays_1(
// CHECK-NEXT: %0 = arith.constant 0.0 : f64
// CHECK-NEXT: %1 = arith.addf %arg0, %0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @subf_x_0_to_x_stays_1(%x: f64, %n: i64, %c: i1) -> f64 {
  %zero = arith.constant 0.0 : f64
  %r = arith.addf %x, %zero : f64
  func.return %r : f64
}

// negf(negf x) => x
// CHECK-LABEL: func.func @negf_negf_x_to_x(
// CHECK-NEXT: func.return %arg0 : f64
func.func @negf_negf_x_to_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %y = arith.negf %x : f64
  %r = arith.negf %y : f64
  func.return %r : f64
}

// mulf x, -1 => negf x
// CHECK-LABEL: func.func @mulf_x_minus1_to_negf_x(
// CHECK-NEXT: %0 = arith.negf %arg0 : f64
// CHECK-NEXT: func.return %0 : f64
func.func @mulf_x_minus1_to_negf_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %minus = arith.constant -1.0 : f64
  %r = arith.mulf %x, %minus : f64
  func.return %r : f64
}

// addf x, (negf y) => subf x, y
// CHECK-LABEL: func.func @addf_x_negf_y_to_subf_x_y(
// CHECK-NEXT: %0 = math.sin %arg0 : f64
// CHECK-NEXT: %1 = arith.subf %arg0, %0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @addf_x_negf_y_to_subf_x_y(%x: f64, %n: i64, %c: i1) -> f64 {
  %s = math.sin %x : f64
  %y = arith.negf %s : f64
  %r = arith.addf %x, %y : f64
  func.return %r : f64
}

// addi x, 0 => x
// CHECK-LABEL: func.func @addi_x_0_to_x(
// CHECK-NEXT: func.return %arg1 : i64
func.func @addi_x_0_to_x(%x: f64, %n: i64, %c: i1) -> i64 {
  %i0 = arith.constant 0 : i64
  %r = arith.addi %i0, %n : i64
  func.return %r : i64
}
// Must not fire:
// CHECK-LABEL: func.func @addi_x_0_to_x_stays(
// CHECK-NEXT: %0 = arith.constant 1 : i64
// CHECK-NEXT: %1 = arith.addi %0, %arg1 : i64
// CHECK-NEXT: func.return %1 : i64
func.func @addi_x_0_to_x_stays(%x: f64, %n: i64, %c: i1) -> i64 {
  %i1 = arith.constant 1 : i64
  %r = arith.addi %i1, %n : i64
  func.return %r : i64
}

// muli x, 1 => x
// CHECK-LABEL: func.func @muli_x_1_to_x(
// CHECK-NEXT: func.return %arg1 : i64
func.func @muli_x_1_to_x(%x: f64, %n: i64, %c: i1) -> i64 {
  %i1 = arith.constant 1 : i64
  %r = arith.muli %n, %i1 : i64
  func.return %r : i64
}
// Must not fire:
// CHECK-LABEL: func.func @muli_x_1_to_x_stays(
// CHECK-NEXT: %0 = arith.muli %arg1, %arg1 : i64
// CHECK-NEXT: func.return %0 : i64
func.func @muli_x_1_to_x_stays(%x: f64, %n: i64, %c: i1) -> i64 {
  %r = arith.muli %n, %n : i64
  func.return %r : i64
}

// select c, x, x => x
// CHECK-LABEL: func.func @select_c_x_x_to_x(
// CHECK-NEXT: func.return %arg0 : f64
func.func @select_c_x_x_to_x(%x: f64, %n: i64, %c: i1) -> f64 {
  %r = arith.select %c, %x, %x : f64
  func.return %r : f64
}
// Must not fire:
// CHECK-LABEL: func.func @select_c_x_x_to_x_stays(
// CHECK-NEXT: %0 = arith.constant 0.0 : f64
// CHECK-NEXT: %1 = arith.select %arg2, %arg0, %0 : f64
// CHECK-NEXT: func.return %1 : f64
func.func @select_c_x_x_to_x_stays(%x: f64, %n: i64, %c: i1) -> f64 {
  %zero = arith.constant 0.0 : f64
  %r = arith.select %c, %x, %zero : f64
  func.return %r : f64
}
