// scf.if: a branch.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/if.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = scf.if %{{.+}} -> (f32) {
// GENERIC: %{{.+}} = "scf.if"(%{{.+}}) ({
// WRONG: error: scf.if: got 0 operands, expected 1 (V2)
// WRONG: error: scf.if: got 2 operands, expected 1 (V2)
// WRONG: error: scf.if: operand 0 (condition) must be 1-bit signless integer, got tuple<> (V2)
func.func @example(%arg0: i1, %arg1: f32, %arg2: f32) {
  %0 = scf.if %arg0 -> (f32) {
    scf.yield %arg1 : f32
  } else {
    scf.yield %arg2 : f32
  }
  func.return
}
