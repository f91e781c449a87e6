"func.func"() ({
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.constant"(%wrong) {value = 1.0 : f32} : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = () -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
    %0 = "arith.constant"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = () -> (), sym_name = "wrong1"} : () -> ()
