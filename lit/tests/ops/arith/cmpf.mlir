// arith.cmpf: comparison of two floats.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/cmpf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.cmpf olt, %{{.+}}, %{{.+}} : f32
// GENERIC: %{{.+}} = "arith.cmpf"(%{{.+}}, %{{.+}}) {predicate = 4 : i64} : (f32, f32) -> i1
// WRONG: error: arith.cmpf: got 1 operands, expected 2 (V2)
// WRONG: error: arith.cmpf: got 3 operands, expected 2 (V2)
// WRONG: error: arith.cmpf: operand 0 (lhs) must be floating-point-like, got tuple<> (V2)
// WRONG: error: arith.cmpf: requires attribute "predicate", a predicate number (V2)
func.func @example(%arg0: f32, %arg1: f32) {
  %0 = arith.cmpf olt, %arg0, %arg1 : f32
  func.return
}
