// isolate-outputs: an output that the graph reads too, or returns twice, or that is an
// input, is copied; others are not.
// Must not fire: copy an output that nothing else reads.
// RUN: cladopt opt %s -p isolate-outputs | FileCheck %s

// CHECK-LABEL: func.func @graph
// CHECK: %[[E:.*]] = aten.exp
// CHECK: %[[T:.*]] = aten.tanh %[[E]]
// CHECK-NEXT: %[[COPY:.*]] = aten.clone %[[E]]
// CHECK-NEXT: %[[INPUT:.*]] = aten.clone %arg0
// CHECK-NEXT: func.return %[[COPY]], %[[T]], %[[INPUT]]
func.func @graph(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %e = aten.exp %x : tensor<4xf32>
  %t = aten.tanh %e : tensor<4xf32>
  func.return %e, %t, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
