// arith.trunci: the low bits of an integer.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/trunci.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.trunci %{{.+}} : i64 to i32
// GENERIC: %{{.+}} = "arith.trunci"(%{{.+}}) : (i64) -> i32
// WRONG: error: arith.trunci: got 0 operands, expected 1 (V2)
// WRONG: error: arith.trunci: got 2 operands, expected 1 (V2)
// WRONG: error: arith.trunci: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64) {
  %0 = arith.trunci %arg0 : i64 to i32
  func.return
}
