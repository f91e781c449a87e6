// arith.fptosi: a float as a signed integer, rounded towards zero.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/fptosi.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.fptosi %{{.+}} : f32 to i64
// GENERIC: %{{.+}} = "arith.fptosi"(%{{.+}}) : (f32) -> i64
// WRONG: error: arith.fptosi: got 0 operands, expected 1 (V2)
// WRONG: error: arith.fptosi: got 2 operands, expected 1 (V2)
// WRONG: error: arith.fptosi: operand 0 (in) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32) {
  %0 = arith.fptosi %arg0 : f32 to i64
  func.return
}
