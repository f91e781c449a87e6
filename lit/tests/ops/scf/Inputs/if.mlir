"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %0 = "scf.if"() ({
      "scf.yield"(%arg1) : (f32) -> ()
    }, {
      "scf.yield"(%arg2) : (f32) -> ()
    }) : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.if"(%arg0, %wrong) ({
      "scf.yield"(%arg1) : (f32) -> ()
    }, {
      "scf.yield"(%arg2) : (f32) -> ()
    }) : (i1, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32, %arg2: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.if"(%wrong) ({
      "scf.yield"(%arg1) : (f32) -> ()
    }, {
      "scf.yield"(%arg2) : (f32) -> ()
    }) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32, f32) -> (), sym_name = "wrong2"} : () -> ()
