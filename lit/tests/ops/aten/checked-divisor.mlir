// aten.checked_divisor: divisors of integers, none of which is 0, else an error at run time.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.checked_divisor %arg0 : tensor<4x8xi64>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.checked_divisor
// LOOPS: cf.assert
// LOOPS: memref.store
func.func @example(%self: tensor<4x8xi64>) -> tensor<4x8xi64> {
  %out = aten.checked_divisor %self : tensor<4x8xi64>
  func.return %out : tensor<4x8xi64>
}
