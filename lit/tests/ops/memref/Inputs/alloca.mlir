"func.func"() ({
  ^bb0(%arg0: index):
    %0 = "memref.alloca"() {alignment = 64 : i64, operand_segment_sizes = array<i32: 1, 0>} : () -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (index) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.alloca"(%arg0, %wrong) {alignment = 64 : i64, operand_segment_sizes = array<i32: 1, 0>} : (index, tuple<>) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (index) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.alloca"(%wrong) {alignment = 64 : i64, operand_segment_sizes = array<i32: 1, 0>} : (tuple<>) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (index) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: index):
    %0 = "memref.alloca"(%arg0) : (index) -> memref<?x8xf32>
    "func.return"() : () -> ()
  }) {function_type = (index) -> (), sym_name = "wrong3"} : () -> ()
