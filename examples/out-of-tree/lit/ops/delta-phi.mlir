// RUN: hep-opt opt %s --split-input-file --verify-diagnostics
// RUN: hep-opt opt %s --split-input-file --verify-diagnostics -p lower-to-linalg | FileCheck %s

// Broadcasting stands in the indexing maps, the op in the body.
// CHECK-LABEL: func.func @example
// CHECK: linalg.generic
// CHECK: %[[D:.*]] = arith.subf
// CHECK: %[[N:.*]] = arith.divf %[[D]], %[[TURN:.*]] : f32
// CHECK: %[[K:.*]] = math.roundeven %[[N]]
// CHECK: %[[TURNS:.*]] = arith.mulf %[[K]], %[[TURN]]
// CHECK: arith.subf %[[D]], %[[TURNS]]
func.func @example(%x: tensor<8x1xf32>, %y: tensor<5xf32>) -> tensor<8x5xf32> {
  %out = hep.delta_phi %x, %y : (tensor<8x1xf32>, tensor<5xf32>) -> tensor<8x5xf32>
  func.return %out : tensor<8x5xf32>
}

// -----

func.func @mixed(%x: tensor<8xf32>, %y: tensor<8xf64>) {
  // expected-error@+1 {{element types differ: got f32 and f64}}
  %out = hep.delta_phi %x, %y : (tensor<8xf32>, tensor<8xf64>) -> tensor<8xf32>
  func.return
}

// -----

func.func @shapes(%x: tensor<8xf32>, %y: tensor<5xf32>) {
  // expected-error@+1 {{shapes do not broadcast}}
  %out = hep.delta_phi %x, %y : (tensor<8xf32>, tensor<5xf32>) -> tensor<8xf32>
  func.return
}
