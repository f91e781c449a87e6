// memref.cast: memory whose sizes or layout are forgotten or claimed to be known.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/cast.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.cast %{{.+}} : memref<4x8xf32> to memref<?x8xf32>
// GENERIC: %{{.+}} = "memref.cast"(%{{.+}}) : (memref<4x8xf32>) -> memref<?x8xf32>
// WRONG: error: memref.cast: got 0 operands, expected 1 (V2)
// WRONG: error: memref.cast: got 2 operands, expected 1 (V2)
// WRONG: error: memref.cast: operand 0 (source) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<4x8xf32>) {
  %0 = memref.cast %arg0 : memref<4x8xf32> to memref<?x8xf32>
  func.return
}
