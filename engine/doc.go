// Package engine takes an imported graph to something that runs: it chooses the
// pipeline, calls a back end and a compiler where the engine wants one, and runs
// the result on tensors.
//
//	interp   the reference interpreter in Go; needs nothing
//	builtin  C++ compiled by the system's compiler, or by another route (Options.Via); cladopt derives the gradient
//	auto     builtin where a C++ compiler is found, else interp; the result says which and why
//
// An engine asked for by name never falls to another.
package engine
