package arith

import (
	"math"

	"github.com/cladopt/cladopt/ir"
)

// The float ops.
const (
	OpAddF ir.OpName = "arith.addf"
	OpSubF ir.OpName = "arith.subf"
	OpMulF ir.OpName = "arith.mulf"
	OpDivF ir.OpName = "arith.divf"
	OpRemF ir.OpName = "arith.remf"
	OpMaxF ir.OpName = "arith.maxf"
	OpMinF ir.OpName = "arith.minf"
	OpNegF ir.OpName = "arith.negf"
)

// AddF is x + y.
func AddF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpAddF, x, y) }

// SubF is x - y.
func SubF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpSubF, x, y) }

// MulF is x * y.
func MulF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMulF, x, y) }

// DivF is x / y.
func DivF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpDivF, x, y) }

// RemF is the remainder of x / y with the sign of x, as C's fmod.
func RemF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpRemF, x, y) }

// MaxF is the larger of x and y, NaN if one is NaN.
func MaxF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMaxF, x, y) }

// MinF is the smaller of x and y, NaN if one is NaN.
func MinF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMinF, x, y) }

// NegF is -x.
func NegF(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpNegF, x) }

func floatDefs() []*ir.OpDef {
	binary := func(name ir.OpName, summary, cpp string, eval func(x, y float64) float64,
		vjp func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value)) *ir.OpDef {
		return &ir.OpDef{
			Name: name, Summary: summary, Cpp: cpp,
			Example:  "%r = " + string(name) + " %x, %y : f32",
			Operands: ir.Params(ir.P("lhs", floatLike), ir.P("rhs", floatLike)),
			Results:  ir.Params(ir.P("result", floatLike)),
			Traits:   ir.Pure,
			Infer:    sameAsOperand, Verify: sameOperands,
			Print: PrintSameType, Parse: ParseSameType,
			Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
				return ir.Scalar{F: eval(in[0].F, in[1].F)}, nil
			},
			VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
				dx, dy := vjp(b, op.Operand(0), op.Operand(1), d[0])
				return []*ir.Value{dx, dy}
			},
		}
	}
	// pick routes the adjoint to the one that the result came from, half to each where
	// they are equal and all to both where one is NaN, as ATen's maximum and minimum do.
	pick := func(lost Predicate) func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value) {
		return func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value) {
			zero := ConstantF(b, 0, d.Type())
			half := MulF(b, d, ConstantF(b, 0.5, d.Type()))
			equal := CmpF(b, OEQ, x, y)
			dx = Select(b, equal, half, Select(b, CmpF(b, lost, x, y), zero, d))
			dy = Select(b, equal, half, Select(b, CmpF(b, lost, y, x), zero, d))
			return dx, dy
		}
	}
	ops := []*ir.OpDef{
		binary(OpAddF, "sum of two floats", "$0 + $1", func(x, y float64) float64 { return x + y },
			func(_ *ir.Builder, _, _, d *ir.Value) (dx, dy *ir.Value) { return d, d }),
		binary(OpSubF, "difference of two floats", "$0 - $1", func(x, y float64) float64 { return x - y },
			func(b *ir.Builder, _, _, d *ir.Value) (dx, dy *ir.Value) { return d, NegF(b, d) }),
		binary(OpMulF, "product of two floats", "$0 * $1", func(x, y float64) float64 { return x * y },
			func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value) { return MulF(b, d, y), MulF(b, d, x) }),
		binary(OpDivF, "quotient of two floats", "$0 / $1", func(x, y float64) float64 { return x / y },
			func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value) {
				dx = DivF(b, d, y)
				return dx, NegF(b, MulF(b, dx, DivF(b, x, y)))
			}),
		binary(OpRemF, "remainder of two floats, with the sign of the dividend", "ct::fmod($0, $1)", math.Mod,
			func(b *ir.Builder, x, y, d *ir.Value) (dx, dy *ir.Value) {
				// x rem y = x - y * trunc(x / y), the truncated quotient being locally constant.
				quotient := DivF(b, SubF(b, x, RemF(b, x, y)), y)
				return d, NegF(b, MulF(b, d, quotient))
			}),
		binary(OpMaxF, "larger of two floats, NaN if one is", "ct::max($0, $1)", orNaN(math.Max), pick(OLT)),
		binary(OpMinF, "smaller of two floats, NaN if one is", "ct::min($0, $1)", orNaN(math.Min), pick(OGT)),
		{
			Name: OpNegF, Summary: "negation of a float", Cpp: "-$0",
			Example:  "%r = arith.negf %x : f32",
			Operands: ir.Params(ir.P("operand", floatLike)),
			Results:  ir.Params(ir.P("result", floatLike)),
			Traits:   ir.Pure,
			Infer:    sameAsOperand, Verify: sameOperands,
			Print: PrintSameType, Parse: ParseSameType,
			Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) { return ir.Scalar{F: -in[0].F}, nil },
			VJP: func(b *ir.Builder, _ *ir.Op, d []*ir.Value) []*ir.Value {
				return []*ir.Value{NegF(b, d[0])}
			},
		},
	}
	for _, op := range ops {
		if op.Name == OpAddF || op.Name == OpMulF || op.Name == OpMaxF || op.Name == OpMinF {
			op.Traits |= ir.Commutative
		}
	}
	return ops
}

// orNaN is NaN where an operand is, as math.Max of an infinity and NaN is not.
func orNaN(f func(x, y float64) float64) func(x, y float64) float64 {
	return func(x, y float64) float64 {
		if x != x || y != y {
			return math.NaN()
		}
		return f(x, y)
	}
}
