// RUN: cladopt opt %s --split-input-file --verify-diagnostics | FileCheck %s
// RUN: not cladopt opt %s --split-input-file 2>&1 | FileCheck %s --check-prefix=PLAIN
// RUN: not cladopt opt %S/Inputs/wrong-diagnostics.mlir --split-input-file --verify-diagnostics 2>&1 | FileCheck %s --check-prefix=WRONG

// PLAIN: verify-diagnostics.mlir:[[#@LINE+19]]:{{[0-9]+}}: error: aten.mul: element types differ
// PLAIN: verify-diagnostics.mlir:[[#@LINE+28]]:{{[0-9]+}}: error:

// WRONG: wrong-diagnostics.mlir:2:{{[0-9]+}}: error: unexpected error: aten.mul: element types differ
// WRONG: wrong-diagnostics.mlir:9: error: expected error "nothing of the kind" was not produced
// WRONG: wrong-diagnostics.mlir:15: error: got @sideways, expected @+1

// CHECK: func.func @fine
// CHECK: // -----
// CHECK-NOT: func.func
// CHECK: func.func @also_fine
func.func @fine(%x: tensor<f32>) -> tensor<f32> {
  func.return %x : tensor<f32>
}

// -----

func.func @types(%x: tensor<f32>, %y: tensor<i64>) -> tensor<f32> {
  // expected-error@+1 {{element types differ: got f32 and i64}}
  %0 = aten.mul %x, %y : (tensor<f32>, tensor<i64>) -> tensor<f32>
  func.return %0 : tensor<f32>
}

// -----

func.func @twice() {
  func.return
}
// expected-note@-3 {{first defined here}}
func.func @twice() { // expected-error-re {{symbol @{{[a-z]+}} is defined twice}}
  func.return
}

// -----

func.func @also_fine() {
  func.return
}
