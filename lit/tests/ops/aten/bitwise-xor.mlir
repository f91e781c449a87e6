// aten.bitwise_xor: bitwise_xor of two tensors.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.bitwise_xor {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : tensor<4x8xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.bitwise_xor 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xi1>, %other: tensor<4x8xi1>) -> (tensor<4x8xi1>) {
  %out = aten.bitwise_xor %self, %other : tensor<4x8xi1>
  func.return %out : tensor<4x8xi1>
}
