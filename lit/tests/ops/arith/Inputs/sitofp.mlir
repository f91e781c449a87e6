"func.func"() ({
  ^bb0(%arg0: i64):
    %0 = "arith.sitofp"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.sitofp"(%arg0, %wrong) : (i64, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.sitofp"(%wrong) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong2"} : () -> ()
