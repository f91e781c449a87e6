// linalg.generic: a loop nest whose body is scalar code.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/generic.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%{{.+}} : tensor<4xf32>) outs(%{{.+}} : tensor<4xf32>) {
// GENERIC: %{{.+}} = "linalg.generic"(%{{.+}}, %{{.+}}) ({
// WRONG: error: linalg.generic: operand_segment_sizes [1 1] does not fit 1 operands, one of which at least must be an output
// WRONG: error: linalg.generic: operand_segment_sizes [1 1] does not fit 3 operands, one of which at least must be an output
// WRONG: error: linalg.generic: indexing map 0 is (d0) -> (d0), expected 1 dimensions, no symbols and 0 results
func.func @example(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%arg0 : tensor<4xf32>) outs(%arg1 : tensor<4xf32>) {
  ^bb0(%arg2: f32, %arg3: f32):
    %1 = arith.addf %arg2, %arg2 : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  func.return
}
