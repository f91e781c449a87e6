// arith.truncf: a float rounded to a narrower float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/truncf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.truncf %{{.+}} : f64 to f32
// GENERIC: %{{.+}} = "arith.truncf"(%{{.+}}) : (f64) -> f32
// WRONG: error: arith.truncf: got 0 operands, expected 1 (V2)
// WRONG: error: arith.truncf: got 2 operands, expected 1 (V2)
// WRONG: error: arith.truncf: operand 0 (in) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f64) {
  %0 = arith.truncf %arg0 : f64 to f32
  func.return
}
