"func.func"() ({
  ^bb0(%arg0: f32, %arg1: memref<4x8xf32>, %arg2: index, %arg3: index):
    "memref.store"(%arg0, %arg1, %arg2) : (f32, memref<4x8xf32>, index) -> ()
    "func.return"() : () -> ()
  }) {function_type = (f32, memref<4x8xf32>, index, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: memref<4x8xf32>, %arg2: index, %arg3: index):
    %wrong = "test.value"() : () -> tuple<>
    "memref.store"(%arg0, %arg1, %arg2, %arg3, %wrong) : (f32, memref<4x8xf32>, index, index, tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (f32, memref<4x8xf32>, index, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: f32, %arg1: memref<4x8xf32>, %arg2: index, %arg3: index):
    %wrong = "test.value"() : () -> tuple<>
    "memref.store"(%wrong, %arg1, %arg2, %arg3) : (tuple<>, memref<4x8xf32>, index, index) -> ()
    "func.return"() : () -> ()
  }) {function_type = (f32, memref<4x8xf32>, index, index) -> (), sym_name = "wrong2"} : () -> ()
