// memref.dealloc: the end of memory from the heap.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/dealloc.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: memref.dealloc %{{.+}} : memref<4x8xf32>
// GENERIC: "memref.dealloc"(%{{.+}}) : (memref<4x8xf32>) -> ()
// WRONG: error: memref.dealloc: got 0 operands, expected 1 (V2)
// WRONG: error: memref.dealloc: got 2 operands, expected 1 (V2)
// WRONG: error: memref.dealloc: operand 0 (memref) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<4x8xf32>) {
  memref.dealloc %arg0 : memref<4x8xf32>
  func.return
}
