"func.func"() ({
  ^bb0(%arg0: i1):
    %0 = "arith.uitofp"() : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.uitofp"(%arg0, %wrong) : (i1, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "arith.uitofp"(%wrong) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong2"} : () -> ()
