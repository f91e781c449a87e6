// aten.scaled_dot_product_attention: softmax of the scaled products of queries with keys, times values.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.scaled_dot_product_attention {{%[a-z0-9]+}}, {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {is_causal = true} : (tensor<2x4x3xf32>, tensor<2x5x3xf32>, tensor<2x5x6xf32>) -> tensor<2x4x6xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.scaled_dot_product_attention 
// LOOPS: memref.store
func.func @example(%q: tensor<2x4x3xf32>, %k: tensor<2x5x3xf32>, %v: tensor<2x5x6xf32>) -> (tensor<2x4x6xf32>) {
  %out = aten.scaled_dot_product_attention %q, %k, %v {is_causal = true} : (tensor<2x4x3xf32>, tensor<2x5x3xf32>, tensor<2x5x6xf32>) -> tensor<2x4x6xf32>
  func.return %out : tensor<2x4x6xf32>
}
