// RUN: cladopt opt %s -p dce | FileCheck %s

// CHECK-LABEL: func.func @dead
// CHECK-NEXT: func.return %arg0
func.func @dead(%x: tensor<0x4xf32>) -> tensor<0x4xf32> {
  %a = aten.mul %x, %x : tensor<0x4xf32>
  %b = aten.exp %a : tensor<0x4xf32>
  func.return %x : tensor<0x4xf32>
}

// Must not fire: a store is not pure, though it gives nothing.
// CHECK-LABEL: func.func @effect
// CHECK: memref.store
func.func @effect(%m: memref<f32>) {
  %c = arith.constant 1.0 : f32
  memref.store %c, %m[] : memref<f32>
  func.return
}
