// arith.negf: negation of a float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/negf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.negf %{{.+}} : f32
// GENERIC: %{{.+}} = "arith.negf"(%{{.+}}) : (f32) -> f32
// WRONG: error: arith.negf: got 0 operands, expected 1 (V2)
// WRONG: error: arith.negf: got 2 operands, expected 1 (V2)
// WRONG: error: arith.negf: operand 0 (operand) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32) {
  %0 = arith.negf %arg0 : f32
  func.return
}
