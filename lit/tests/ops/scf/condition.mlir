// scf.condition: whether a while loop goes on, and with which values.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/condition.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: scf.condition(%{{.+}}) %{{.+}} : f32
// GENERIC: "scf.condition"(%{{.+}}, %{{.+}}) : (i1, f32) -> ()
// WRONG: error: scf.condition: got 0 passed values and 1 results
// WRONG: error: scf.condition: got 2 passed values and 1 results
// WRONG: error: scf.condition: operand 0 (condition) must be 1-bit signless integer, got tuple<> (V2)
func.func @example(%arg0: i1, %arg1: f32) {
  %0 = scf.while : () -> f32 {
    scf.condition(%arg0) %arg1 : f32
  } do {
  ^bb0(%arg2: f32):
    scf.yield
  }
  func.return
}
