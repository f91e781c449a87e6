// aten.nll_loss_forward: negative log likelihood of classes, and the weight of the targets that count.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.nll_loss_forward {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x3xf32>, tensor<4xi64>, tensor<3xf32>) -> (tensor<f32>, tensor<f32>)
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.nll_loss_forward 
// LOOPS: memref.store
func.func @example(%x: tensor<4x3xf32>, %t: tensor<4xi64>, %w: tensor<3xf32>) -> (tensor<f32>, tensor<f32>) {
  %out:2 = aten.nll_loss_forward %x, %t, %w : (tensor<4x3xf32>, tensor<4xi64>, tensor<3xf32>) -> (tensor<f32>, tensor<f32>)
  func.return %out#0, %out#1 : tensor<f32>, tensor<f32>
}
