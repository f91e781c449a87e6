"func.func"() ({
  ^bb0(%arg0: memref<256xi8>, %arg1: index, %arg2: index):
    %0 = "memref.view"(%arg0, %arg1) : (memref<256xi8>, index) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<256xi8>, index, index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<256xi8>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.view"(%arg0, %arg1, %arg2, %wrong) : (memref<256xi8>, index, index, tuple<>) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<256xi8>, index, index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<256xi8>, %arg1: index, %arg2: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.view"(%wrong, %arg1, %arg2) : (tuple<>, index, index) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<256xi8>, index, index) -> (), sym_name = "wrong2"} : () -> ()
