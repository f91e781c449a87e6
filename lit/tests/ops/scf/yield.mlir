// scf.yield: the end of a loop's or branch's body, with its values.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/yield.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: scf.yield %{{.+}} : f32
// GENERIC: "scf.yield"(%{{.+}}) : (f32) -> ()
// WRONG: error: scf.yield: yields 0 values, scf.if has 1 results
// WRONG: error: scf.yield: yields 2 values, scf.if has 1 results
// WRONG: error: scf.yield: yields value 0 of type tuple<>, scf.if has f32
func.func @example(%arg0: i1, %arg1: f32) {
  %0 = scf.if %arg0 -> (f32) {
    scf.yield %arg1 : f32
  } else {
    scf.yield %arg1 : f32
  }
  func.return
}
