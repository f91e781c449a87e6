// cf.assert: ends the function with a message unless a condition holds.
// RUN: cladopt opt %s | FileCheck %s
// RUN: cladopt opt %s --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt opt %s --generic | cladopt opt - | FileCheck %s
// RUN: not cladopt opt %S/Inputs/assert.mlir 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK: cf.assert %{{.+}}, "index out of range"
// GENERIC: "cf.assert"(%{{.+}}) {msg = "index out of range"} : (i1) -> ()
// WRONG: error: cf.assert: got 0 operands, expected 1 (V2)
// WRONG: error: cf.assert: got 2 operands, expected 1 (V2)
// WRONG: error: cf.assert: operand 0 (arg) must be i1, got tuple<> (V2)
// WRONG: error: cf.assert: requires attribute "msg", a string (V2)
func.func @example(%arg0: i1) {
  cf.assert %arg0, "index out of range"
  func.return
}
