// aten.addcdiv: tensor plus value times the quotient of two tensors.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.addcdiv {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {value = 0.5 : f64} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.addcdiv 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>, %tensor1: tensor<4x8xf32>, %tensor2: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.addcdiv %self, %tensor1, %tensor2 {value = 0.5 : f64} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
