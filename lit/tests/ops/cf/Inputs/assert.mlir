"func.func"() ({
  ^bb0(%arg0: i1):
    "cf.assert"() {msg = "index out of range"} : () -> ()
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong0"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    "cf.assert"(%arg0, %wrong) {msg = "index out of range"} : (i1, tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong1"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    %wrong = "test.value"() : () -> tuple<>
    "cf.assert"(%wrong) {msg = "index out of range"} : (tuple<>) -> ()
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong2"} : () -> ()
// -----
"func.func"() ({
  ^bb0(%arg0: i1):
    "cf.assert"(%arg0) : (i1) -> ()
    "func.return"() : () -> ()
  }) {function_type = (i1) -> (), sym_name = "wrong3"} : () -> ()
