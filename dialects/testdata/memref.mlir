// Memory: known and unknown sizes and layouts, slices that drop dimensions.
func.func @memory(%m: memref<4x8xf32>, %p: memref<4x8xf32, strided<[16, 2], offset: 5>>, %n: index, %z: memref<f32>, %near: memref<8xf32, 1>) -> index {
  %c0 = arith.constant 0 : index
  %0 = memref.alloc() {alignment = 64 : i64} : memref<4x8xf32>
  %1 = memref.alloc(%n) : memref<?x8xf32>
  %2 = memref.alloc(%n)[%n, %c0] : memref<?x8xf32, strided<[?, 1], offset: ?>>
  %3 = memref.alloca() : memref<0x4xi1>
  %4 = memref.alloca(%n, %n) {cladopt.row} : memref<?x?xf64>
  %5 = memref.load %m[%n, %c0] : memref<4x8xf32>
  %6 = memref.load %z[] {cladopt.note} : memref<f32>
  memref.store %5, %p[%c0, %n] : memref<4x8xf32, strided<[16, 2], offset: 5>>
  memref.store %6, %z[] {nontemporal = true} : memref<f32>
  memref.copy %m, %p : memref<4x8xf32> to memref<4x8xf32, strided<[16, 2], offset: 5>>
  memref.copy %m, %1 {cladopt.note} : memref<4x8xf32> to memref<?x8xf32>
  %7 = memref.alloc() : memref<256xi8>
  %8 = memref.view %7[%n][] : memref<256xi8> to memref<4x8xf32>
  %9 = memref.view %7[%c0][%n] {cladopt.slot = 3 : i64} : memref<256xi8> to memref<?x2xi64>
  %10 = memref.reinterpret_cast %m to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>
  %11 = memref.reinterpret_cast %m to offset: [%n], sizes: [4, %n], strides: [%n, 2] : memref<4x8xf32> to memref<4x?xf32, strided<[?, 2], offset: ?>>
  %12 = memref.reinterpret_cast %m to offset: [3], sizes: [], strides: [] : memref<4x8xf32> to memref<f32, strided<[], offset: 3>>
  %13 = memref.subview %m[1, 2] [2, 3] [1, 2] : memref<4x8xf32> to memref<2x3xf32, strided<[8, 2], offset: 10>>
  %14 = memref.subview %p[1, 2] [2, 3] [1, 2] : memref<4x8xf32, strided<[16, 2], offset: 5>> to memref<2x3xf32, strided<[16, 4], offset: 25>>
  %15 = memref.subview %m[%n, 0] [2, %n] [1, 1] : memref<4x8xf32> to memref<2x?xf32, strided<[8, 1], offset: ?>>
  %16 = memref.subview %m[1, 0] [1, 8] [1, 1] : memref<4x8xf32> to memref<8xf32, strided<[1], offset: 8>>
  %17 = memref.subview %m[0, 0] [4, 8] [1, 1] {cladopt.all} : memref<4x8xf32> to memref<4x8xf32>
  %18 = memref.subview %near[2] [4] [%n] : memref<8xf32, 1> to memref<4xf32, strided<[?], offset: 2>, 1>
  %19 = memref.cast %m : memref<4x8xf32> to memref<?x8xf32>
  %20 = memref.cast %m : memref<4x8xf32> to memref<?x?xf32, strided<[?, 1], offset: ?>>
  %21 = memref.dim %19, %c0 : memref<?x8xf32>
  memref.dealloc %0 : memref<4x8xf32>
  memref.dealloc %1 {cladopt.note} : memref<?x8xf32>
  func.return %21 : index
}
