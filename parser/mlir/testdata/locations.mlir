#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1)>
#loc1 = loc("a.py":3:4)
#loc2 = loc("b.py":5:6)
#loc4 = loc(unknown)
module attributes {test.x = #map1} {
  func.func @f(%arg0: memref<4x8xf32> loc("arg"), %arg1: memref<8xf32> loc("named"("c.py":1:2))) {
    %c0 = arith.constant 0 : index loc(callsite("inner"("a.py":3:4) at "b.py":5:6))
    %c1 = arith.constant 1 : index loc(fused<"meta">["x.py":1:1, "y.py":2:2])
    %c2 = arith.constant 2 : index loc(fused["x.py":1:1, "named", unknown])
    %c3 = arith.constant 3 : index loc(#loc4)
    linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["reduction", "parallel"]} ins(%arg0 : memref<4x8xf32>) outs(%arg1 : memref<8xf32>) {
    ^bb0(%a: f32 loc(#loc1), %b: f32 loc(#loc2)):
      %0 = arith.addf %a, %b : f32 loc(callsite(#loc1 at #loc2))
      linalg.yield %0 : f32
    }
    return loc("named")
  } loc(callsite("f" at callsite("g" at "h")))
} loc(#loc2)
