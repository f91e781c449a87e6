// Package engine takes an imported graph to something that runs: it chooses the
// pipeline, calls a back end and a compiler where the engine wants one, and runs
// the result on tensors.
//
//	interp   the reference interpreter in Go; needs nothing
//	builtin  C++ compiled by the system's compiler, or by another route (Options.Via); cladopt derives the gradient
//	clad     C++ whose scalar bodies and chain of kernels Clad derives; needs Clad and its clang
//	auto     clad where it is found, else builtin where a C++ compiler is, else interp; the result says which and why
//
// An engine asked for by name never falls to another.
package engine
