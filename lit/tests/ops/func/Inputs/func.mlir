%wrong = "test.value"() : () -> tuple<>
"func.func"(%wrong) ({
  ^bb0(%arg0: f32):
    "func.return"(%arg0) : (f32) -> ()
  }) {function_type = (f32) -> f32, sym_name = "f"} : (tuple<>) -> ()
