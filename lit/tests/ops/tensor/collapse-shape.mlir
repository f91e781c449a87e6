// tensor.collapse_shape: a tensor with neighbouring dimensions joined.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/collapse-shape.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.collapse_shape %{{.+}} {{\[\[}}0, 1], [2]] : tensor<4x8x2xf32> into tensor<32x2xf32>
// GENERIC: %{{.+}} = "tensor.collapse_shape"(%{{.+}}) {reassociation = {{\[\[}}0 : i64, 1 : i64], [2 : i64]]} : (tensor<4x8x2xf32>) -> tensor<32x2xf32>
// WRONG: error: tensor.collapse_shape: got 0 operands, expected 1 (V2)
// WRONG: error: tensor.collapse_shape: got 2 operands, expected 1 (V2)
// WRONG: error: tensor.collapse_shape: operand 0 (src) must be ranked tensor, got tuple<> (V2)
// WRONG: error: tensor.collapse_shape: requires attribute "reassociation", an array of arrays of dimensions (V2)
func.func @example(%arg0: tensor<4x8x2xf32>) {
  %0 = tensor.collapse_shape %arg0 [[0, 1], [2]] : tensor<4x8x2xf32> into tensor<32x2xf32>
  func.return
}
