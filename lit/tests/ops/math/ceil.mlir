// math.ceil: rounded up of a float.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/ceil.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = math.ceil %{{.+}} : f32
// GENERIC: %{{.+}} = "math.ceil"(%{{.+}}) : (f32) -> f32
// WRONG: error: math.ceil: got 0 operands, expected 1 (V2)
// WRONG: error: math.ceil: got 2 operands, expected 1 (V2)
// WRONG: error: math.ceil: operand 0 (operand) must be floating-point-like, got tuple<> (V2)
func.func @example(%arg0: f32) {
  %0 = math.ceil %arg0 : f32
  func.return
}
