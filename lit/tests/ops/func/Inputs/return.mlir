"func.func"() ({
  ^bb0(%arg0: f32):
    "func.return"() : () -> ()
  }) {function_type = (f32) -> f32, sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    "func.return"(%arg0, %wrong) : (f32, tuple<>) -> ()
  }) {function_type = (f32) -> f32, sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    "func.return"(%wrong) : (tuple<>) -> ()
  }) {function_type = (f32) -> f32, sym_name = "wrong2"} : () -> ()
