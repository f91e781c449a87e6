// arith.bitcast: the bits of a number as another type of the same width.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/bitcast.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.bitcast %{{.+}} : f32 to i32
// GENERIC: %{{.+}} = "arith.bitcast"(%{{.+}}) : (f32) -> i32
// WRONG: error: arith.bitcast: got 0 operands, expected 1 (V2)
// WRONG: error: arith.bitcast: got 2 operands, expected 1 (V2)
// WRONG: error: arith.bitcast: operand 0 (in) must be signless-integer-or-float-like, got tuple<> (V2)
func.func @example(%arg0: f32) {
  %0 = arith.bitcast %arg0 : f32 to i32
  func.return
}
