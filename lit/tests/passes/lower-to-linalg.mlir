// RUN: cladopt opt %s -p lower-to-linalg | FileCheck %s
// RUN: cladopt opt %s -p 'lower-to-linalg{elementwise-only=true}' | FileCheck %s --check-prefix=ELEM

// CHECK-LABEL: func.func @sum
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
// CHECK: arith.addf
// Must not fire on structured ops if only elementwise ones are asked for.
// ELEM-LABEL: func.func @sum
// ELEM: aten.sum
func.func @sum(%x: tensor<4x1xf32>) -> tensor<4xf32> {
  %0 = aten.sum %x {dim = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}

// Broadcasting is in the maps; a size of 1 is read at index 0.
// CHECK-LABEL: func.func @broadcast
// CHECK: affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d1)>
// ELEM-LABEL: func.func @broadcast
// ELEM: linalg.generic
func.func @broadcast(%x: tensor<4x1xf32>, %y: tensor<8xf32>) -> tensor<4x8xf32> {
  %0 = aten.mul %x, %y : (tensor<4x1xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %0 : tensor<4x8xf32>
}

// Must not fire: cumsum is written as loops.
// CHECK-LABEL: func.func @scan
// CHECK: aten.cumsum
func.func @scan(%x: tensor<f32>) -> tensor<f32> {
  %0 = aten.cumsum %x {dim = 0 : i64} : tensor<f32>
  func.return %0 : tensor<f32>
}
