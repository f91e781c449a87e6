"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %0 = "arith.select"(%arg0, %arg1) : (i1, f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.select"(%arg0, %arg1, %arg2, %wrong) : (i1, f32, f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.select"(%wrong, %arg1, %arg2) : (tuple<>, f32, f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong2"} : () -> ()
