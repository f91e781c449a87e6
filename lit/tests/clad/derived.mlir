// What Clad makes of the C++ for a small graph: docs/clad-form.md quotes both.
// REQUIRES: clad
// RUN: cladopt compile %S/../../../testdata/observed/broadcast_mul_relu_sum.graph --emit=clad | FileCheck %s --check-prefix=FORM
// RUN: cladopt compile %S/../../../testdata/observed/broadcast_mul_relu_sum.graph --emit=clad-derived | FileCheck %s --check-prefix=DERIVED

// The scalar body: no memory, no loops; its last argument is the adjoint.
// FORM: #pragma clad ON
// FORM: static inline float b0(float x0, float x1, float x2) {
// FORM-NEXT: const float v0 = x0 * x1;
// FORM-NEXT: return ((v0 <= 0.0f) ? 0.0f : v0) * x2;
// FORM: auto d = clad::gradient(b0, "x0, x1");
// FORM-NEXT: d.getFunctionPtr()(x0, x1, x2, d_x0, d_x1, nullptr);
// The pullback: loops of ours around Clad's derivative.
// FORM-LABEL: static void k0_pullback_first(
// FORM: b0_grad(x0[i * 8 + j], x1[j], x2[0], &v0, &v1);
// The graph: a line of calls.
// FORM-LABEL: inline void graph(
// FORM-NEXT: k0(state, x0, x1, y0);
// FORM-NEXT: }
// FORM: __attribute__((flatten)) static inline void k0_pullback(
// FORM: auto d = clad::gradient(g::graph, "x0, x1, y0");

// DERIVED: inline void b0_grad_0_1(
// DERIVED-NOT: tape
// DERIVED: *_d_x0 += _d_v0 * x1;
// DERIVED: inline void graph_grad_1_2_3(
// DERIVED-NEXT: k0(state, x0, x1, y0);
// DERIVED-NEXT: clad::custom_derivatives::g::k0_pullback(state, x0, x1, y0, _d_x0, _d_x1, _d_y0);
// DERIVED-NEXT: }
