// arith.maxsi: larger of two signed integers.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/maxsi.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.maxsi %{{.+}}, %{{.+}} : i64
// GENERIC: %{{.+}} = "arith.maxsi"(%{{.+}}, %{{.+}}) : (i64, i64) -> i64
// WRONG: error: arith.maxsi: got 1 operands, expected 2 (V2)
// WRONG: error: arith.maxsi: got 3 operands, expected 2 (V2)
// WRONG: error: arith.maxsi: operand 0 (lhs) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64, %arg1: i64) {
  %0 = arith.maxsi %arg0, %arg1 : i64
  func.return
}
