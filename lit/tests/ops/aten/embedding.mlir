// aten.embedding: rows of a table, by index.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.embedding {{%[a-z0-9]+}}, {{%[a-z0-9]+}} : (tensor<5x3xf32>, tensor<2x4xi64>) -> tensor<2x4x3xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.embedding 
// LOOPS: memref.store
func.func @example(%w: tensor<5x3xf32>, %i: tensor<2x4xi64>) -> (tensor<2x4x3xf32>) {
  %out = aten.embedding %w, %i : (tensor<5x3xf32>, tensor<2x4xi64>) -> tensor<2x4x3xf32>
  func.return %out : tensor<2x4x3xf32>
}
