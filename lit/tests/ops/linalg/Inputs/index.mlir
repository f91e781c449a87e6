"func.func"() ({
  ^bb0(%arg0: tensor<4xf32>):
    %0 = "linalg.generic"(%arg0) ({
    ^bb0(%arg1: f32):
    %wrong = "test.value"() : () -> tuple<>
      %1 = "linalg.index"(%wrong) {dim = 0 : i64} : (tuple<>) -> index
      "linalg.yield"(%arg1) : (f32) -> ()
    }) {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [#linalg.iterator_type<parallel>], operand_segment_sizes = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4xf32>):
    %0 = "linalg.generic"(%arg0) ({
    ^bb0(%arg1: f32):
      %1 = "linalg.index"() : () -> index
      "linalg.yield"(%arg1) : (f32) -> ()
    }) {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [#linalg.iterator_type<parallel>], operand_segment_sizes = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4xf32>) -> (), sym_name = "wrong1"} : () -> ()
