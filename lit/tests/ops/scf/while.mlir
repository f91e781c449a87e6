// scf.while: a loop that goes on while a condition holds.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/while.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = scf.while (%{{.+}} = %{{.+}}) : (f32) -> f32 {
// GENERIC: %{{.+}} = "scf.while"(%{{.+}}) ({
// WRONG: error: scf.while: got 0 initial values and 1 first region's arguments
// WRONG: error: scf.while: got 2 initial values and 1 first region's arguments
// WRONG: error: scf.while: initial values and first region's arguments differ in place 0: tuple<> and f32
func.func @example(%arg0: f32, %arg1: i1) {
  %0 = scf.while (%arg2 = %arg0) : (f32) -> f32 {
    scf.condition(%arg1) %arg2 : f32
  } do {
  ^bb0(%arg3: f32):
    %1 = arith.addf %arg3, %arg3 : f32
    scf.yield %1 : f32
  }
  func.return
}
