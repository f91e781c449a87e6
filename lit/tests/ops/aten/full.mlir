// aten.full: a tensor all of whose elements are one number.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.full {value = 0.5 : f32} : () -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.full 
// LOOPS: memref.store
func.func @example() -> (tensor<4x8xf32>) {
  %out = aten.full {value = 0.5 : f32} : () -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
