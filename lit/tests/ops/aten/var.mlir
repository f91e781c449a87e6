// aten.var: variance over dimensions, with a correction of the divisor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.var {{%[a-z0-9]+}} {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.var 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xf32>) {
  %out = aten.var %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  func.return %out : tensor<4xf32>
}
