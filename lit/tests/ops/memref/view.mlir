// memref.view: a typed view of bytes.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/view.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = memref.view %{{.+}}[%{{.+}}][%{{.+}}] : memref<256xi8> to memref<?x8xf32>
// GENERIC: %{{.+}} = "memref.view"(%{{.+}}, %{{.+}}, %{{.+}}) : (memref<256xi8>, index, index) -> memref<?x8xf32>
// WRONG: error: memref.view: got 0 sizes, expected 1, one for each dynamic dimension
// WRONG: error: memref.view: operand 3 (sizes) must be index, got tuple<> (V2)
// WRONG: error: memref.view: operand 0 (source) must be memref, got tuple<> (V2)
func.func @example(%arg0: memref<256xi8>, %arg1: index, %arg2: index) {
  %0 = memref.view %arg0[%arg1][%arg2] : memref<256xi8> to memref<?x8xf32>
  func.return
}
