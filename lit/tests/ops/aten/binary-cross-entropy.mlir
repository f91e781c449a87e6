// aten.binary_cross_entropy: cross entropy of probabilities with targets, at each place.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.binary_cross_entropy {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.binary_cross_entropy 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %t: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.binary_cross_entropy %x, %t : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
