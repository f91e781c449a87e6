"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %0 = "scf.for"(%arg0, %arg1, %arg2) ({
    ^bb0(%arg4: index, %arg5: f32):
      "scf.yield"(%arg5) : (f32) -> ()
    }) : (index, index, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.for"(%arg0, %arg1, %arg2, %arg3, %wrong) ({
    ^bb0(%arg4: index, %arg5: f32):
      "scf.yield"(%arg5) : (f32) -> ()
    }) : (index, index, index, f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.for"(%wrong, %arg1, %arg2, %arg3) ({
    ^bb0(%arg4: index, %arg5: f32):
      "scf.yield"(%arg5) : (f32) -> ()
    }) : (tuple<>, index, index, f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong2"} : () -> ()
