"func.func"() ({
  ^bb0(%arg0: i32):
    %0 = "arith.extsi"() : () -> i64
    "func.return"() : () -> ()
  }) {function_type = (i32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.extsi"(%arg0, %wrong) : (i32, tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.extsi"(%wrong) : (tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i32) -> (), sym_name = "wrong2"} : () -> ()
