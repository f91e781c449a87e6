// RUN: cladopt reduce %s --test='cladopt opt -p func.func(canonicalize),specialize-shapes{sizes=s9:6}' --message='size s9' 2>&1 | FileCheck %s
// RUN: not cladopt reduce %s --test='cladopt opt' 2>&1 | FileCheck %s --check-prefix=FINE

// CHECK: reduce.mlir: 1 ops in 1 functions are left of 4 ops in 2 functions; {{[0-9]+}} candidates were tried
// CHECK-NEXT: {{^}}module {
// CHECK-NEXT: func.func @graph() {
// CHECK-NEXT: func.return
// CHECK-NEXT: }
// CHECK-NEXT: {{^}}}
// FINE: reduce.mlir: {{.*}}cladopt opt exits with status 0, expected a command that fails on it
func.func @graph(%x: tensor<?xf32> {cladopt.sizes = ["s0"]}) -> tensor<?xf32> {
  %0 = aten.exp %x : tensor<?xf32>
  %1 = aten.neg %0 : tensor<?xf32>
  func.return %1 : tensor<?xf32>
}
func.func @other() {
  func.return
}
