package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Elementwise extrema.
const (
	OpMaximum ir.OpName = "aten.maximum"
	OpMinimum ir.OpName = "aten.minimum"
	OpFmax    ir.OpName = "aten.fmax"
	OpFmin    ir.OpName = "aten.fmin"
)

// Maximum is the larger of x and y, NaN if one is.
func Maximum(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMaximum, x, y) }

// Minimum is the smaller of x and y, NaN if one is.
func Minimum(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMinimum, x, y) }

// extremum is the larger (or smaller) of two, NaN if one is; where they are equal
// each has half of the derivative.
func extremum(b *ir.Builder, most bool, x, y *ir.Value) *ir.Value {
	switch {
	case ir.IsFloat(x.Type()) && most:
		return arith.MaxF(b, x, y)
	case ir.IsFloat(x.Type()):
		return arith.MinF(b, x, y)
	case ir.IsBool(x.Type()) && most:
		return arith.OrI(b, x, y)
	case ir.IsBool(x.Type()):
		return arith.AndI(b, x, y)
	case most:
		return arith.MaxSI(b, x, y)
	}
	return arith.MinSI(b, x, y)
}

func extremumDefs() []*ir.OpDef {
	nan := func(most bool) lane2 {
		return func(b *ir.Builder, x, y *ir.Value) *ir.Value { return extremum(b, most, x, y) }
	}
	// A number beats a NaN.
	number := func(most bool) lane2 {
		return func(b *ir.Builder, x, y *ir.Value) *ir.Value {
			if !ir.IsFloat(x.Type()) {
				return extremum(b, most, x, y)
			}
			return arith.Select(b, isNaN(b, y), x, arith.Select(b, isNaN(b, x), y, extremum(b, most, x, y)))
		}
	}
	// The first where it is the one sought or the second is NaN, and then its gradient is the whole.
	first := func(better comparison) lane2 {
		return func(b *ir.Builder, x, y *ir.Value) *ir.Value {
			return arith.Select(b, arith.OrI(b, compare(b, better, x, y), isNaN(b, y)), x, y)
		}
	}
	return []*ir.OpDef{
		sameBinary(OpMaximum, "larger of two tensors, NaN if one is", []string{
			schema(OpMaximum, "Tensor self, Tensor other"), "aten::max.other(Tensor self, Tensor other) -> Tensor"}, nan(true)),
		sameBinary(OpMinimum, "smaller of two tensors, NaN if one is", []string{
			schema(OpMinimum, "Tensor self, Tensor other"), "aten::min.other(Tensor self, Tensor other) -> Tensor"}, nan(false)),
		withConvention(sameBinary(OpFmax, "larger of two tensors, NaN if both are",
			[]string{schema(OpFmax, "Tensor self, Tensor other")}, number(true)), firstTies, first(isGE)),
		withConvention(sameBinary(OpFmin, "smaller of two tensors, NaN if both are",
			[]string{schema(OpFmin, "Tensor self, Tensor other")}, number(false)), firstTies, first(isLE)),
	}
}
