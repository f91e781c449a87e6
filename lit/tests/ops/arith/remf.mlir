// arith.remf: remainder of two floats, with the sign of the dividend.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/remf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.remf %{{.+}}, %{{.+}} : f32
// GENERIC: %{{.+}} = "arith.remf"(%{{.+}}, %{{.+}}) : (f32, f32) -> f32
// WRONG: error: arith.remf: got 1 operands, expected 2 (V2)
// WRONG: error: arith.remf: got 3 operands, expected 2 (V2)
// WRONG: error: arith.remf: operand 0 (lhs) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32, %arg1: f32) {
  %0 = arith.remf %arg0, %arg1 : f32
  func.return
}
