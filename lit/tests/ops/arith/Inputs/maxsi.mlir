"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %0 = "arith.maxsi"(%arg0) : (i64) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.maxsi"(%arg0, %arg1, %wrong) : (i64, i64, tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.maxsi"(%wrong, %arg1) : (tuple<>, i64) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong2"} : () -> ()
