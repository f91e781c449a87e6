// RUN: hep-opt opt %s | FileCheck %s
// RUN: hep-opt opt %s --generic | hep-opt opt - | FileCheck %s
// RUN: hep-opt opt %s -p decompose | FileCheck %s --check-prefix=ATEN
// RUN: hep-opt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK: hep.mass_squared %{{.*}} : (tensor<8x4xf32>) -> tensor<8xf32>
// ATEN-LABEL: func.func @example
// ATEN: aten.slice %arg0 {dim = 1 : i64, end = 4 : i64, start = 3 : i64, step = 1 : i64}
// ATEN: aten.slice %arg0 {dim = 1 : i64, end = 3 : i64, start = 0 : i64, step = 1 : i64}
// ATEN: aten.sub
// ATEN-NOT: hep.
// LOOPS-NOT: hep.
// LOOPS: memref.store
func.func @example(%p: tensor<8x4xf32>) -> tensor<8xf32> {
  %out = hep.mass_squared %p : (tensor<8x4xf32>) -> tensor<8xf32>
  func.return %out : tensor<8xf32>
}

// One four-vector, and none.
// ATEN-LABEL: func.func @odd
// ATEN-NOT: hep.
func.func @odd(%p: tensor<4xf64>, %q: tensor<2x0x4xf64>) -> (tensor<f64>, tensor<2x0xf64>) {
  %a = hep.mass_squared %p : (tensor<4xf64>) -> tensor<f64>
  %b = hep.mass_squared %q : (tensor<2x0x4xf64>) -> tensor<2x0xf64>
  func.return %a, %b : tensor<f64>, tensor<2x0xf64>
}
