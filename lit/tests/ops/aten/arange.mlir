// aten.arange: evenly spaced numbers along one dimension.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: cladopt opt %s -p decompose,lower-to-linalg,lower-to-loops | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: func.func @example
// CHECK: aten.arange {dim = 0 : i64, start = 2 : i64, step = 3 : i64} : () -> tensor<4xi64>
// LOOPS-LABEL: func.func @example
// LOOPS-NOT: = aten.arange 
// LOOPS: memref.store
func.func @example() -> (tensor<4xi64>) {
  %out = aten.arange {dim = 0 : i64, start = 2 : i64, step = 3 : i64} : () -> tensor<4xi64>
  func.return %out : tensor<4xi64>
}
