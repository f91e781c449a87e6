// What --via=mlir hands to mlir-opt, and that MLIR's tools make a library of it: an
// assertion sets a status that the function returns, kernels are of the library alone.
// RUN: cladopt compile %S/../../../testdata/observed/embedding_lookup.graph --emit=mlir | FileCheck %s
// RUN: cladopt compile %S/../../../testdata/observed/embedding_lookup.graph --emit=mlir --generic | FileCheck %s --check-prefix=GENERIC
// RUN: cladopt compile %S/../../../testdata/observed/embedding_lookup.graph --emit=mlir | mlir-opt-16 --verify-each --canonicalize | cladopt opt - | FileCheck %s --check-prefix=BACK
// RUN: cladopt compile %S/../../../testdata/observed/embedding_lookup.graph --emit=mlir --generic | mlir-opt-16 --mlir-print-op-generic | cladopt opt - | FileCheck %s
// RUN: cladopt check %S/../../../testdata/observed/embedding_lookup.graph %S/../../../testdata/observed/embedding_lookup.safetensors --engine=builtin --via=mlir | FileCheck %s --check-prefix=SAME
// RUN: not cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=cpp --engine=builtin --via=mlir 2>&1 | FileCheck %s --check-prefix=CPP
// RUN: not cladopt compile %S/../../../testdata/observed/square_sum.graph --emit=mlir --engine=clad 2>&1 | FileCheck %s --check-prefix=CLAD
// REQUIRES: mlir-opt && via-mlir

// CHECK-LABEL: func.func @graph(
// CHECK-SAME: -> i32
// CHECK: %[[STATUS:.*]] = memref.alloca() : memref<i32>
// CHECK: %[[FAILED:.*]] = func.call @k0(
// CHECK: memref.store %[[FAILED]], %[[STATUS]][]
// CHECK: scf.if
// CHECK-NEXT: func.call @k1(
// CHECK-LABEL: func.func @k0(
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
// CHECK-NOT: cf.assert
// CHECK: %[[IN:.*]] = arith.cmpi ult
// CHECK: %[[OUT:.*]] = arith.constant 16 : i32
// CHECK: arith.select %[[IN]], %{{.*}}, %[[OUT]] : i32

// GENERIC: "func.func"() ({
// GENERIC-NOT: "cf.assert"
// GENERIC: "memref.alloca"() {operand_segment_sizes = array<i32: 0, 0>} : () -> memref<i32>

// BACK-LABEL: func.func @graph(
// BACK: scf.for
// BACK-LABEL: func.func @graph_backward(

// SAME: ok builtin output.0
// SAME: ok builtin grad_input.1

// CPP: --emit=cpp is a stage of --via=cpp, not of --via=mlir
// CLAD: --emit=mlir is a stage of --engine=builtin
