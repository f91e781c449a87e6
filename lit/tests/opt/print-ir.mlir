// RUN: cladopt opt %s -p cse,canonicalize,dce --print-ir-before-all 2>&1 | FileCheck %s --check-prefix=BEFORE
// RUN: cladopt opt %s -p cse,canonicalize,dce --print-ir-after-all 2>&1 | FileCheck %s --check-prefix=AFTER
// RUN: cladopt opt %s -p cse,canonicalize,dce --print-ir-after-change 2>&1 | FileCheck %s --check-prefix=CHANGE
// RUN: cladopt opt %s -p cse,canonicalize,dce --disable=cse,dce --print-ir-after-all 2>&1 | FileCheck %s --check-prefix=DISABLE
// RUN: cladopt opt %s -p cse,canonicalize,dce --print-ir-diff 2>&1 | FileCheck %s --check-prefix=DIFF --match-full-lines --strict-whitespace
// RUN: cladopt opt %s -p cse --print-ir-diff --color=always 2>&1 | FileCheck %s --check-prefix=COLOR
// RUN: not cladopt opt %s -p cse --disable=none 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// BEFORE: IR Dump Before cse
// BEFORE-COUNT-2: aten.mul
// BEFORE: IR Dump Before canonicalize
// BEFORE-COUNT-1: aten.mul
// BEFORE-NOT: aten.mul
// BEFORE: IR Dump Before dce

// AFTER: IR Dump After cse
// AFTER: IR Dump After canonicalize
// AFTER: IR Dump After dce

// Only cse changes this module.
// CHANGE: IR Dump After cse
// CHANGE-NOT: IR Dump

// DISABLE-NOT: IR Dump After cse
// DISABLE: IR Dump After canonicalize
// DISABLE-NOT: IR Dump

// DIFF:--- before cse
// DIFF-NEXT:+++ after cse
// DIFF-NEXT:@@ -1,8 +1,7 @@
// DIFF-NEXT: module {
// DIFF-NEXT:   func.func @equal(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32> {
// DIFF-NEXT:     %0 = aten.mul %arg0, %arg1 : tensor<f32>
// DIFF-NEXT:-    %1 = aten.mul %arg1, %arg0 : tensor<f32>
// DIFF-NEXT:-    %2 = aten.add %0, %1 : tensor<f32>
// DIFF-NEXT:-    func.return %2 : tensor<f32>
// DIFF-NEXT:+    %1 = aten.add %0, %0 : tensor<f32>
// DIFF-NEXT:+    func.return %1 : tensor<f32>
// DIFF-NEXT:   }
// DIFF-NEXT: }
// DIFF-NEXT:module {

// COLOR: {{.}}[31m-    %1 = aten.mul %arg1, %arg0 : tensor<f32>{{.}}[0m
// COLOR: {{.}}[32m+    %1 = aten.add %0, %0 : tensor<f32>{{.}}[0m

// UNKNOWN: no pass is named "none"
func.func @equal(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %a = aten.mul %x, %y : tensor<f32>
  %b = aten.mul %y, %x : tensor<f32>
  %c = aten.add %a, %b : tensor<f32>
  func.return %c : tensor<f32>
}
