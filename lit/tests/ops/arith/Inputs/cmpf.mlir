"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %0 = "arith.cmpf"(%arg0) {predicate = 4 : i64} : (f32) -> i1
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.cmpf"(%arg0, %arg1, %wrong) {predicate = 4 : i64} : (f32, f32, tuple<>) -> i1
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.cmpf"(%wrong, %arg1) {predicate = 4 : i64} : (tuple<>, f32) -> i1
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %0 = "arith.cmpf"(%arg0, %arg1) : (f32, f32) -> i1
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong3"} : () -> ()
