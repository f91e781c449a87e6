// aten.flip: the order of elements reversed along dimensions.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.flip {{%[a-z0-9]+}} {dims = array<i64: 1>} : tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.flip 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.flip %x {dims = array<i64: 1>} : tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
