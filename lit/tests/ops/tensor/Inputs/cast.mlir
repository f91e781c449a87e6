"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>):
    %0 = "tensor.cast"() : () -> tensor<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.cast"(%arg0, %wrong) : (tensor<4x8xf32>, tuple<>) -> tensor<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.cast"(%wrong) : (tuple<>) -> tensor<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
