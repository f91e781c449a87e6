// Turns of a long loop are computed at once where the C++ compiler would compute one after the other.
// RUN: cladopt compile %S/../../../testdata/observed/big_pointwise_chain.graph --engine=builtin --emit=cpp | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/big_square_sum.graph --engine=builtin --emit=cpp | FileCheck %s --check-prefix=SHORT
// RUN: cladopt compile %S/../../../testdata/observed/activations.graph --engine=builtin --emit=cpp | FileCheck %s --check-prefix=FEW

// CHECK: #define CT_TOGETHER(turns) CT_PRAGMA(clang loop interleave_count(turns))
// CHECK: void k0_part0(
// CHECK: CT_TOGETHER(4)
// CHECK-NEXT: for (int64_t k = 0; k < 1024; ++k) {

// Must not be asked for: the body is short, or all turns together are few.
// SHORT-NOT: CT_TOGETHER
// FEW-NOT: CT_TOGETHER

// LLVM IR says so as metadata of the loop.
// RUN: cladopt compile %S/../../../testdata/observed/big_pointwise_chain.graph --engine=builtin --via=llvm --emit=llvm | FileCheck %s --check-prefix=LLVM
// LLVM: distinct !{!{{[0-9]+}}, !{{[0-9]+}}, !{!"llvm.loop.interleave.count", i32 4}}
