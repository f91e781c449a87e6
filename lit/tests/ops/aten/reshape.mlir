// aten.reshape: the elements of a tensor in row-major order in another shape.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.reshape {{%[a-z0-9]+}} {shape = array<i64: 2, -1>} : (tensor<4x8xf32>) -> tensor<2x16xf32>
// LOOPS-LABEL: func.func @example
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<2x16xf32>) {
  %out = aten.reshape %x {shape = array<i64: 2, -1>} : (tensor<4x8xf32>) -> tensor<2x16xf32>
  func.return %out : tensor<2x16xf32>
}
