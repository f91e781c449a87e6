package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Rounding, signs and absolute values.
const (
	OpAbs   ir.OpName = "aten.abs"
	OpSign  ir.OpName = "aten.sign"
	OpFloor ir.OpName = "aten.floor"
	OpCeil  ir.OpName = "aten.ceil"
	OpRound ir.OpName = "aten.round"
	OpTrunc ir.OpName = "aten.trunc"
	OpFrac  ir.OpName = "aten.frac"
)

// Abs is the absolute value of x.
func Abs(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpAbs, x) }

// Sign is -1, 0 or 1.
func Sign(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSign, x) }

func roundingDefs() []*ir.OpDef {
	// rounded leaves integers as they are.
	rounded := func(name ir.OpName) lane1 {
		return func(b *ir.Builder, x *ir.Value) *ir.Value {
			if !ir.IsFloat(x.Type()) {
				return x
			}
			return math.Unary(b, name, x)
		}
	}
	defs := []*ir.OpDef{
		sameUnary(OpAbs, "absolute value of a tensor, with derivative 0 at 0", func(b *ir.Builder, x *ir.Value) *ir.Value {
			if ir.IsFloat(x.Type()) {
				return math.AbsF(b, x)
			}
			return arith.Select(b, compare(b, isLT, x, constant(b, 0, x)), neg(b, x), x)
		}),
		sameUnary(OpSign, "sign of a tensor: -1, 0 or 1, 0 for NaN", func(b *ir.Builder, x *ir.Value) *ir.Value {
			if ir.IsBool(x.Type()) {
				return x
			}
			zero := constant(b, 0, x)
			return arith.Select(b, compare(b, isGT, x, zero), constant(b, 1, x),
				arith.Select(b, compare(b, isLT, x, zero), constant(b, -1, x), zero))
		}),
		sameUnary(OpFloor, "tensor rounded down", rounded(math.OpFloor)),
		sameUnary(OpCeil, "tensor rounded up", rounded(math.OpCeil)),
		sameUnary(OpRound, "tensor rounded to the nearest integers, ties to even", rounded(math.OpRound)),
		sameUnary(OpTrunc, "tensor rounded towards zero", rounded(math.OpTrunc)),
		sameUnary(OpFrac, "fractional part of a tensor, with its sign", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.SubF(b, x, math.Unary(b, math.OpTrunc, x))
		}),
	}
	frac := defs[len(defs)-1]
	frac.Operands, frac.Results = ir.Params(ir.P("self", floatTensor)), ir.Params(ir.P("out", floatTensor))
	for _, def := range defs {
		switch def.Name {
		case OpAbs:
			def.Torch = append(def.Torch, "aten::absolute(Tensor self) -> Tensor")
			def.Infer = inferNumber
		case OpSign:
			def.Torch = append(def.Torch, "aten::sgn(Tensor self) -> Tensor")
		case OpTrunc:
			def.Torch = append(def.Torch, "aten::fix(Tensor self) -> Tensor")
			def.Infer = inferNumber
		case OpFloor, OpCeil, OpRound:
			def.Infer = inferNumber
		}
	}
	return defs
}
