// linalg.index: the counter of a loop of the enclosing nest.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/index.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = linalg.index 0 : index
// GENERIC: %{{.+}} = "linalg.index"() {dim = 0 : i64} : () -> index
// WRONG: error: linalg.index: got 1 operands, expected 0 (V2)
// WRONG: error: linalg.index: requires attribute "dim", an i64 of zero or more (V2)
func.func @example(%arg0: tensor<4xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%arg0 : tensor<4xf32>) {
  ^bb0(%arg1: f32):
    %1 = linalg.index 0 : index
    linalg.yield %arg1 : f32
  } -> tensor<4xf32>
  func.return
}
