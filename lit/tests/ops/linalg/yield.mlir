// linalg.yield: the end of a nest's body, with the elements to write.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/yield.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: linalg.yield %{{.+}} : f32
// GENERIC: "linalg.yield"(%{{.+}}) : (f32) -> ()
// WRONG: error: linalg.yield: yields 0 values, the nest has 1 outputs
// WRONG: error: linalg.yield: yields 2 values, the nest has 1 outputs
// WRONG: error: linalg.yield: yields value 0 of type tuple<>, the output has elements of f32
func.func @example(%arg0: tensor<4xf32>, %arg1: f32) {
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%arg0 : tensor<4xf32>) {
  ^bb0(%arg2: f32):
    linalg.yield %arg1 : f32
  } -> tensor<4xf32>
  func.return
}
