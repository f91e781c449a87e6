// func.return: the end of a function, with its results.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/return.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: func.return %{{.+}} : f32
// GENERIC: "func.return"(%{{.+}}) : (f32) -> ()
// WRONG: error: func.return: returns 0 values, @wrong0 has 1 results
// WRONG: error: func.return: returns 2 values, @wrong1 has 1 results
// WRONG: error: func.return: returns value 0 of type tuple<>, @wrong2 has f32
func.func @example(%arg0: f32) -> f32 {
  func.return %arg0 : f32
}
