// The plain style has no pullback of ours: Clad derives the loops too.
// REQUIRES: clad
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=clad --clad-style=plain | FileCheck %s --check-prefix=FORM
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=clad-derived --clad-style=plain | FileCheck %s --check-prefix=DERIVED

// FORM-NOT: _pullback
// FORM: namespace bare {
// FORM: clad::gradient(bare::graph, "x0, y0");
// DERIVED: k0_pullback(
// DERIVED: graph_grad

// A row without gradient is beyond it, which is said before a compiler runs.
// RUN: not cladopt compile %S/../../../engine/testdata/oracle/indexing_f64.graph --emit=clad --clad-style=plain 2>&1 | FileCheck %s --check-prefix=PADDING
// PADDING: indexing_f64.graph:116:{{.*}} aten.embedding: padding_idx = 1
