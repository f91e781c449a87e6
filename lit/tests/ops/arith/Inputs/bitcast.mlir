"func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "arith.bitcast"() : () -> i32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.bitcast"(%arg0, %wrong) : (f32, tuple<>) -> i32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.bitcast"(%wrong) : (tuple<>) -> i32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong2"} : () -> ()
