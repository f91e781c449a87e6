"func.func"() ({
  ^bb0(%arg0: f64):
    %0 = "arith.truncf"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (f64) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.truncf"(%arg0, %wrong) : (f64, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f64) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f64):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.truncf"(%wrong) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f64) -> (), sym_name = "wrong2"} : () -> ()
