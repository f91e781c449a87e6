// aten.linalg_vector_norm: p-norm over dimensions.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.linalg_vector_norm {{%[a-z0-9]+}} {dim = array<i64: 1>, ord = 1.0 : f64} : (tensor<4x8xf32>) -> tensor<4xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.linalg_vector_norm 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4xf32>) {
  %out = aten.linalg_vector_norm %x {dim = array<i64: 1>, ord = 1.0 : f64} : (tensor<4x8xf32>) -> tensor<4xf32>
  func.return %out : tensor<4xf32>
}
