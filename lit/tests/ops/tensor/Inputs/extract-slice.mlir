"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index):
    %0 = "tensor.extract_slice"(%arg0) {operand_segment_sizes = array<i32: 1, 1, 0, 0>, static_offsets = array<i64: 1, -9223372036854775808>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<4x8xf32>) -> tensor<2x3xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.extract_slice"(%arg0, %arg1, %wrong) {operand_segment_sizes = array<i32: 1, 1, 0, 0>, static_offsets = array<i64: 1, -9223372036854775808>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tensor<4x8xf32>, index, tuple<>) -> tensor<2x3xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.extract_slice"(%wrong, %arg1) {operand_segment_sizes = array<i32: 1, 1, 0, 0>, static_offsets = array<i64: 1, -9223372036854775808>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tuple<>, index) -> tensor<2x3xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index):
    %0 = "tensor.extract_slice"(%arg0, %arg1) : (tensor<4x8xf32>, index) -> tensor<2x3xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index) -> (), sym_name = "wrong3"} : () -> ()
