#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1 + 1, d0 * 2)>
module @named attributes {k.note = "q\22\C3\A9", k.unit} {
  func.func private @declared(f32, memref<4xf32, strided<[2], offset: ?>>) -> (f32, index)
  func.func @loops(%arg0: memref<4x8xf32>, %arg1: f32 {k.a = 1 : i32}) -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %cst = arith.constant 0xFF800000 : f32
    %0 = scf.for %arg2 = %c0 to %c4 step %c1 iter_args(%arg3 = %cst) -> (f32) {
      %1 = memref.load %arg0[%arg2, %c1] : memref<4x8xf32>
      %2 = arith.cmpf ogt, %1, %arg3 : f32
      %3 = scf.if %2 -> (f32) {
        scf.yield %1 : f32
      } else {
        scf.yield %arg3 : f32
      }
      %4 = arith.maxf %3, %arg1 : f32
      scf.yield %4 : f32
    }
    scf.for %arg2 = %c0 to %c4 step %c1 {
      %5 = math.exp %arg1 : f32
      memref.store %5, %arg0[%arg2, %c0] : memref<4x8xf32>
    }
    %6 = arith.constant true
    %7 = arith.select %6, %0, %arg1 : f32
    return %7 : f32
  }
  func.func @generic(%arg0: tensor<4x8xf32>, %arg1: tensor<9x7xi64>) -> tensor<4x8xf32> {
    %0 = tensor.empty() : tensor<4x8xf32>
    %cst = arith.constant 1.000000e-30 : f32
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<4x8xf32>) -> tensor<4x8xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %arg1 : tensor<4x8xf32>, tensor<9x7xi64>) outs(%1 : tensor<4x8xf32>) attrs = {k.mark = 3 : i64} {
    ^bb0(%in: f32, %in_0: i64, %out: f32):
      %3 = linalg.index 1 : index
      %4 = arith.index_cast %3 : index to i64
      %5 = arith.addi %4, %in_0 : i64
      %6 = arith.sitofp %5 : i64 to f32
      %7 = arith.addf %6, %out : f32
      linalg.yield %7 : f32
    } -> tensor<4x8xf32>
    return %2 : tensor<4x8xf32>
  }
  func.func @memory(%arg0: memref<256xi8>) -> memref<32xf32> {
    %c64 = arith.constant 64 : index
    %view = memref.view %arg0[%c64][] : memref<256xi8> to memref<4x8xf32>
    %cast = memref.reinterpret_cast %view to offset: [0], sizes: [32], strides: [1] : memref<4x8xf32> to memref<32xf32>
    %alloca = memref.alloca() : memref<4xf64>
    return %cast : memref<32xf32>
  }
}
