// arith.uitofp: an unsigned integer as a float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/uitofp.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.uitofp %{{.+}} : i1 to f32
// GENERIC: %{{.+}} = "arith.uitofp"(%{{.+}}) : (i1) -> f32
// WRONG: error: arith.uitofp: got 0 operands, expected 1 (V2)
// WRONG: error: arith.uitofp: got 2 operands, expected 1 (V2)
// WRONG: error: arith.uitofp: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i1) {
  %0 = arith.uitofp %arg0 : i1 to f32
  func.return
}
