// RUN: not cladopt opt %s -p 'canonicalize,specialize-shapes{sizes=s9:6},cse' --crash-reproducer=%t.mlir 2>&1 | FileCheck %s --check-prefix=FAIL
// RUN: FileCheck %s --check-prefix=FILE --input-file=%t.mlir
// RUN: not cladopt opt %t.mlir --run-reproducer 2>&1 | FileCheck %s --check-prefix=REPLAY
// RUN: not cladopt opt %s --run-reproducer 2>&1 | FileCheck %s --check-prefix=NONE

// FAIL: wrote {{.*}}.mlir; replay it with: cladopt opt {{.*}}.mlir --run-reproducer
// FAIL: pass specialize-shapes: {{.*}}size s9 is given

// FILE: // {{R}}UN: cladopt opt %s --run-reproducer
// FILE-NEXT: // pipeline: specialize-shapes{sizes=s9:6},cse
// FILE-NEXT: // pass specialize-shapes: {{.*}}size s9 is given
// FILE-NEXT: module {

// REPLAY: pass specialize-shapes: {{.*}}size s9 is given
// NONE: is no reproducer
func.func @graph(%x: tensor<?xf32> {cladopt.sizes = ["s0"]}) -> tensor<?xf32> {
  func.return %x : tensor<?xf32>
}
