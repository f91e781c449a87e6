// RUN: hep-opt opt %s --split-input-file --verify-diagnostics
// RUN: hep-opt opt %s --split-input-file --verify-diagnostics -p decompose | FileCheck %s

// CHECK-LABEL: func.func @example
// CHECK: %[[SIGN:.*]] = aten.sign %[[M2:.*]] : tensor<?xf32>
// CHECK: %[[ABS:.*]] = aten.abs %[[M2]]
// CHECK: %[[ROOT:.*]] = aten.sqrt %[[ABS]]
// CHECK: aten.mul %[[SIGN]], %[[ROOT]]
func.func @example(%p: tensor<?x4xf32>) -> tensor<?xf32> {
  %out = hep.mass %p : (tensor<?x4xf32>) -> tensor<?xf32>
  func.return %out : tensor<?xf32>
}

// -----

func.func @three(%p: tensor<8x3xf32>) {
  // expected-error@+1 {{the last dimension must be 4 (px, py, pz, E), got the shape [8 3]}}
  %out = hep.mass %p : (tensor<8x3xf32>) -> tensor<8xf32>
  func.return
}

// -----

func.func @integers(%p: tensor<8x4xi64>) {
  // expected-error@+2 {{operand 0 (p) must be a tensor of f32 or f64, got tensor<8x4xi64>}}
  // expected-error@+1 {{result 0 (out) must be a tensor of f32 or f64, got tensor<8xi64>}}
  %out = hep.mass %p : (tensor<8x4xi64>) -> tensor<8xi64>
  func.return
}
