"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    "memref.dealloc"() : () -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    "memref.dealloc"(%arg0, %wrong) : (memref<4x8xf32>, tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    "memref.dealloc"(%wrong) : (tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
