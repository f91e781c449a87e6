// Package interp is the reference interpreter: it runs functions on tensors (the
// aten and kernel levels) and functions on memory (the loop level) and needs
// nothing but Go. It is the oracle that other engines are held against.
//
//	x := interp.New(module)
//	results, err := x.Call("graph", args)
//
// What a scalar op computes its definition says (Eval); an elementwise op is run
// from its Scalar body, a structured op from its Lower or Loops. Only control flow
// and memory are written here: func, scf, cf.assert, memref, linalg and tensor.
//
// # Numbers
//
// A float is rounded to its type after every op, an integer wraps to its width, i1
// is 0 or 1. There is one exception: in a linalg.generic that reduces on tensors,
// f32 is computed in float64 and rounded once, when the result is whole. The tensor
// level says what is summed but not in which order; an oracle has to be nearer to
// the true sum than any order that an engine may take, so that a difference is the
// engine's error. The loop level says the order, and there every addition rounds.
//
// # Errors
//
// An index out of bounds, an integer division by zero, a failed assertion and a
// recursion without end are located errors. Whether memory was written before it
// is read is not tracked: fresh memory is zero. Sizes must be known; memory of more
// than [MaxBytes] is refused. A module that verifies does not make it panic.
//
// # Speed
//
// A function is compiled once, when it is first called, to closures over numbered
// slots: shapes, strides and constants are looked up then, and no map is per
// element. A scalar op takes some 10 ns.
package interp
