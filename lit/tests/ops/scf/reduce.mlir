// scf.reduce: adds a value to a reduction of a parallel loop.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/reduce.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: scf.reduce(%{{.+}}) : f32 {
// GENERIC: "scf.reduce"(%{{.+}}) ({
// WRONG: error: scf.reduce: got 0 operands, expected 1 (V2)
// WRONG: error: scf.reduce: got 2 operands, expected 1 (V2)
// WRONG: error: scf.reduce: body arguments and reduced values differ in place 0: f32 and tuple<>
func.func @example(%arg0: index, %arg1: index, %arg2: index, %arg3: f32) {
  %0 = scf.parallel (%arg4) = (%arg0) to (%arg1) step (%arg2) init (%arg3) -> f32 {
    scf.reduce(%arg3) : f32 {
    ^bb0(%arg5: f32, %arg6: f32):
      %1 = arith.addf %arg5, %arg6 : f32
      scf.reduce.return %1 : f32
    }
    scf.yield
  }
  func.return
}
