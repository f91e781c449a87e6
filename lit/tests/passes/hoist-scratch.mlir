// hoist-scratch: what a kernel allocates becomes an argument, which the graph allocates.
// Must not fire: leave an allocation in a kernel.
// RUN: cladopt opt %s -p hoist-scratch | FileCheck %s

// CHECK-LABEL: func.func @graph
// CHECK: %[[S:.*]] = memref.alloc() : memref<4xf32>
// CHECK: func.call @k0(%{{.*}}, %[[S]]) : (memref<4xf32>, memref<4xf32>) -> ()
func.func @graph(%x: memref<4xf32>) {
  func.call @k0(%x) : (memref<4xf32>) -> ()
  func.return
}

// CHECK-LABEL: func.func @k0
// CHECK-SAME: (%{{.*}}: memref<4xf32>, %[[T:.*]]: memref<4xf32>)
// CHECK-NOT: memref.alloc
// CHECK: memref.store %{{.*}}, %[[T]]
func.func @k0(%x: memref<4xf32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %t = memref.alloc() : memref<4xf32>
  %v = memref.load %x[%0] : memref<4xf32>
  memref.store %v, %t[%0] : memref<4xf32>
  func.return
}
