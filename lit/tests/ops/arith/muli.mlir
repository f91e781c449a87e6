// arith.muli: product of two integers.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/muli.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.muli %{{.+}}, %{{.+}} : i64
// GENERIC: %{{.+}} = "arith.muli"(%{{.+}}, %{{.+}}) : (i64, i64) -> i64
// WRONG: error: arith.muli: got 1 operands, expected 2 (V2)
// WRONG: error: arith.muli: got 3 operands, expected 2 (V2)
// WRONG: error: arith.muli: operand 0 (lhs) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64, %arg1: i64) {
  %0 = arith.muli %arg0, %arg1 : i64
  func.return
}
