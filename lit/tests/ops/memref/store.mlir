// memref.store: writes an element of memory.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/store.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: memref.store %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}] : memref<4x8xf32>
// GENERIC: "memref.store"(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) : (f32, memref<4x8xf32>, index, index) -> ()
// WRONG: error: memref.store: got 1 indices, expected 2 for memref<4x8xf32>
// WRONG: error: memref.store: operand 4 (indices) must be index, got tuple<> (V2)
// WRONG: error: memref.store: element has type tuple<>, expected f32 for memref<4x8xf32>
func.func @example(%arg0: f32, %arg1: memref<4x8xf32>, %arg2: index, %arg3: index) {
  memref.store %arg0, %arg1[%arg2, %arg3] : memref<4x8xf32>
  func.return
}
