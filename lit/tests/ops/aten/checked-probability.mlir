// aten.checked_probability: numbers from 0 to 1, else an error at run time.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.checked_probability %arg0 : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.checked_probability
// LOOPS: cf.assert
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %out = aten.checked_probability %self : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
