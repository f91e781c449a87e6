// arith.select: one of two values, by a condition.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/select.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = arith.select %{{.+}}, %{{.+}}, %{{.+}} : f32
// GENERIC: %{{.+}} = "arith.select"(%{{.+}}, %{{.+}}, %{{.+}}) : (i1, f32, f32) -> f32
// WRONG: error: arith.select: got 2 operands, expected 3 (V2)
// WRONG: error: arith.select: got 4 operands, expected 3 (V2)
// WRONG: error: arith.select: operand 0 (condition) must be bool-like, got tuple<> (V2)
func.func @example(%arg0: i1, %arg1: f32, %arg2: f32) {
  %0 = arith.select %arg0, %arg1, %arg2 : f32
  func.return
}
