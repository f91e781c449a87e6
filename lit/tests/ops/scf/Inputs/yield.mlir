"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.if"(%arg0) ({
      "scf.yield"() : () -> ()
    }, {
      "scf.yield"(%arg1) : (f32) -> ()
    }) : (i1) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.if"(%arg0) ({
    %wrong = "test.value"() : () -> tuple<>
      "scf.yield"(%arg1, %wrong) : (f32, tuple<>) -> ()
    }, {
      "scf.yield"(%arg1) : (f32) -> ()
    }) : (i1) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.if"(%arg0) ({
    %wrong = "test.value"() : () -> tuple<>
      "scf.yield"(%wrong) : (tuple<>) -> ()
    }, {
      "scf.yield"(%arg1) : (f32) -> ()
    }) : (i1) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong2"} : () -> ()
