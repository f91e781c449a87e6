// RUN: cladopt opt %s -p lower-to-linalg,fuse-elementwise | FileCheck %s
// RUN: cladopt opt %s -p 'lower-to-linalg,func.func(fuse-elementwise{max=1})' | FileCheck %s --check-prefix=MAX

// CHECK-LABEL: func.func @chain
// CHECK: linalg.generic
// CHECK: arith.mulf
// CHECK-NEXT: math.exp
// CHECK-NOT: linalg.generic
// Must not fire past the limit.
// MAX-LABEL: func.func @chain
// MAX-COUNT-2: linalg.generic
func.func @chain(%x: tensor<f32>) -> tensor<f32> {
  %0 = aten.mul %x, %x : tensor<f32>
  %1 = aten.exp %0 : tensor<f32>
  func.return %1 : tensor<f32>
}

// Must not fire: the product is read twice, by nests that stay apart.
// CHECK-LABEL: func.func @shared
// CHECK-COUNT-3: linalg.generic
func.func @shared(%x: tensor<4x1xf32>) -> (tensor<4x1xf32>, tensor<4xf32>) {
  %0 = aten.exp %x : tensor<4x1xf32>
  %1 = aten.sin %0 : tensor<4x1xf32>
  %2 = aten.sum %0 {dim = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
  func.return %1, %2 : tensor<4x1xf32>, tensor<4xf32>
}
