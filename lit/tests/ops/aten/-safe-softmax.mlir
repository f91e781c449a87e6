// aten._safe_softmax: softmax that is 0 where everything along the dimension is -inf.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten._safe_softmax {{%[a-z0-9]+}} {dim = 1 : i64} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten._safe_softmax 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten._safe_softmax %self {dim = 1 : i64} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
