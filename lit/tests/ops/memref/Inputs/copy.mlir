"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: memref<4x8xf32, strided<[1, 4]>>):
    "memref.copy"(%arg0) : (memref<4x8xf32>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, memref<4x8xf32, strided<[1, 4]>>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: memref<4x8xf32, strided<[1, 4]>>):
    %wrong = "test.value"() : () -> tuple<>
    "memref.copy"(%arg0, %arg1, %wrong) : (memref<4x8xf32>, memref<4x8xf32, strided<[1, 4]>>, tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, memref<4x8xf32, strided<[1, 4]>>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>, %arg1: memref<4x8xf32, strided<[1, 4]>>):
    %wrong = "test.value"() : () -> tuple<>
    "memref.copy"(%wrong, %arg1) : (tuple<>, memref<4x8xf32, strided<[1, 4]>>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>, memref<4x8xf32, strided<[1, 4]>>) -> (), sym_name = "wrong2"} : () -> ()
