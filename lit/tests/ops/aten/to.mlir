// aten.to: elements converted to another type.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.to {{%[a-z0-9]+}} {dtype = f64} : (tensor<4x8xf32>) -> tensor<4x8xf64>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.to 
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> (tensor<4x8xf64>) {
  %out = aten.to %self {dtype = f64} : (tensor<4x8xf32>) -> tensor<4x8xf64>
  func.return %out : tensor<4x8xf64>
}
