// aten.cumsum: running sum along a dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.cumsum {{%[a-z0-9]+}} {dim = 1 : i64} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.cumsum 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.cumsum %x {dim = 1 : i64} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
