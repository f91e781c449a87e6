// scf.parallel: nested loops whose iterations may run in any order.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/parallel.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = scf.parallel (%{{.+}}) = (%{{.+}}) to (%{{.+}}) step (%{{.+}}) init (%{{.+}}) -> f32 {
// GENERIC: %{{.+}} = "scf.parallel"(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) ({
// WRONG: error: scf.parallel: must have one block, and as many lower bounds, upper bounds and steps
// WRONG: error: scf.parallel: must have one block, and as many lower bounds, upper bounds and steps
// WRONG: error: scf.parallel: operand 0 must be index, got tuple<>
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
