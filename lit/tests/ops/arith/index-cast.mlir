// arith.index_cast: an integer as an index or back.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/index-cast.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.index_cast %{{.+}} : i64 to index
// GENERIC: %{{.+}} = "arith.index_cast"(%{{.+}}) : (i64) -> index
// WRONG: error: arith.index_cast: got 0 operands, expected 1 (V2)
// WRONG: error: arith.index_cast: got 2 operands, expected 1 (V2)
// WRONG: error: arith.index_cast: operand 0 (in) must be signless-integer-like, got tuple<> (V2)
func.func @example(%arg0: i64) {
  %0 = arith.index_cast %arg0 : i64 to index
  func.return
}
