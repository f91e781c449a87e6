// linalg.fill: sets all elements of a destination to a number.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/fill.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<4x8xf32>) -> tensor<4x8xf32>
// GENERIC: %{{.+}} = "linalg.fill"(%{{.+}}, %{{.+}}) ({
// WRONG: error: linalg.fill: got 1 operands, expected 2 (V2)
// WRONG: error: linalg.fill: got 3 operands, expected 2 (V2)
// WRONG: error: linalg.fill: operands have elements of tuple<> and f32, expected one type
func.func @example(%arg0: f32, %arg1: tensor<4x8xf32>) {
  %0 = linalg.fill ins(%arg0 : f32) outs(%arg1 : tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return
}
