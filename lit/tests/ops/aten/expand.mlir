// aten.expand: repeats a tensor along dimensions of size 1.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.expand {{%[a-z0-9]+}} {shape = array<i64: 4, 8>} : (tensor<1x8xf32>) -> tensor<4x8xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.expand 
// LOOPS: memref.store
func.func @example(%x: tensor<1x8xf32>) -> (tensor<4x8xf32>) {
  %out = aten.expand %x {shape = array<i64: 4, 8>} : (tensor<1x8xf32>) -> tensor<4x8xf32>
  func.return %out : tensor<4x8xf32>
}
