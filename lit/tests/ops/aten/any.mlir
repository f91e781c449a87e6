// aten.any: whether an element over dimensions is not zero.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.any {{%[a-z0-9]+}} {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.any 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xi1>) {
  %out = aten.any %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xi1>
  func.return %out : tensor<4xi1>
}
