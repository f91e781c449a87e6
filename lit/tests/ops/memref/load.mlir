// memref.load: an element of memory.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/load.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.load %{{.+}}[%{{.+}}, %{{.+}}] : memref<4x8xf32>
// GENERIC: %{{.+}} = "memref.load"(%{{.+}}, %{{.+}}, %{{.+}}) : (memref<4x8xf32>, index, index) -> f32
// WRONG: error: memref.load: got 1 indices, expected 2 for memref<4x8xf32>
// WRONG: error: memref.load: operand 3 (indices) must be index, got tuple<> (V2)
// WRONG: error: memref.load: operand 0 (memref) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<4x8xf32>, %arg1: index, %arg2: index) {
  %0 = memref.load %arg0[%arg1, %arg2] : memref<4x8xf32>
  func.return
}
