"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: index, %arg2: index):
    %0 = "memref.load"(%arg0, %arg1) : (memref<4x8xf32>, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, index, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.load"(%arg0, %arg1, %arg2, %wrong) : (memref<4x8xf32>, index, index, tuple<>) -> f32
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, index, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.load"(%wrong, %arg1, %arg2) : (tuple<>, index, index) -> f32
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, index, index) -> (), sym_name = "wrong2"} : () -> ()
