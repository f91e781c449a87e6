// aten.cat: tensors one after the other along a dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.cat {{%[a-z0-9]+}}, {{%[a-z0-9]+}} {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xf32>) -> tensor<4x11xf32>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.cat 
// LOOPS: memref.store
func.func @example(%x: tensor<4x8xf32>, %y: tensor<4x3xf32>) -> (tensor<4x11xf32>) {
  %out = aten.cat %x, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xf32>) -> tensor<4x11xf32>
  func.return %out : tensor<4x11xf32>
}
