// arith.extsi: a signed integer as a wider one.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/extsi.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.extsi %{{.+}} : i32 to i64
// GENERIC: %{{.+}} = "arith.extsi"(%{{.+}}) : (i32) -> i64
// WRONG: error: arith.extsi: got 0 operands, expected 1 (V2)
// WRONG: error: arith.extsi: got 2 operands, expected 1 (V2)
// WRONG: error: arith.extsi: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i32) {
  %0 = arith.extsi %arg0 : i32 to i64
  func.return
}
