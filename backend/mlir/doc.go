// Package mlir prepares a module at the loop level for MLIR's own tools, as
// mlir-opt-16 and mlir-translate-16 take it to LLVM IR.
//
// The loop level is MLIR as it stands. What is changed is what MLIR's lowering would
// make wrong or useless in a library that another program loads: an assertion would
// end the process, memory on the stack that a loop allocates would pile up, and
// kernels would be symbols that everyone sees.
package mlir
