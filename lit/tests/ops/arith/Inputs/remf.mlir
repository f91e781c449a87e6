"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %0 = "arith.remf"(%arg0) : (f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.remf"(%arg0, %arg1, %wrong) : (f32, f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.remf"(%wrong, %arg1) : (tuple<>, f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, f32) -> (), sym_name = "wrong2"} : () -> ()
