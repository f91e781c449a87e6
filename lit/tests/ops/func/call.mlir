// func.call: a call of a function.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/call.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: %{{.+}} = func.call @f(%{{.+}}) : (f32) -> f32
// GENERIC: %{{.+}} = "func.call"(%{{.+}}) {callee = @f} : (f32) -> f32
// WRONG: error: func.call: calls @f with type () -> f32, which has type (f32) -> f32 (V8)
// WRONG: error: func.call: calls @f with type (f32, tuple<>) -> f32, which has type (f32) -> f32 (V8)
// WRONG: error: func.call: calls @f with type (tuple<>) -> f32, which has type (f32) -> f32 (V8)
// WRONG: error: func.call: requires attribute "callee", a symbol (V2)
func.func private @f(f32) -> f32
func.func @example(%arg0: f32) {
  %0 = func.call @f(%arg0) : (f32) -> f32
  func.return
}
