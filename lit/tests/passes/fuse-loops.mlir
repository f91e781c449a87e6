// fuse-loops: loops of a kernel that take the same turns are one, if each turn needs its own alone.
// RUN: cladopt opt %s -p fuse-loops | FileCheck %s
// RUN: cladopt opt %s -p fuse-loops | cladopt opt - -p fuse-loops | FileCheck %s

// What a turn stored is read as a value, the row is gone, and both loops' results are there.
// CHECK-LABEL: func.func @row
// CHECK-NOT: memref.alloca
// CHECK: %[[R:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}) -> (f32, f32)
// CHECK: %[[X:.*]] = memref.load %arg0[%[[I]]]
// CHECK: %[[S:.*]] = arith.addf %[[A]], %[[X]]
// CHECK: %[[D:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK-NOT: memref.store
// CHECK: %[[Q:.*]] = arith.addf %[[B]], %[[D]]
// CHECK: scf.yield %[[S]], %[[Q]]
// CHECK-NOT: scf.for
// CHECK: memref.store %[[R]]#0, %arg1[]
// CHECK: memref.store %[[R]]#1, %arg2[]
func.func @row(%x: memref<8xf32>, %y: memref<f32>, %z: memref<f32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %f0 = arith.constant 0.0 : f32
  %t = memref.alloca() : memref<8xf32>
  %s = scf.for %i = %0 to %8 step %1 iter_args(%a = %f0) -> (f32) {
    %v = memref.load %x[%i] : memref<8xf32>
    %n = arith.addf %a, %v : f32
    %d = arith.mulf %v, %v : f32
    memref.store %d, %t[%i] : memref<8xf32>
    scf.yield %n : f32
  }
  %q = scf.for %i = %0 to %8 step %1 iter_args(%a = %f0) -> (f32) {
    %v = memref.load %t[%i] : memref<8xf32>
    %n = arith.addf %a, %v : f32
    scf.yield %n : f32
  }
  memref.store %s, %y[] : memref<f32>
  memref.store %q, %z[] : memref<f32>
  func.return
}

// Must not fire: a turn reads what another one writes.
// CHECK-LABEL: func.func @shifted
// CHECK-COUNT-2: scf.for
func.func @shifted(%x: memref<9xf32>, %y: memref<9xf32>, %z: memref<9xf32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  scf.for %i = %0 to %8 step %1 {
    %v = memref.load %x[%i] : memref<9xf32>
    memref.store %v, %y[%i] : memref<9xf32>
  }
  scf.for %i = %0 to %8 step %1 {
    %j = arith.addi %i, %1 : index
    %v = memref.load %y[%j] : memref<9xf32>
    memref.store %v, %z[%i] : memref<9xf32>
  }
  func.return
}

// Must not fire: all turns write to one element, of which the second loop needs the last value.
// CHECK-LABEL: func.func @one_element
// CHECK-COUNT-2: scf.for
func.func @one_element(%x: memref<8xf32>, %y: memref<f32>, %z: memref<8xf32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  scf.for %i = %0 to %8 step %1 {
    %v = memref.load %x[%i] : memref<8xf32>
    memref.store %v, %y[] : memref<f32>
  }
  scf.for %i = %0 to %8 step %1 {
    %v = memref.load %y[] : memref<f32>
    memref.store %v, %z[%i] : memref<8xf32>
  }
  func.return
}

// Must not fire: the second loop needs the sum of the first.
// CHECK-LABEL: func.func @needs_the_sum
// CHECK-COUNT-2: scf.for
func.func @needs_the_sum(%x: memref<8xf32>, %z: memref<8xf32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %f0 = arith.constant 0.0 : f32
  %s = scf.for %i = %0 to %8 step %1 iter_args(%a = %f0) -> (f32) {
    %v = memref.load %x[%i] : memref<8xf32>
    %n = arith.addf %a, %v : f32
    scf.yield %n : f32
  }
  scf.for %i = %0 to %8 step %1 {
    memref.store %s, %z[%i] : memref<8xf32>
  }
  func.return
}

// Must not fire: other turns; a store between; two names of one memory; columns beside rows.
// CHECK-LABEL: func.func @others
// CHECK-COUNT-8: scf.for
func.func @others(%x: memref<8xf32>, %y: memref<8xf32>, %m: memref<8x8xf32>, %one: memref<1xf32>) attributes {cladopt.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %7 = arith.constant 7 : index
  %8 = arith.constant 8 : index
  %f0 = arith.constant 0.0 : f32
  scf.for %i = %0 to %8 step %1 {
    memref.store %f0, %x[%i] : memref<8xf32>
  }
  scf.for %i = %0 to %7 step %1 {
    memref.store %f0, %y[%i] : memref<8xf32>
  }
  memref.store %f0, %y[%7] : memref<8xf32>
  scf.for %i = %0 to %7 step %1 {
    memref.store %f0, %x[%i] : memref<8xf32>
  }
  %r = memref.reinterpret_cast %y to offset: [0], sizes: [8], strides: [1] : memref<8xf32> to memref<8xf32>
  memref.store %f0, %one[%0] : memref<1xf32>
  scf.for %i = %0 to %8 step %1 {
    memref.store %f0, %y[%i] : memref<8xf32>
  }
  scf.for %i = %0 to %8 step %1 {
    %v = memref.load %r[%i] : memref<8xf32>
    memref.store %v, %x[%i] : memref<8xf32>
  }
  scf.for %i = %0 to %1 step %1 {
    memref.store %f0, %one[%i] : memref<1xf32>
  }
  scf.for %i = %0 to %8 step %1 {
    memref.store %f0, %x[%i] : memref<8xf32>
  }
  scf.for %i = %0 to %8 step %1 {
    %v = memref.load %m[%i, %0] : memref<8x8xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  func.return
}

// Must not fire: pointers of what is no kernel may be one.
// CHECK-LABEL: func.func @no_kernel
// CHECK-COUNT-2: scf.for
func.func @no_kernel(%x: memref<8xf32>, %y: memref<8xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %f0 = arith.constant 0.0 : f32
  scf.for %i = %0 to %8 step %1 {
    memref.store %f0, %x[%i] : memref<8xf32>
  }
  scf.for %i = %0 to %8 step %1 {
    memref.store %f0, %y[%i] : memref<8xf32>
  }
  func.return
}
