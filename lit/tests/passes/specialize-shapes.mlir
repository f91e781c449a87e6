// RUN: cladopt opt %s -p 'specialize-shapes{sizes=s0:6}' | FileCheck %s
// RUN: not cladopt opt %s -p 'specialize-shapes{sizes=s0:6+s1:7}' 2>&1 | FileCheck %s --check-prefix=BROKEN
// RUN: not cladopt opt %s -p 'specialize-shapes{sizes=s9:6}' 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// s1 is tied to s0, and 3 must divide the number of elements.
// CHECK: func.func @graph(%arg0: tensor<6x2xf32>, %arg1: tensor<6x2xf32>)
// CHECK-SAME: cladopt.guards = ["s0 == 6", "s1 == 6", "s0 == s1", "2*s0 % 3 == 0"]
// CHECK: aten.reshape {{.*}} -> tensor<4x3xf32>
// BROKEN: s0 == s1, which the graph relies on
// UNKNOWN: size s9 is given
func.func @graph(%x: tensor<?x2xf32> {cladopt.sizes = ["s0", ""]}, %y: tensor<?x2xf32> {cladopt.sizes = ["s1", ""]}) -> tensor<?x3xf32> {
  %0 = aten.add %x, %y : tensor<?x2xf32>
  %1 = aten.reshape %0 {shape = array<i64: -1, 3>} : (tensor<?x2xf32>) -> tensor<?x3xf32>
  func.return %1 : tensor<?x3xf32>
}

// Must not fire on a function that is not the graph.
// CHECK: func.func @other(%arg0: tensor<?xf32>)
func.func @other(%x: tensor<?xf32>) -> tensor<?xf32> {
  func.return %x : tensor<?xf32>
}
