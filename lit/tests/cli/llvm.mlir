// LLVM IR of the loop level: typed pointers up to version 16, opaque ones from 17 on.
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=llvm | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=llvm --llvm-version=19 | FileCheck %s --check-prefix=OPAQUE
// RUN: cladopt compile %S/../../../testdata/observed/gpt2_block.graph --emit=llvm | FileCheck %s --check-prefix=CALLS
// RUN: cladopt compile %S/../../../testdata/observed/embedding_lookup.graph --emit=llvm | FileCheck %s --check-prefix=DATA
// RUN: not cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=llvm --llvm-version=9 2>&1 | FileCheck %s --check-prefix=OLD

// CHECK: ; k0 (square_sum.graph:2,4)
// CHECK-NEXT: define internal void @k0(float* noalias align 4 %x0, float* noalias align 4 %y0) #0 {
// CHECK: phi float [ 0.0, %{{.*}} ]
// CHECK: fmul nsz arcp contract float
// CHECK: fadd reassoc nsz arcp contract float
// CHECK: br label %loop{{[0-9]+}}, !llvm.loop ![[LOOP:[0-9]+]]
// CHECK: define i32 @ct_forward(i8* %host, i8** %in, i8** %out, i8* %ws)
// CHECK: define i32 @ct_backward(
// CHECK: "reciprocal-estimates"="none"
// CHECK: ![[LOOP]] = distinct !{![[LOOP]], !{{[0-9]+}}}

// There may be NaN and infinities.
// CHECK-NOT: nnan
// CHECK-NOT: ninf

// OPAQUE: define internal void @k0(ptr noalias align 4 %x0, ptr noalias align 4 %y0)
// OPAQUE-NOT: {{(i8|float)\*}}
// OPAQUE: define i32 @ct_backward(ptr %host,

// Products and elementary functions are calls of what llvm-link puts in.
// CALLS: call void @ct_gemm_f32_{{[0-9]+_[0-9]+}}(i64
// CALLS: call nsz arcp contract float @ct_tanh_f32(float
// CALLS: declare float @ct_tanh_f32(float{{.*}}) #1
// CALLS: attributes #1 = { nounwind readnone willreturn }

// An assertion that does not hold ends the function with its code.
// DATA: define internal i32 @k0(
// DATA: br i1 %{{.*}}, label %ok1, label %fail1
// DATA: fail1:
// DATA-NEXT: ret i32 16

// OLD: --llvm-version: got 9, expected 14 to 22
