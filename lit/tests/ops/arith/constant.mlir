// arith.constant: a compile-time constant.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/constant.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.constant 1.0 : f32
// GENERIC: %{{.+}} = "arith.constant"() {value = 1.0 : f32} : () -> f32
// WRONG: error: arith.constant: got 1 operands, expected 0 (V2)
// WRONG: error: arith.constant: requires attribute "value", a typed number or dense constant (V2)
func.func @example() {
  %0 = arith.constant 1.0 : f32
  func.return
}
