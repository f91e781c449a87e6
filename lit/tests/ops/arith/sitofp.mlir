// arith.sitofp: a signed integer as a float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/sitofp.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.sitofp %{{.+}} : i64 to f32
// GENERIC: %{{.+}} = "arith.sitofp"(%{{.+}}) : (i64) -> f32
// WRONG: error: arith.sitofp: got 0 operands, expected 1 (V2)
// WRONG: error: arith.sitofp: got 2 operands, expected 1 (V2)
// WRONG: error: arith.sitofp: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64) {
  %0 = arith.sitofp %arg0 : i64 to f32
  func.return
}
