"func.func"() ({
  }) {function_type = (f32) -> f32, sym_name = "f", sym_visibility = "private"} : () -> ()
  "func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "func.call"() {callee = @f} : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  }) {function_type = (f32) -> f32, sym_name = "f", sym_visibility = "private"} : () -> ()
  "func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "func.call"(%arg0, %wrong) {callee = @f} : (f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  }) {function_type = (f32) -> f32, sym_name = "f", sym_visibility = "private"} : () -> ()
  "func.func"() ({
  ^bb0(%arg0: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "func.call"(%wrong) {callee = @f} : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  }) {function_type = (f32) -> f32, sym_name = "f", sym_visibility = "private"} : () -> ()
  "func.func"() ({
  ^bb0(%arg0: f32):
    %0 = "func.call"(%arg0) : (f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32) -> (), sym_name = "wrong3"} : () -> ()
