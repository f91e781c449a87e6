"func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "arith.fptosi"() : () -> i64
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.fptosi"(%arg0, %wrong) : (f32, tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.fptosi"(%wrong) : (tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong2"} : () -> ()
