// RUN: cladopt opt %s -p lower-to-linalg,fuse-elementwise,lower-to-loops | FileCheck %s

// The sum is carried in a register; the result is an argument.
// CHECK-LABEL: func.func @sum(%arg0: memref<4x8xf32>, %arg1: memref<4xf32>)
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.store
func.func @sum(%x: tensor<4x8xf32>) -> tensor<4xf32> {
  %0 = aten.sum %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}

// Must not carry: the loop over the rows is outside of the one over the columns, so
// that memory is walked through in order, and the sum is in memory.
// CHECK-LABEL: func.func @columns
// CHECK-NOT: iter_args
// CHECK: func.return
func.func @columns(%x: tensor<4x8xf32>) -> tensor<8xf32> {
  %0 = aten.sum %x {dim = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<8xf32>
  func.return %0 : tensor<8xf32>
}

// A transposed input is read by its strides; a scalar needs no loop.
// CHECK-LABEL: func.func @strided(%arg0: memref<4x6xf32, strided<[1, 4]>>
// CHECK-LABEL: func.func @scalar
// CHECK-NOT: scf.for
func.func @strided(%x: tensor<4x6xf32, {strides = array<i64: 1, 4>}>) -> tensor<4x6xf32> {
  %0 = aten.exp %x : (tensor<4x6xf32, {strides = array<i64: 1, 4>}>) -> tensor<4x6xf32>
  func.return %0 : tensor<4x6xf32>
}
func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %0 = aten.exp %x : tensor<f32>
  func.return %0 : tensor<f32>
}

// The sums over all rows are made in the loop that makes the rows: what is summed is a
// row that lives for one turn. The elementwise nest before shares that loop too.
// CHECK-LABEL: func.func @gathered
// CHECK: %[[FOUR:[0-9]+]] = arith.constant 4 : index
// CHECK: memref.alloca() : memref<8xf32>
// CHECK: scf.for {{.*}} to %[[FOUR]]
// CHECK: math.exp
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.store {{.*}} : memref<4xf32>
// CHECK: scf.for
// CHECK: memref.load %arg2{{.*}} : memref<8xf32>
// CHECK: memref.store {{.*}}, %arg2{{.*}} : memref<8xf32>
// CHECK-NOT: scf.for
// CHECK: func.return
func.func @gathered(%x: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<8xf32>) {
  %0 = aten.exp %x : tensor<4x8xf32>
  %1 = aten.sum %0 {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  %2 = aten.sum %0 {dim = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<8xf32>
  func.return %1, %2 : tensor<4xf32>, tensor<8xf32>
}

// Must not share: the sums over all rows are complete only after the loop over the rows.
// CHECK-LABEL: func.func @complete_first
// CHECK: %[[FOUR:[0-9]+]] = arith.constant 4 : index
// CHECK: scf.for {{.*}} to %[[FOUR]]
// CHECK: scf.for {{.*}} to %[[FOUR]]
// CHECK: arith.divf
func.func @complete_first(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = aten.exp %x : tensor<4x8xf32>
  %1 = aten.sum %0 {dim = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<8xf32>
  %2 = aten.div %0, %1 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %2 : tensor<4x8xf32>
}

// The largest of a long row is found by integers that are ordered as the floats are,
// NaN before all; that of a short one by floats.
// CHECK-LABEL: func.func @long_row
// CHECK: arith.cmpf uno
// CHECK: arith.maxsi
// CHECK: arith.bitcast {{.*}} : i32 to f32
// CHECK: arith.maxf
// CHECK-LABEL: func.func @short_row
// CHECK-NOT: arith.maxsi
// CHECK: arith.maxf
// CHECK-NOT: arith.maxsi
// CHECK-LABEL: func.func @smallest
// CHECK: arith.minsi {{.*}} : i64
// CHECK: arith.minf
func.func @long_row(%x: tensor<4x16xf32>) -> tensor<4xf32> {
  %0 = aten.amax %x {dim = array<i64: 1>} : (tensor<4x16xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func @short_row(%x: tensor<4x15xf32>) -> tensor<4xf32> {
  %0 = aten.amax %x {dim = array<i64: 1>} : (tensor<4x15xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func @smallest(%x: tensor<4x16xf64>) -> tensor<4xf64> {
  %0 = aten.amin %x {dim = array<i64: 1>} : (tensor<4x16xf64>) -> tensor<4xf64>
  func.return %0 : tensor<4xf64>
}
