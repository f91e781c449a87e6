"func.func"() ({
  ^bb0(%arg0: tensor<32x2xf32>):
    %0 = "tensor.expand_shape"() {reassociation = [[0 : i64, 1 : i64], [2 : i64]]} : () -> tensor<4x8x2xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<32x2xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<32x2xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.expand_shape"(%arg0, %wrong) {reassociation = [[0 : i64, 1 : i64], [2 : i64]]} : (tensor<32x2xf32>, tuple<>) -> tensor<4x8x2xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<32x2xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<32x2xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.expand_shape"(%wrong) {reassociation = [[0 : i64, 1 : i64], [2 : i64]]} : (tuple<>) -> tensor<4x8x2xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<32x2xf32>) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: tensor<32x2xf32>):
    %0 = "tensor.expand_shape"(%arg0) : (tensor<32x2xf32>) -> tensor<4x8x2xf32>
    "func.return"() : () -> ()
  }) {function_type = (tensor<32x2xf32>) -> (), sym_name = "wrong3"} : () -> ()
