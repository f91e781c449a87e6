// arith.extui: an unsigned integer as a wider one.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/extui.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.extui %{{.+}} : i1 to i64
// GENERIC: %{{.+}} = "arith.extui"(%{{.+}}) : (i1) -> i64
// WRONG: error: arith.extui: got 0 operands, expected 1 (V2)
// WRONG: error: arith.extui: got 2 operands, expected 1 (V2)
// WRONG: error: arith.extui: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i1) {
  %0 = arith.extui %arg0 : i1 to i64
  func.return
}
