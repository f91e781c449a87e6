"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %0 = "memref.subview"() {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : () -> memref<2x3xf32, strided<[8, 2], offset: 10>>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.subview"(%arg0, %wrong) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (memref<4x8xf32>, tuple<>) -> memref<2x3xf32, strided<[8, 2], offset: 10>>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %wrong = "test.value"() : () -> tuple<>
    %0 = "memref.subview"(%wrong) {operand_segment_sizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 1, 2>, static_sizes = array<i64: 2, 3>, static_strides = array<i64: 1, 2>} : (tuple<>) -> memref<2x3xf32, strided<[8, 2], offset: 10>>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: memref<4x8xf32>):
    %0 = "memref.subview"(%arg0) : (memref<4x8xf32>) -> memref<2x3xf32, strided<[8, 2], offset: 10>>
    "func.return"() : () -> ()
  }) {function_type = (memref<4x8xf32>) -> (), sym_name = "wrong3"} : () -> ()
