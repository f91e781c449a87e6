package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// What ops that are written as loops over memory share.

// size is a constant of index type.
func size(b *ir.Builder, n int64) *ir.Value { return arith.ConstantI(b, n, ir.Index) }

// forRange runs body for each i from lo to below hi.
func forRange(b *ir.Builder, lo, hi *ir.Value, body func(b *ir.Builder, i *ir.Value)) {
	forStep(b, lo, hi, 1, body)
}

// forStep runs body for lo, lo+step, .. below hi.
func forStep(b *ir.Builder, lo, hi *ir.Value, step int64, body func(b *ir.Builder, i *ir.Value)) {
	scf.For(b, lo, hi, size(b, step), nil, func(b *ir.Builder, i *ir.Value, _ []*ir.Value) []*ir.Value {
		body(b, i)
		return nil
	})
}

// forShape runs body for each place in a tensor of the given shape.
func forShape(b *ir.Builder, shape []int64, body func(b *ir.Builder, at []*ir.Value)) {
	var nest func(b *ir.Builder, at []*ir.Value)
	nest = func(b *ir.Builder, at []*ir.Value) {
		if len(at) == len(shape) {
			body(b, at)
			return
		}
		forRange(b, size(b, 0), size(b, shape[len(at)]), func(b *ir.Builder, i *ir.Value) {
			nest(b, append(at[:len(at):len(at)], i))
		})
	}
	nest(b, nil)
}

// fillMemory stores v everywhere in m.
func fillMemory(b *ir.Builder, v, m *ir.Value) {
	forShape(b, shapeOf(m), func(b *ir.Builder, at []*ir.Value) { memref.Store(b, v, m, at...) })
}

// zeroMemory stores 0 everywhere in m.
func zeroMemory(b *ir.Builder, m *ir.Value) {
	fillMemory(b, arith.ConstantOf(b, ir.Scalar{}, elemOf(m)), m)
}

// copyMemory copies all elements between memrefs of one shape.
func copyMemory(b *ir.Builder, from, to *ir.Value) {
	forShape(b, shapeOf(from), func(b *ir.Builder, at []*ir.Value) {
		memref.Store(b, memref.Load(b, from, at...), to, at...)
	})
}

// addTo adds v to the element of m at a place.
func addTo(b *ir.Builder, v, m *ir.Value, at []*ir.Value) {
	memref.Store(b, add(b, memref.Load(b, m, at...), v), m, at...)
}

// with is a copy of at whose entry d is v.
func with(at []*ir.Value, d int, v *ir.Value) []*ir.Value {
	out := append([]*ir.Value{}, at...)
	out[d] = v
	return out
}
