"func.func"() ({
  ^bb0(%arg0: tensor<4xf32>, %arg1: f32):
    %0 = "linalg.generic"(%arg0) ({
    ^bb0(%arg2: f32):
      "linalg.yield"() : () -> ()
    }) {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [#linalg.iterator_type<parallel>], operand_segment_sizes = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4xf32>, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4xf32>, %arg1: f32):
    %0 = "linalg.generic"(%arg0) ({
    ^bb0(%arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
      "linalg.yield"(%arg1, %wrong) : (f32, tuple<>) -> ()
    }) {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [#linalg.iterator_type<parallel>], operand_segment_sizes = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4xf32>, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4xf32>, %arg1: f32):
    %0 = "linalg.generic"(%arg0) ({
    ^bb0(%arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
      "linalg.yield"(%wrong) : (tuple<>) -> ()
    }) {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = [#linalg.iterator_type<parallel>], operand_segment_sizes = array<i32: 0, 1>} : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4xf32>, f32) -> (), sym_name = "wrong2"} : () -> ()
