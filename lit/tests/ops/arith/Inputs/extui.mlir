"func.func"() ({
  ^bb0(%arg0: i1):
    %0 = "arith.extui"() : () -> i64
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.extui"(%arg0, %wrong) : (i1, tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.extui"(%wrong) : (tuple<>) -> i64
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong2"} : () -> ()
