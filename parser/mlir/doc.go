// Package mlir reads IR text: MLIR 16's generic form of every op, the pretty forms
// of the ops that define one, and the uniform pretty form of dialects like aten.
//
//	m, err := mlir.Parse(ctx, "file.mlir", src)
//
// It is written by hand for speed: one pass over the bytes, no tokens, types kept by
// their text. The error is a *diag.List of everything found, each with position,
// source line and caret. Parse does not verify.
//
// Not read: control flow between blocks (successors), forward references.
package mlir
