"func.func"() ({
  ^bb0(%arg0: tensor<2x3xf32>, %arg1: tensor<4x8xf32>):
    %0 = "tensor.insert_slice"(%arg0) {operand_segment_sizes = array<i32: 1, 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<2x3xf32>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<2x3xf32>, tensor<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<2x3xf32>, %arg1: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.insert_slice"(%arg0, %arg1, %wrong) {operand_segment_sizes = array<i32: 1, 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<2x3xf32>, tensor<4x8xf32>, tuple<>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<2x3xf32>, tensor<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<2x3xf32>, %arg1: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.insert_slice"(%wrong, %arg1) {operand_segment_sizes = array<i32: 1, 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tuple<>, tensor<4x8xf32>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<2x3xf32>, tensor<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<2x3xf32>, %arg1: tensor<4x8xf32>):
    %0 = "tensor.insert_slice"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<2x3xf32>, tensor<4x8xf32>) -> (), sym_name = "wrong3"} : () -> ()
