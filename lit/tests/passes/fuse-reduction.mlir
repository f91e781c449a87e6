// RUN: cladopt opt %s -p 'lower-to-linalg{elementwise-only=true},fuse-elementwise,fuse-reduction' | FileCheck %s

// CHECK-LABEL: func.func @row
// CHECK: linalg.generic
// CHECK: attrs = {cladopt.group = 0 : i64}
// CHECK: aten.softmax %{{[0-9]+}} {cladopt.group = 0 : i64
func.func @row(%x: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %0 = aten.exp %x : tensor<4x1xf32>
  %1 = aten.softmax %0 {dim = 1 : i64} : tensor<4x1xf32>
  func.return %1 : tensor<4x1xf32>
}

// Must not fire: two contractions never join.
// CHECK-LABEL: func.func @products
// CHECK: aten.linear %arg0, %arg1 {cladopt.group = 0 : i64}
// CHECK: aten.linear %0, %arg2 {cladopt.group = 1 : i64}
func.func @products(%x: tensor<4x3xf32>, %v: tensor<5x3xf32>, %w: tensor<2x5xf32>) -> tensor<4x2xf32> {
  %0 = aten.linear %x, %v : (tensor<4x3xf32>, tensor<5x3xf32>) -> tensor<4x5xf32>
  %1 = aten.linear %0, %w : (tensor<4x5xf32>, tensor<2x5xf32>) -> tensor<4x2xf32>
  func.return %1 : tensor<4x2xf32>
}
