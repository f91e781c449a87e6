// aten.nll_loss: negative log likelihood of classes.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.nll_loss {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: aten.nll_loss 
// LOOPS: memref.store
func.func @example(%x: tensor<4x3xf32>, %t: tensor<4xi64>) -> (tensor<f32>) {
  %out = aten.nll_loss %x, %t : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>
  func.return %out : tensor<f32>
}
