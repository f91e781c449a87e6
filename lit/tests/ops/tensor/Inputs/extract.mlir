"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index, %arg2: index):
    %0 = "tensor.extract"(%arg0, %arg1) : (tensor<4x8xf32>, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.extract"(%arg0, %arg1, %arg2, %wrong) : (tensor<4x8xf32>, index, index, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.extract"(%wrong, %arg1, %arg2) : (tuple<>, index, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>, index, index) -> (), sym_name = "wrong2"} : () -> ()
