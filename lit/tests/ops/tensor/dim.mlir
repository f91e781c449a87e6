// tensor.dim: a size of a tensor.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/dim.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.dim %{{.+}}, %{{.+}} : tensor<?x8xf32>
// GENERIC: %{{.+}} = "tensor.dim"(%{{.+}}, %{{.+}}) : (tensor<?x8xf32>, index) -> index
// WRONG: error: tensor.dim: got 1 operands, expected 2 (V2)
// WRONG: error: tensor.dim: got 3 operands, expected 2 (V2)
// WRONG: error: tensor.dim: operand 0 (source) must be ranked tensor, got tuple<> (V2)
func.func @example(%arg0: tensor<?x8xf32>, %arg1: index) {
  %0 = tensor.dim %arg0, %arg1 : tensor<?x8xf32>
  func.return
}
