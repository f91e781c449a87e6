// aten.all: whether all elements over dimensions are not zero.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.all {{%[a-z0-9]+}} {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xi1>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.all 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xi1>) {
  %out = aten.all %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xi1>
  func.return %out : tensor<4xi1>
}
