// tensor.empty: a tensor whose elements are not yet given.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/empty.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = tensor.empty() : tensor<4x8xf32>
// GENERIC: %{{.+}} = "tensor.empty"() : () -> tensor<4x8xf32>
// WRONG: error: tensor.empty: operand 0 (sizes) must be index, got tuple<> (V2)
func.func @example() {
  %0 = tensor.empty() : tensor<4x8xf32>
  func.return
}
