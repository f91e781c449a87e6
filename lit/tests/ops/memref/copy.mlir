// memref.copy: copies all elements of one memory to another.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/copy.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: memref.copy %{{.+}}, %{{.+}} : memref<4x8xf32> to memref<4x8xf32, strided<[1, 4]>>
// GENERIC: "memref.copy"(%{{.+}}, %{{.+}}) : (memref<4x8xf32>, memref<4x8xf32, strided<[1, 4]>>) -> ()
// WRONG: error: memref.copy: got 1 operands, expected 2 (V2)
// WRONG: error: memref.copy: got 3 operands, expected 2 (V2)
// WRONG: error: memref.copy: operand 0 (source) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<4x8xf32>, %arg1: memref<4x8xf32, strided<[1, 4]>>) {
  memref.copy %arg0, %arg1 : memref<4x8xf32> to memref<4x8xf32, strided<[1, 4]>>
  func.return
}
