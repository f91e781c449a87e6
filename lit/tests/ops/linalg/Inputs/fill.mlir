"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>):
    %0 = "linalg.fill"(%arg0) ({
    ^bb0(%arg2: f32, %arg3: f32):
      "linalg.yield"(%arg2) : (f32) -> ()
    }) {operand_segment_sizes = array<i32: 1, 1>} : (f32) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "linalg.fill"(%arg0, %arg1, %wrong) ({
    ^bb0(%arg2: f32, %arg3: f32):
      "linalg.yield"(%arg2) : (f32) -> ()
    }) {operand_segment_sizes = array<i32: 1, 1>} : (f32, tensor<4x8xf32>, tuple<>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "linalg.fill"(%wrong, %arg1) ({
    ^bb0(%arg2: f32, %arg3: f32):
      "linalg.yield"(%arg2) : (f32) -> ()
    }) {operand_segment_sizes = array<i32: 1, 1>} : (tuple<>, tensor<4x8xf32>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
