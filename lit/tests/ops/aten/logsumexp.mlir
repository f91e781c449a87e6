// aten.logsumexp: logarithm of the sum of exponentials over dimensions.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.logsumexp {{%[a-z0-9]+}} {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.logsumexp 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xf32>) {
  %out = aten.logsumexp %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  func.return %out : tensor<4xf32>
}
