// memref.alloca: memory on the stack.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/alloca.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.alloca(%{{.+}}) {alignment = 64 : i64} : memref<?x8xf32>
// GENERIC: %{{.+}} = "memref.alloca"(%{{.+}}) {alignment = 64 : i64, operand_segment_sizes = array<i32: 1, 0>} : (index) -> memref<?x8xf32>
// WRONG: error: memref.alloca: operand_segment_sizes [1 0] does not fit 0 operands
// WRONG: error: memref.alloca: operand_segment_sizes [1 0] does not fit 2 operands
// WRONG: error: memref.alloca: operand 0 must be index, got tuple<>
// WRONG: error: memref.alloca: requires attribute "operand_segment_sizes", array<i32: sizes, symbols> (V2)
func.func @example(%arg0: index) {
  %0 = memref.alloca(%arg0) {alignment = 64 : i64} : memref<?x8xf32>
  func.return
}
