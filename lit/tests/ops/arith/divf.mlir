// arith.divf: quotient of two floats.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/divf.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.divf %{{.+}}, %{{.+}} : f32
// GENERIC: %{{.+}} = "arith.divf"(%{{.+}}, %{{.+}}) : (f32, f32) -> f32
// WRONG: error: arith.divf: got 1 operands, expected 2 (V2)
// WRONG: error: arith.divf: got 3 operands, expected 2 (V2)
// WRONG: error: arith.divf: operand 0 (lhs) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32, %arg1: f32) {
  %0 = arith.divf %arg0, %arg1 : f32
  func.return
}
