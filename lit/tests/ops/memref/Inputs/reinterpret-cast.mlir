"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %0 = "memref.reinterpret_cast"() {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 0>, static_sizes = array<i64: 32>, static_strides = array<i64: 1>} : () -> memref<32xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.reinterpret_cast"(%arg0, %wrong) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 0>, static_sizes = array<i64: 32>, static_strides = array<i64: 1>} : (memref<4x8xf32>, tuple<>) -> memref<32xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.reinterpret_cast"(%wrong) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 0>, static_sizes = array<i64: 32>, static_strides = array<i64: 1>} : (tuple<>) -> memref<32xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %0 = "memref.reinterpret_cast"(%arg0) : (memref<4x8xf32>) -> memref<32xf32>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong3"} : () -> ()
