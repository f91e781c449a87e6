// scf.reduce.return: the end of a reduction's body.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/reduce-return.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: scf.reduce.return %{{.+}} : f32
// GENERIC: "scf.reduce.return"(%{{.+}}) : (f32) -> ()
// WRONG: error: scf.reduce.return: got 0 operands, expected 1 (V2)
// WRONG: error: scf.reduce.return: got 2 operands, expected 1 (V2)
// WRONG: error: scf.reduce.return: returned values and reduced values differ in place 0: tuple<> and f32
func.func @example(%arg0: index, %arg1: index, %arg2: index, %arg3: f32) {
  %0 = scf.parallel (%arg4) = (%arg0) to (%arg1) step (%arg2) init (%arg3) -> f32 {
    scf.reduce(%arg3) : f32 {
    ^bb0(%arg5: f32, %arg6: f32):
      scf.reduce.return %arg3 : f32
    }
    scf.yield
  }
  func.return
}
