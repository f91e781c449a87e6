// scf.for: a counted loop that carries values.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/for.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = scf.for %{{.+}} = %{{.+}} to %{{.+}} step %{{.+}} iter_args(%{{.+}} = %{{.+}}) -> (f32) {
// GENERIC: %{{.+}} = "scf.for"(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) ({
// WRONG: error: scf.for: body arguments, initial values and results differ in number
// WRONG: error: scf.for: body arguments, initial values and results differ in number
// WRONG: error: scf.for: operand 0 (lowerBound) must be index, got tuple<> (V2)
func.func @example(%arg0: index, %arg1: index, %arg2: index, %arg3: f32) {
  %0 = scf.for %arg4 = %arg0 to %arg1 step %arg2 iter_args(%arg5 = %arg3) -> (f32) {
    scf.yield %arg5 : f32
  }
  func.return
}
