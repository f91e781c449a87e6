// aten.cross_entropy_loss: cross entropy of the softmax of logits with classes or their probabilities.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.cross_entropy_loss {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {label_smoothing = 0.1 : f64} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.cross_entropy_loss 
// LOOPS: memref.store
func.func @example(%x: tensor<4x3xf32>, %t: tensor<4xi64>) -> (tensor<f32>) {
  %out = aten.cross_entropy_loss %x, %t {label_smoothing = 0.1 : f64} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
  func.return %out : tensor<f32>
}
