// func.func: a function.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/func.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: func.func @f(%{{.+}}: f32) -> f32 {
// GENERIC: "func.func"() ({
// WRONG: error: func.func: got 1 operands, expected 0 (V2)
func.func @f(%arg0: f32) -> f32 {
  func.return %arg0 : f32
}
