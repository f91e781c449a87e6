// aten.prod: product over dimensions.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.prod {{%[a-z0-9]+}} {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.prod 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xf32>) {
  %out = aten.prod %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  func.return %out : tensor<4xf32>
}
