// aten.nll_loss_backward: adjoint of the input of nll_loss_forward.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.nll_loss_backward {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {classes = 3 : i64} : (tensor<f32>, tensor<4xi64>, tensor<f32>, tensor<3xf32>) -> tensor<4x3xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.nll_loss_backward 
// LOOPS: memref.store
func.func @example(%d: tensor<f32>, %t: tensor<4xi64>, %n: tensor<f32>, %w: tensor<3xf32>) -> (tensor<4x3xf32>) {
  %out = aten.nll_loss_backward %d, %t, %n, %w {classes = 3 : i64} : (tensor<f32>, tensor<4xi64>, tensor<f32>, tensor<3xf32>) -> tensor<4x3xf32>
  func.return %out : tensor<4x3xf32>
}
