// memref.alloc: memory from the heap.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/alloc.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.alloc(%{{.+}}) {alignment = 64 : i64} : memref<?x8xf32>
// GENERIC: %{{.+}} = "memref.alloc"(%{{.+}}) {alignment = 64 : i64, operand_segment_sizes = array<i32: 1, 0>} : (index) -> memref<?x8xf32>
// WRONG: error: memref.alloc: operand_segment_sizes [1 0] does not fit 0 operands
// WRONG: error: memref.alloc: operand_segment_sizes [1 0] does not fit 2 operands
// WRONG: error: memref.alloc: operand 0 must be index, got tuple<>
// WRONG: error: memref.alloc: requires attribute "operand_segment_sizes", array<i32: sizes, symbols> (V2)
func.func @example(%arg0: index) {
  %0 = memref.alloc(%arg0) {alignment = 64 : i64} : memref<?x8xf32>
  func.return
}
