// RUN: hep-opt opt %s -p canonicalize | FileCheck %s

// CHECK-LABEL: func.func @signs
// CHECK-NEXT: hep.mass %arg0
// CHECK-NEXT: hep.mass_squared %arg0
// CHECK-NEXT: return
func.func @signs(%p: tensor<8x4xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %n = aten.neg %p : tensor<8x4xf32>
  %m = hep.mass %n : (tensor<8x4xf32>) -> tensor<8xf32>
  %s = hep.mass_squared %n : (tensor<8x4xf32>) -> tensor<8xf32>
  func.return %m, %s : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func.func @angles
// CHECK-NEXT: %[[D:.*]] = hep.delta_phi %arg0, %arg1
// CHECK-NEXT: aten.neg %[[D]]
// CHECK-NEXT: return
func.func @angles(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %nx = aten.neg %x : tensor<8xf32>
  %ny = aten.neg %y : tensor<8xf32>
  %d = hep.delta_phi %nx, %ny : tensor<8xf32>
  func.return %d : tensor<8xf32>
}

// Must not fire: one sign only.
// CHECK-LABEL: func.func @one
// CHECK: aten.neg %arg0
// CHECK-NEXT: hep.delta_phi
// CHECK-NEXT: return
func.func @one(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %nx = aten.neg %x : tensor<8xf32>
  %d = hep.delta_phi %nx, %y : tensor<8xf32>
  func.return %d : tensor<8xf32>
}
