// aten.checked_index: indices that are in range for a dimension, else an error at run time.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.checked_index {{%[a-z0-9]+}} {size = 8 : i64} : tensor<4xi64>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.checked_index 
// LOOPS: memref.store
func.func @example(%i: tensor<4xi64>) -> (tensor<4xi64>) {
  %out = aten.checked_index %i {size = 8 : i64} : tensor<4xi64>
  func.return %out : tensor<4xi64>
}
