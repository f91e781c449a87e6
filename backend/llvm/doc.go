// Package llvm prints a module at the loop level as LLVM IR, through llir/llvm.
//
// What it prints has the entry points of the contract with the caller, and the same
// kernels as the C++ of package cpp: clang's C++ front end has no part in them.
//
//	; k0: aten.mul (mlp.graph:2), aten.sum (mlp.graph:4)
//	define internal void @k0(float* noalias align 4 %x0, float* noalias align 4 %y0) #0 {
//	...
//	  %10 = fmul nsz arcp contract float %9, %9
//
// Options.Version chooses the form of pointers: float* up to LLVM 16, ptr from 17 on.
// LLVM 14 reads the first only, 15 to 19 read both.
//
// Elementary functions and products of matrices are calls of functions that package cpp
// has the text of. Support is that text, with the names that are called here; a compiler
// makes LLVM IR of it once, and llvm-link puts it in, to be inlined.
//
// Loops marked for the host's threads run in the thread that calls.
package llvm
