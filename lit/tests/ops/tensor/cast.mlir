// tensor.cast: a tensor whose sizes are forgotten or claimed to be known.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/cast.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.cast %{{.+}} : tensor<4x8xf32> to tensor<?x8xf32>
// GENERIC: %{{.+}} = "tensor.cast"(%{{.+}}) : (tensor<4x8xf32>) -> tensor<?x8xf32>
// WRONG: error: tensor.cast: got 0 operands, expected 1 (V2)
// WRONG: error: tensor.cast: got 2 operands, expected 1 (V2)
// WRONG: error: tensor.cast: operand 0 (source) must be ranked tensor, got tuple<> (V2)
func.func @example(%arg0: tensor<4x8xf32>) {
  %0 = tensor.cast %arg0 : tensor<4x8xf32> to tensor<?x8xf32>
  func.return
}
