// arith.cmpi: comparison of two integers.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/cmpi.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.cmpi slt, %{{.+}}, %{{.+}} : i64
// GENERIC: %{{.+}} = "arith.cmpi"(%{{.+}}, %{{.+}}) {predicate = 2 : i64} : (i64, i64) -> i1
// WRONG: error: arith.cmpi: got 1 operands, expected 2 (V2)
// WRONG: error: arith.cmpi: got 3 operands, expected 2 (V2)
// WRONG: error: arith.cmpi: operand 0 (lhs) must be signless-integer-like, got tuple<> (V2)
// WRONG: error: arith.cmpi: requires attribute "predicate", a predicate number (V2)
func.func @example(%arg0: i64, %arg1: i64) {
  %0 = arith.cmpi slt, %arg0, %arg1 : i64
  func.return
}
