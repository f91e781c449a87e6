// memref.dim: a size of memory.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/dim.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.dim %{{.+}}, %{{.+}} : memref<?x8xf32>
// GENERIC: %{{.+}} = "memref.dim"(%{{.+}}, %{{.+}}) : (memref<?x8xf32>, index) -> index
// WRONG: error: memref.dim: got 1 operands, expected 2 (V2)
// WRONG: error: memref.dim: got 3 operands, expected 2 (V2)
// WRONG: error: memref.dim: operand 0 (source) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<?x8xf32>, %arg1: index) {
  %0 = memref.dim %arg0, %arg1 : memref<?x8xf32>
  func.return
}
