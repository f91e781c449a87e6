// opt verifies and optimises what is emitted: the sum of squares becomes vectors.
// REQUIRES: opt
// RUN: cladopt compile %S/../../../testdata/observed/big_square_sum.graph --emit=llvm | opt-16 -mtriple=x86_64 '-passes=verify,default<O3>' -S | FileCheck %s

// CHECK-LABEL: define {{.*}}i32 @ct_forward(
// CHECK: fmul nsz arcp contract <4 x float>
