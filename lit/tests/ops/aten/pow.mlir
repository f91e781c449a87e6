// aten.pow: power of a tensor, to a constant or to another tensor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.pow {{%[a-z0-9]+}} {exponent = 2.0 : f64} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.pow 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.pow %self {exponent = 2.0 : f64} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
