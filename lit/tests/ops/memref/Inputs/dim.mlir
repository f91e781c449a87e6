"func.func"() ({
  ^bb0(%arg0: memref<?x8xf32>, %arg1: index):
    %0 = "memref.dim"(%arg0) : (memref<?x8xf32>) -> index
    "func.return"() : () -> ()
  }) {function_type = (memref<?x8xf32>, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<?x8xf32>, %arg1: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.dim"(%arg0, %arg1, %wrong) : (memref<?x8xf32>, index, tuple<>) -> index
    "func.return"() : () -> ()
  }) {function_type = (memref<?x8xf32>, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<?x8xf32>, %arg1: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.dim"(%wrong, %arg1) : (tuple<>, index) -> index
    "func.return"() : () -> ()
  }) {function_type = (memref<?x8xf32>, index) -> (), sym_name = "wrong2"} : () -> ()
