// Loops that make enough work run on the threads that the host lends: a function of
// their own runs some of their turns.
// RUN: cladopt compile %S/../../../engine/testdata/threads/softmax.graph --emit=cpp | FileCheck %s
// RUN: cladopt compile %S/../../../engine/testdata/threads/softmax.graph --emit=loops | FileCheck %s --check-prefix=LOOPS
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=cpp | FileCheck %s --check-prefix=SMALL
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=loops | FileCheck %s --check-prefix=MARKED

// CHECK: static inline void parallel(
// CHECK: __attribute__((noinline)) static void k0_part0(int64_t begin, int64_t end, 
// CHECK: for (int64_t i = begin; i < end; ++i) {
// CHECK-LABEL: static void k0(
// CHECK: ct::parallel({{[0-9]+}}, 1, [&](int64_t begin, int64_t end) { k0_part0(begin, end, 
// CHECK: CT_EXPORT int ct_forward(
// CHECK: ct::Lend lend(host);

// Sums over the rows are made in blocks, each with a partial sum on a cache line of its own.
// LOOPS: memref.alloca() : memref<{{[0-9]+}}x16xf32>
// LOOPS: cladopt.parallel = {{[0-9]+}} : i64

// Must not be shared: there is too little to do.
// SMALL-NOT: parallel
// SMALL-NOT: Lend
// SMALL: ct_backward

// The sum must not be made in blocks; the elementwise loop is marked all the same.
// MARKED: func.func @k0(
// MARKED-NOT: cladopt.parallel
// MARKED: func.func @k0_pullback
// MARKED: cladopt.parallel
