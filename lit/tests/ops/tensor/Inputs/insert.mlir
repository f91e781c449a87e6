"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>, %arg2: index, %arg3: index):
    %0 = "tensor.insert"(%arg0, %arg1, %arg2) : (f32, tensor<4x8xf32>, index) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>, index, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>, %arg2: index, %arg3: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.insert"(%arg0, %arg1, %arg2, %arg3, %wrong) : (f32, tensor<4x8xf32>, index, index, tuple<>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>, index, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: tensor<4x8xf32>, %arg2: index, %arg3: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.insert"(%wrong, %arg1, %arg2, %arg3) : (tuple<>, tensor<4x8xf32>, index, index) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (f32, tensor<4x8xf32>, index, index) -> (), sym_name = "wrong2"} : () -> ()
