"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %0 = "memref.cast"() : () -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.cast"(%arg0, %wrong) : (memref<4x8xf32>, tuple<>) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.cast"(%wrong) : (tuple<>) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
