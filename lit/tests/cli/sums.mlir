// Only sums may be computed in another order, and GCC is told so only of loops whose turns do not wait for each other.
// RUN: cladopt compile %S/../../../testdata/observed/big_square_sum.graph --engine=builtin --emit=cpp | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/linear_relu_linear_mse.graph --engine=builtin --emit=cpp | FileCheck %s --check-prefix=MEMORY
// RUN: cladopt compile %S/../../../testdata/observed/cumsum_minmax.graph --engine=builtin --emit=cpp | FileCheck %s --check-prefix=SCAN

// CHECK: #define CT_SUM(...) CT_PRAGMA(omp simd reduction(+ : __VA_ARGS__))
// CHECK: #pragma clang fp reassociate(on)
// CHECK: CT_SUM([[ACC:acc[0-9]+]])
// CHECK-NEXT: for
// CHECK: [[ACC]] = ct::sum([[ACC]],

// A sum in memory, and one of an outer loop.
// MEMORY: void k2(
// MEMORY-NOT: CT_SUM
// MEMORY: for (int64_t i
// MEMORY: CT_SUM
// MEMORY-NEXT: for (int64_t j
// MEMORY: void k0_pullback_first(
// MEMORY-NOT: CT_SUM
// MEMORY: y1[j] = ct::sum(y1[j],

// Must not be asked for: each turn of a scan stores what it has so far.
// SCAN: void k1(
// SCAN-NOT: ct::sum
// SCAN: = acc0 + ((double)(x0[
// SCAN-NOT: ct::sum
// SCAN: acc0 = v
