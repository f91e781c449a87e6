// --gemm=blas leaves large products to the host's BLAS, with loops where it lends none; a
// transposed operand is "T", and b comes before a, since a BLAS counts by columns.
// RUN: cladopt compile %S/../../../testdata/observed/big_mlp.graph --engine=builtin --emit=cpp --gemm=blas | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/big_mlp.graph --emit=clad --gemm=blas | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/big_mlp.graph --engine=builtin --emit=cpp | FileCheck %s --check-prefix=LOOPS
// RUN: cladopt compile %S/../../../testdata/observed/linear_relu_linear_mse.graph --engine=builtin --emit=cpp --gemm=blas | FileCheck %s --check-prefix=SMALL
// RUN: not cladopt compile %S/../../../testdata/observed/big_mlp.graph --emit=so --engine=builtin --via=llvm --gemm=blas -o %t 2>&1 | FileCheck %s --check-prefix=LLVM
// RUN: not cladopt compile %S/../../../testdata/observed/big_mlp.graph --emit=mlir --gemm=blas 2>&1 | FileCheck %s --check-prefix=MLIR
// RUN: not cladopt compile %S/../../../testdata/observed/big_mlp.graph --emit=clad --clad-style=plain --gemm=blas 2>&1 | FileCheck %s --check-prefix=PLAIN
// RUN: not cladopt run %S/../../../testdata/observed/square_sum.graph %S/../../../testdata/observed/square_sum.safetensors --engine=interp --gemm=blas 2>&1 | FileCheck %s --check-prefix=INTERP

// CHECK: static inline const ct_host *lent()
// CHECK-LABEL: void k0(
// CHECK: if (ct::lends_gemm<float>()) {
// CHECK-NEXT: ct::gemm_blas<float>("T", "N", 512, 256, 784, x1, 784, x0, 784, {{t0|y0}}, 512, false);
// CHECK-NEXT: } else {
// CHECK-NEXT: ct::gemm_shared<float, 256, 512>(784, x0, 784, 1, x1, 1, 784, {{t0|y0}}, 512, false);
// CHECK-NEXT: }
// CHECK: ct::gemm_blas<float>("N", "T",
// CHECK: ct::Lend lend(host);

// LOOPS-NOT: blas

// Must not be left to a BLAS: it is too small to gain.
// SMALL-NOT: gemm_blas
// SMALL-NOT: Lend
// SMALL: ct_backward

// LLVM: cladopt: --gemm=blas: the way via llvm calls no BLAS; use cpp
// MLIR: cladopt: --gemm=blas: the way via mlir calls no BLAS; use cpp
// PLAIN: cladopt: --gemm=blas: the plain style has bare loops, of which Clad derives everything, and calls no BLAS; use style kernels
// INTERP: cladopt: --gemm=blas: engine interp calls no BLAS; use engine builtin or clad
