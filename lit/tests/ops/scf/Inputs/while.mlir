"func.func"() ({
  ^bb0(%arg0: f32, %arg1: i1):
    %0 = "scf.while"() ({
    ^bb0(%arg2: f32):
      "scf.condition"(%arg1, %arg2) : (i1, f32) -> ()
    }, {
    ^bb0(%arg3: f32):
      %1 = "arith.addf"(%arg3, %arg3) : (f32, f32) -> f32
      "scf.yield"(%1) : (f32) -> ()
    }) : () -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, i1) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.while"(%arg0, %wrong) ({
    ^bb0(%arg2: f32):
      "scf.condition"(%arg1, %arg2) : (i1, f32) -> ()
    }, {
    ^bb0(%arg3: f32):
      %1 = "arith.addf"(%arg3, %arg3) : (f32, f32) -> f32
      "scf.yield"(%1) : (f32) -> ()
    }) : (f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, i1) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: i1):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.while"(%wrong) ({
    ^bb0(%arg2: f32):
      "scf.condition"(%arg1, %arg2) : (i1, f32) -> ()
    }, {
    ^bb0(%arg3: f32):
      %1 = "arith.addf"(%arg3, %arg3) : (f32, f32) -> f32
      "scf.yield"(%1) : (f32) -> ()
    }) : (tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (f32, i1) -> (), sym_name = "wrong2"} : () -> ()
