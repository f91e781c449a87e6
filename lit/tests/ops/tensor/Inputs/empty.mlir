"func.func"() ({
    %wrong = "test.value"() : () -> tuple<>
    %0 = "tensor.empty"(%wrong) : (tuple<>) -> tensor<4x8xf32>
    "func.return"() : () -> ()
  }) {function_type = () -> (), sym_name = "wrong0"} : () -> ()
