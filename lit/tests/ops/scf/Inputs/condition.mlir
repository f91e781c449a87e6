"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.while"() ({
      "scf.condition"(%arg0) : (i1) -> ()
    }, {
    ^bb0(%arg2: f32):
      "scf.yield"() : () -> ()
    }) : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.while"() ({
    %wrong = "test.value"() : () -> tuple<>
      "scf.condition"(%arg0, %arg1, %wrong) : (i1, f32, tuple<>) -> ()
    }, {
    ^bb0(%arg2: f32):
      "scf.yield"() : () -> ()
    }) : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1, %arg1: f32):
    %0 = "scf.while"() ({
    %wrong = "test.value"() : () -> tuple<>
      "scf.condition"(%wrong, %arg1) : (tuple<>, f32) -> ()
    }, {
    ^bb0(%arg2: f32):
      "scf.yield"() : () -> ()
    }) : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (i1, f32) -> (), sym_name = "wrong2"} : () -> ()
