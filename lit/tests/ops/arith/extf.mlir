// arith.extf: a float as a wider float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/extf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.extf %{{.+}} : f32 to f64
// GENERIC: %{{.+}} = "arith.extf"(%{{.+}}) : (f32) -> f64
// WRONG: error: arith.extf: got 0 operands, expected 1 (V2)
// WRONG: error: arith.extf: got 2 operands, expected 1 (V2)
// WRONG: error: arith.extf: operand 0 (in) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32) {
  %0 = arith.extf %arg0 : f32 to f64
  func.return
}
