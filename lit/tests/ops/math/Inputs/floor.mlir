"func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "math.floor"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "math.floor"(%arg0, %wrong) : (f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "math.floor"(%wrong) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong2"} : () -> ()
