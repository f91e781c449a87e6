"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %0 = "scf.parallel"(%arg0, %arg1, %arg2) ({
    ^bb0(%arg4: index):
      "scf.reduce"(%arg3) ({
      ^bb0(%arg5: f32, %arg6: f32):
        %1 = "arith.addf"(%arg5, %arg6) : (f32, f32) -> f32
        "scf.reduce.return"(%1) : (f32) -> ()
      }) : (f32) -> ()
      "scf.yield"() : () -> ()
    }) {operand_segment_sizes = array<i32: 1, 1, 1, 1>} : (index, index, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.parallel"(%arg0, %arg1, %arg2, %arg3, %wrong) ({
    ^bb0(%arg4: index):
      "scf.reduce"(%arg3) ({
      ^bb0(%arg5: f32, %arg6: f32):
        %1 = "arith.addf"(%arg5, %arg6) : (f32, f32) -> f32
        "scf.reduce.return"(%1) : (f32) -> ()
      }) : (f32) -> ()
      "scf.yield"() : () -> ()
    }) {operand_segment_sizes = array<i32: 1, 1, 1, 1>} : (index, index, index, f32, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index, %arg1: index, %arg2: index, %arg3: f32):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "scf.parallel"(%wrong, %arg1, %arg2, %arg3) ({
    ^bb0(%arg4: index):
      "scf.reduce"(%arg3) ({
      ^bb0(%arg5: f32, %arg6: f32):
        %1 = "arith.addf"(%arg5, %arg6) : (f32, f32) -> f32
        "scf.reduce.return"(%1) : (f32) -> ()
      }) : (f32) -> ()
      "scf.yield"() : () -> ()
    }) {operand_segment_sizes = array<i32: 1, 1, 1, 1>} : (tuple<>, index, index, f32) -> f32
    "func.return"() : () -> ()
  }) {function_type = (index, index, index, f32) -> (), sym_name = "wrong2"} : () -> ()
