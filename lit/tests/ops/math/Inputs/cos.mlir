"func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "math.cos"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "math.cos"(%arg0, %wrong) : (f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "math.cos"(%wrong) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong2"} : () -> ()
