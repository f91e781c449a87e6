"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %0 = "arith.cmpi"(%arg0) {predicate = 2 : i64} : (i64) -> i1
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.cmpi"(%arg0, %arg1, %wrong) {predicate = 2 : i64} : (i64, i64, tuple<>) -> i1
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.cmpi"(%wrong, %arg1) {predicate = 2 : i64} : (tuple<>, i64) -> i1
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i64, %arg1: i64):
    %0 = "arith.cmpi"(%arg0, %arg1) : (i64, i64) -> i1
    "func.return"() : () -> ()
  }) {function_type = (i64, i64) -> (), sym_name = "wrong3"} : () -> ()
