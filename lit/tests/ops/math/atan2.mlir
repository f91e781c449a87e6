// math.atan2: angle of a point, ordinate first of two floats.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/atan2.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = math.atan2 %{{.+}}, %{{.+}} : f32
// GENERIC: %{{.+}} = "math.atan2"(%{{.+}}, %{{.+}}) : (f32, f32) -> f32
// WRONG: error: math.atan2: got 1 operands, expected 2 (V2)
// WRONG: error: math.atan2: got 3 operands, expected 2 (V2)
// WRONG: error: math.atan2: operand 0 (lhs) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32, %arg1: f32) {
  %0 = math.atan2 %arg0, %arg1 : f32
  func.return
}
