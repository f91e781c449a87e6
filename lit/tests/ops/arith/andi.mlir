// arith.andi: bitwise and.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/andi.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.andi %{{.+}}, %{{.+}} : i64
// GENERIC: %{{.+}} = "arith.andi"(%{{.+}}, %{{.+}}) : (i64, i64) -> i64
// WRONG: error: arith.andi: got 1 operands, expected 2 (V2)
// WRONG: error: arith.andi: got 3 operands, expected 2 (V2)
// WRONG: error: arith.andi: operand 0 (lhs) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64, %arg1: i64) {
  %0 = arith.andi %arg0, %arg1 : i64
  func.return
}
