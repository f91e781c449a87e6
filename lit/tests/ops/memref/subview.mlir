// memref.subview: a rectangular part of memory.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/subview.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.subview %{{.+}}[1, 2] [2, 3] [1, 2] : memref<4x8xf32> to memref<2x3xf32, strided<[8, 2], offset: 10>>
// GENERIC: %{{.+}} = "memref.subview"(%{{.+}}) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (memref<4x8xf32>) -> memref<2x3xf32, strided<[8, 2], offset: 10>>
// WRONG: error: memref.subview: got 0 operands, expected at least 1 (V2)
// WRONG: error: memref.subview: got 2 operands, expected 1
// WRONG: error: memref.subview: operand 0 (source) and the result must be memrefs
// WRONG: error: memref.subview: requires attribute "operand_segment_sizes", a dense array of integers (V2)
func.func @example(%arg0: memref<4x8xf32>) {
  %0 = memref.subview %arg0[1, 2] [2, 3] [1, 2] : memref<4x8xf32> to memref<2x3xf32, strided<[8, 2], offset: 10>>
  func.return
}
