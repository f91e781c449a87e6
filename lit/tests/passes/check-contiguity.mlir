// RUN: cladopt opt %s -p check-contiguity | FileCheck %s
// RUN: cladopt opt %s -p check-contiguity --remarks 2>&1 | FileCheck %s --check-prefix=WHY

// WHY: aten.mul reads argument 0 (strides [1 4]) by affine strided reads
// WHY: aten.reshape reads a copy of argument 0 (strides [1 4]): a reshape of memory that is not row-major
// CHECK-LABEL: func.func @transposed
// CHECK-NEXT: %0 = aten.clone %arg0
// CHECK-NEXT: %1 = aten.mul %arg0, %arg0
// CHECK-NEXT: %2 = aten.reshape %0
func.func @transposed(%x: tensor<4x6xf32, {strides = array<i64: 1, 4>}>) -> (tensor<4x6xf32>, tensor<24xf32>) {
  %0 = aten.mul %x, %x : (tensor<4x6xf32, {strides = array<i64: 1, 4>}>, tensor<4x6xf32, {strides = array<i64: 1, 4>}>) -> tensor<4x6xf32>
  %1 = aten.reshape %x {shape = array<i64: 24>} : (tensor<4x6xf32, {strides = array<i64: 1, 4>}>) -> tensor<24xf32>
  func.return %0, %1 : tensor<4x6xf32>, tensor<24xf32>
}

// Must not fire: row-major memory is reshaped as it lies.
// CHECK-LABEL: func.func @contiguous
// CHECK-NOT: aten.clone
// CHECK: aten.reshape %arg0
func.func @contiguous(%x: tensor<4x1xf32>) -> tensor<4xf32> {
  %1 = aten.reshape %x {shape = array<i64: 4>} : (tensor<4x1xf32>) -> tensor<4xf32>
  func.return %1 : tensor<4xf32>
}
