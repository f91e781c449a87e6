package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Exponentials and logarithms.
const (
	OpExp       ir.OpName = "aten.exp"
	OpExp2      ir.OpName = "aten.exp2"
	OpExpm1     ir.OpName = "aten.expm1"
	OpLog       ir.OpName = "aten.log"
	OpLog1p     ir.OpName = "aten.log1p"
	OpLog2      ir.OpName = "aten.log2"
	OpLog10     ir.OpName = "aten.log10"
	OpLogaddexp ir.OpName = "aten.logaddexp"
	OpXlogy     ir.OpName = "aten.xlogy"
)

// Exp is e to the x.
func Exp(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpExp, x) }

// Log is the natural logarithm of x.
func Log(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpLog, x) }

// Log1p is log(1 + x).
func Log1p(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpLog1p, x) }

func exponentialDefs() []*ir.OpDef {
	unary := func(name ir.OpName) lane1 {
		return func(b *ir.Builder, x *ir.Value) *ir.Value { return math.Unary(b, name, x) }
	}
	xlogy := floatBinary(OpXlogy, "x log y, 0 where x is 0", []string{
		"aten::xlogy.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor",
		"aten::xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor",
	}, xlogyLane)
	return []*ir.OpDef{
		floatUnary(OpExp, "exponential of a tensor", math.Exp),
		floatUnary(OpExp2, "two to the power of a tensor", unary(math.OpExp2)),
		floatUnary(OpExpm1, "exponential of a tensor, minus 1", math.ExpM1),
		floatUnary(OpLog, "natural logarithm of a tensor", math.Log),
		floatUnary(OpLog1p, "logarithm of 1 plus a tensor", math.Log1p),
		floatUnary(OpLog2, "binary logarithm of a tensor", unary(math.OpLog2)),
		floatUnary(OpLog10, "decimal logarithm of a tensor", unary(math.OpLog10)),
		floatBinary(OpLogaddexp, "log(exp(x) + exp(y)) without overflow", []string{
			schema(OpLogaddexp, "Tensor self, Tensor other"),
		}, logaddexpLane),
		xlogy,
	}
}

// logaddexpLane is max(x, y) + log1p(exp(-|x - y|)), written so that the derivative
// at x = y is half for each.
func logaddexpLane(b *ir.Builder, x, y *ir.Value) *ir.Value {
	first := arith.CmpF(b, arith.OGE, x, y)
	larger := arith.Select(b, first, x, y)
	// Equal infinities have no difference.
	same := arith.AndI(b, arith.CmpF(b, arith.OEQ, x, y),
		arith.CmpF(b, arith.OEQ, math.AbsF(b, x), constant(b, gomath.Inf(1), x)))
	a, c := arith.Select(b, same, constant(b, 0, x), x), arith.Select(b, same, constant(b, 0, x), y)
	gap := arith.Select(b, first, arith.SubF(b, c, a), arith.SubF(b, a, c))
	sum := arith.AddF(b, larger, math.Log1p(b, math.Exp(b, gap)))
	return arith.Select(b, same, x, sum)
}

// xlogyLane is 0 where x is 0 unless y is NaN. ATen's gradient of x is log y, 0 where x
// is 0 and y not positive; that of y is x / y always, so NaN where both are 0, which
// the derivative of x sqrt(y) is there too.
func xlogyLane(b *ir.Builder, x, y *ir.Value) *ir.Value {
	zero := constant(b, 0, x)
	none := arith.CmpF(b, arith.OEQ, x, zero)
	low, top := arith.CmpF(b, arith.OLE, y, zero), arith.CmpF(b, arith.OEQ, y, constant(b, gomath.Inf(1), y))
	still := arith.AndI(b, none, arith.OrI(b, low, top)) // 0 times infinity is 0
	product := arith.MulF(b, x, math.Log(b, guarded(b, not(b, still), y, 1)))
	origin := arith.AndI(b, still, arith.CmpF(b, arith.OEQ, y, zero))
	flat := arith.MulF(b, x, math.Sqrt(b, guarded(b, origin, y, 1)))
	return arith.Select(b, still, arith.Select(b, origin, flat, zero), product)
}
