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
