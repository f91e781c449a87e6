// aten.convolution_input_backward: adjoint of the input of a convolution.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.convolution_input_backward {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<4x3x3xf32>) -> tensor<2x3x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.convolution_input_backward 
// LOOPS: memref.store
func.func @example(%d: tensor<2x4x4xf32>, %w: tensor<4x3x3xf32>) -> (tensor<2x3x8xf32>) {
  %out = aten.convolution_input_backward %d, %w {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<4x3x3xf32>) -> tensor<2x3x8xf32>
  func.return %out : tensor<2x3x8xf32>
}
