"func.func"() ({
  ^bb0(%arg0: i64):
    %0 = "arith.index_cast"() : () -> index
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.index_cast"(%arg0, %wrong) : (i64, tuple<>) -> index
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.index_cast"(%wrong) : (tuple<>) -> index
    "func.return"() : () -> ()
  }) {function_type = (i64) -> (), sym_name = "wrong2"} : () -> ()
