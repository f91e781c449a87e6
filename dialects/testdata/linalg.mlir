// Nests: on tensors and on memory, reductions, strided and constant reads, several
// outputs, no loops at all, scalars as inputs; named ops with all kinds of elements.
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @tensors(%x: tensor<4x8xf32>, %y: tensor<8x3xf32>, %long: tensor<20xf32>, %v: f32, %b: tensor<2x4x8xf32>, %c: tensor<2x8x3xf32>, %i: tensor<4x4xi32>, %p: tensor<4x4xi1>, %d: tensor<?x8xf32>) -> tensor<4x3xf32> {
  %e0 = tensor.empty() : tensor<f32>
  %e1 = tensor.empty() : tensor<4xf32>
  %e2 = tensor.empty() : tensor<4x3xf32>
  %e3 = tensor.empty() : tensor<2x4x3xf32>
  %e4 = tensor.empty() : tensor<4x8xi64>
  %f = linalg.fill ins(%v : f32) outs(%e2 : tensor<4x3xf32>) -> tensor<4x3xf32>
  %g = linalg.fill {cladopt.note} ins(%v : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  %m = linalg.matmul ins(%x, %y : tensor<4x8xf32>, tensor<8x3xf32>) outs(%f : tensor<4x3xf32>) -> tensor<4x3xf32>
  %n = linalg.matmul {cladopt.note = 1 : i64} ins(%i, %i : tensor<4x4xi32>, tensor<4x4xi32>) outs(%i : tensor<4x4xi32>) -> tensor<4x4xi32>
  %o = linalg.matmul ins(%p, %p : tensor<4x4xi1>, tensor<4x4xi1>) outs(%p : tensor<4x4xi1>) -> tensor<4x4xi1>
  %q = linalg.matmul ins(%d, %y : tensor<?x8xf32>, tensor<8x3xf32>) outs(%f : tensor<4x3xf32>) -> tensor<4x3xf32>
  %r = linalg.batch_matmul ins(%b, %c : tensor<2x4x8xf32>, tensor<2x8x3xf32>) outs(%e3 : tensor<2x4x3xf32>) -> tensor<2x4x3xf32>
  %sum = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1) -> (d0, 0)>, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %x : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e1 : tensor<4xf32>) {
  ^bb0(%a: f32, %first: f32, %acc: f32):
    %0 = arith.mulf %a, %first : f32
    %1 = arith.addf %0, %acc : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  %window:2 = linalg.generic {doc = "a window that moves by two", indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1 + 1)>, #row, #id], iterator_types = ["parallel", "reduction"], library_call = "pool"} ins(%long : tensor<20xf32>) outs(%e1, %x : tensor<4xf32>, tensor<4x8xf32>) attrs = {cladopt.kind = "pool", cladopt.note} {
  ^bb0(%a: f32, %acc: f32, %out: f32):
    %0 = arith.maxf %a, %acc : f32
    linalg.yield %0, %a : f32, f32
  } -> (tensor<4xf32>, tensor<4x8xf32>)
  %index = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> ((d0 floordiv 2) mod 4, d1 ceildiv 2)>, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e4 : tensor<4x8xi64>) {
  ^bb0(%a: f32, %out: i64):
    %0 = linalg.index 1 : index
    %1 = arith.index_cast %0 : index to i64
    linalg.yield %1 : i64
  } -> tensor<4x8xi64>
  %scalar = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%v : f32) outs(%e0 : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<f32>
  %open = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%d : tensor<?x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x8xf32>
  func.return %m : tensor<4x3xf32>
}
func.func @memory(%x: memref<4x8xf32>, %y: memref<8x3xf32, strided<[1, 8]>>, %z: memref<4x3xf32>, %b: memref<2x4x8xf64>, %c: memref<2x8x3xf64>, %d: memref<2x4x3xf64>, %v: f32, %t: tensor<4x8xf32>) {
  linalg.fill ins(%v : f32) outs(%z : memref<4x3xf32>)
  linalg.matmul ins(%x, %y : memref<4x8xf32>, memref<8x3xf32, strided<[1, 8]>>) outs(%z : memref<4x3xf32>)
  linalg.batch_matmul {cladopt.note} ins(%b, %c : memref<2x4x8xf64>, memref<2x8x3xf64>) outs(%d : memref<2x4x3xf64>)
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%x : memref<4x8xf32>) {
  ^bb0(%out: f32):
    linalg.yield %v : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%t : tensor<4x8xf32>) outs(%x : memref<4x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  }
  func.return
}
