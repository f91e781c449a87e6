// memref.reinterpret_cast: the same memory with other sizes and strides.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/reinterpret-cast.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.reinterpret_cast %{{.+}} to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>
// GENERIC: %{{.+}} = "memref.reinterpret_cast"(%{{.+}}) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 0>, static_sizes = array<i64: 32>, static_strides = array<i64: 1>} : (memref<4x8xf32>) -> memref<32xf32>
// WRONG: error: memref.reinterpret_cast: got 0 operands, expected at least 1 (V2)
// WRONG: error: memref.reinterpret_cast: got 2 operands, expected 1
// WRONG: error: memref.reinterpret_cast: operand 0 (source) and the result must be memrefs
// WRONG: error: memref.reinterpret_cast: requires attribute "operand_segment_sizes", a dense array of integers (V2)
func.func @example(%arg0: memref<4x8xf32>) {
  %0 = memref.reinterpret_cast %arg0 to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>
  func.return
}
