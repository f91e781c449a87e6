// Package math is MLIR's math dialect, version 16: elementary functions of floats.
//
// Values come from Go's math package, C++ from the ct:: functions that the C++
// back end writes beside the kernels (inline and vectorised where libm's are not),
// derivatives from the rules here.
package math

import (
	"math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// The ops.
const (
	OpAbsF  ir.OpName = "math.absf"
	OpAtan  ir.OpName = "math.atan"
	OpAtan2 ir.OpName = "math.atan2"
	OpCeil  ir.OpName = "math.ceil"
	OpCos   ir.OpName = "math.cos"
	OpErf   ir.OpName = "math.erf"
	OpExp   ir.OpName = "math.exp"
	OpExp2  ir.OpName = "math.exp2"
	OpExpM1 ir.OpName = "math.expm1"
	OpFloor ir.OpName = "math.floor"
	OpLog   ir.OpName = "math.log"
	OpLog10 ir.OpName = "math.log10"
	OpLog1p ir.OpName = "math.log1p"
	OpLog2  ir.OpName = "math.log2"
	OpPowF  ir.OpName = "math.powf"
	OpRound ir.OpName = "math.roundeven"
	OpRsqrt ir.OpName = "math.rsqrt"
	OpSin   ir.OpName = "math.sin"
	OpSqrt  ir.OpName = "math.sqrt"
	OpTan   ir.OpName = "math.tan"
	OpTanh  ir.OpName = "math.tanh"
	OpTrunc ir.OpName = "math.trunc"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "math", Summary: "MLIR's elementary functions", Ops: defs()}
}

// Unary applies a function of one float.
func Unary(b *ir.Builder, name ir.OpName, x *ir.Value) *ir.Value { return b.Emit(name, x) }

// Exp is e to the x.
func Exp(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpExp, x) }

// Log is the natural logarithm of x.
func Log(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpLog, x) }

// Log1p is log(1 + x).
func Log1p(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpLog1p, x) }

// ExpM1 is e to the x, minus 1.
func ExpM1(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpExpM1, x) }

// Tanh is the hyperbolic tangent of x.
func Tanh(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpTanh, x) }

// Sqrt is the square root of x.
func Sqrt(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSqrt, x) }

// Rsqrt is 1 / sqrt(x).
func Rsqrt(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpRsqrt, x) }

// Erf is the error function of x.
func Erf(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpErf, x) }

// Sin is the sine of x in radians.
func Sin(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSin, x) }

// Cos is the cosine of x in radians.
func Cos(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpCos, x) }

// AbsF is the absolute value of x.
func AbsF(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpAbsF, x) }

// Floor is x rounded down.
func Floor(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpFloor, x) }

// PowF is x to the y.
func PowF(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpPowF, x, y) }

// Atan2 is the angle of the point (x, y), y first.
func Atan2(b *ir.Builder, y, x *ir.Value) *ir.Value { return b.Emit(OpAtan2, y, x) }

// slope builds the derivative of a function of one float from its operand x and
// its result y; nil means it is zero.
type slope func(b *ir.Builder, x, y *ir.Value) *ir.Value

func defs() []*ir.OpDef {
	constant := func(b *ir.Builder, v float64, like *ir.Value) *ir.Value {
		return arith.ConstantF(b, v, like.Type())
	}
	inverse := func(b *ir.Builder, v *ir.Value) *ir.Value { return arith.DivF(b, constant(b, 1, v), v) }
	square := func(b *ir.Builder, v *ir.Value) *ir.Value { return arith.MulF(b, v, v) }
	times := func(b *ir.Builder, c float64, v *ir.Value) *ir.Value { return arith.MulF(b, v, constant(b, c, v)) }
	return []*ir.OpDef{
		unary(OpAbsF, "absolute value", "ct::abs", math.Abs, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			// ATen: grad * sgn(self), 0 at 0.
			zero := constant(b, 0, x)
			return arith.Select(b, arith.CmpF(b, arith.OGT, x, zero), constant(b, 1, x),
				arith.Select(b, arith.CmpF(b, arith.OLT, x, zero), constant(b, -1, x), zero))
		}),
		unary(OpAtan, "arc tangent", "ct::atan", math.Atan, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return inverse(b, arith.AddF(b, square(b, x), constant(b, 1, x)))
		}),
		unary(OpCeil, "rounded up", "ct::ceil", math.Ceil, nil),
		unary(OpCos, "cosine", "ct::cos", math.Cos, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return arith.NegF(b, Sin(b, x))
		}),
		unary(OpErf, "error function", "ct::erf", math.Erf, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return times(b, 2/math.Sqrt(math.Pi), Exp(b, arith.NegF(b, square(b, x))))
		}),
		unary(OpExp, "exponential", "ct::exp", math.Exp, func(_ *ir.Builder, _, y *ir.Value) *ir.Value { return y }),
		unary(OpExp2, "two to the power", "ct::exp2", math.Exp2, func(b *ir.Builder, _, y *ir.Value) *ir.Value {
			return times(b, math.Ln2, y)
		}),
		unary(OpExpM1, "exponential minus 1", "ct::expm1", math.Expm1, func(b *ir.Builder, _, y *ir.Value) *ir.Value {
			return arith.AddF(b, y, constant(b, 1, y))
		}),
		unary(OpFloor, "rounded down", "ct::floor", math.Floor, nil),
		unary(OpLog, "natural logarithm", "ct::log", math.Log, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return inverse(b, x)
		}),
		unary(OpLog10, "decimal logarithm", "ct::log10", math.Log10, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return inverse(b, times(b, math.Ln10, x))
		}),
		unary(OpLog1p, "logarithm of 1 + x", "ct::log1p", math.Log1p, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return inverse(b, arith.AddF(b, x, constant(b, 1, x)))
		}),
		unary(OpLog2, "binary logarithm", "ct::log2", math.Log2, func(b *ir.Builder, x, _ *ir.Value) *ir.Value {
			return inverse(b, times(b, math.Ln2, x))
		}),
		unary(OpRound, "rounded to the nearest integer, ties to even", "ct::roundeven", math.RoundToEven, nil),
		unary(OpRsqrt, "inverse square root", "ct::rsqrt", func(x float64) float64 { return 1 / math.Sqrt(x) },
			func(b *ir.Builder, _, y *ir.Value) *ir.Value {
				return times(b, -0.5, arith.MulF(b, y, square(b, y)))
			}),
		unary(OpSin, "sine", "ct::sin", math.Sin, func(b *ir.Builder, x, _ *ir.Value) *ir.Value { return Cos(b, x) }),
		unary(OpSqrt, "square root", "ct::sqrt", math.Sqrt, func(b *ir.Builder, _, y *ir.Value) *ir.Value {
			return arith.DivF(b, constant(b, 0.5, y), y)
		}),
		unary(OpTan, "tangent", "ct::tan", math.Tan, func(b *ir.Builder, _, y *ir.Value) *ir.Value {
			return arith.AddF(b, square(b, y), constant(b, 1, y))
		}),
		unary(OpTanh, "hyperbolic tangent", "ct::tanh", math.Tanh, func(b *ir.Builder, _, y *ir.Value) *ir.Value {
			return arith.SubF(b, constant(b, 1, y), square(b, y))
		}),
		unary(OpTrunc, "rounded towards zero", "ct::trunc", math.Trunc, nil),
		binary(OpPowF, "power", "ct::pow", math.Pow, powVJP),
		binary(OpAtan2, "angle of a point, ordinate first", "ct::atan2", math.Atan2,
			func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
				y, x := op.Operand(0), op.Operand(1)
				// ATen: 0 at the origin.
				r := arith.AddF(b, square(b, x), square(b, y))
				origin := arith.CmpF(b, arith.OEQ, r, constant(b, 0, r))
				scaled := arith.Select(b, origin, constant(b, 0, r), arith.DivF(b, d[0], r))
				return []*ir.Value{arith.MulF(b, scaled, x), arith.NegF(b, arith.MulF(b, scaled, y))}
			}),
	}
}

// powVJP follows ATen's pow_backward_self and pow_backward_exponent: the base gets
// nothing where the exponent is 0; the exponent nothing where the base is 0 and
// the exponent is not negative.
func powVJP(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
	x, y, z := op.Operand(0), op.Operand(1), op.Result(0)
	t := x.Type()
	zero, one := arith.ConstantF(b, 0, t), arith.ConstantF(b, 1, t)
	dx := arith.MulF(b, d[0], arith.MulF(b, y, PowF(b, x, arith.SubF(b, y, one))))
	dx = arith.Select(b, arith.CmpF(b, arith.OEQ, y, zero), zero, dx)
	if _, constant := arith.ConstantValue(y); constant {
		return []*ir.Value{dx, nil}
	}
	still := arith.Select(b, arith.CmpF(b, arith.OEQ, x, zero), arith.CmpF(b, arith.OGE, y, zero),
		arith.ConstantI(b, 0, ir.I1))
	dy := arith.Select(b, still, zero, arith.MulF(b, d[0], arith.MulF(b, z, Log(b, x))))
	return []*ir.Value{dx, dy}
}

var float = ir.Constraint{Name: "floating-point-like", Holds: ir.IsFloat}

func unary(name ir.OpName, summary, cpp string, eval func(float64) float64, s slope) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary + " of a float", Cpp: cpp + "($0)",
		Example:  "%r = " + string(name) + " %x : f32",
		Operands: ir.Params(ir.P("operand", float)),
		Results:  ir.Params(ir.P("result", float)),
		Traits:   ir.Pure,
		Infer:    func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[0]) },
		Print:    arith.PrintSameType, Parse: arith.ParseSameType,
		Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) { return ir.Scalar{F: eval(in[0].F)}, nil },
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			if s == nil {
				return []*ir.Value{nil}
			}
			return []*ir.Value{arith.MulF(b, d[0], s(b, op.Operand(0), op.Result(0)))}
		},
	}
}

func binary(name ir.OpName, summary, cpp string, eval func(x, y float64) float64,
	vjp func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary + " of two floats", Cpp: cpp + "($0, $1)",
		Example:  "%r = " + string(name) + " %x, %y : f32",
		Operands: ir.Params(ir.P("lhs", float), ir.P("rhs", float)),
		Results:  ir.Params(ir.P("result", float)),
		Traits:   ir.Pure,
		Infer:    func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[0]) },
		Verify: func(op *ir.Op) error {
			if x, y := op.Operand(0).Type(), op.Operand(1).Type(); x != y {
				return op.Errorf("operands have types %s and %s, expected one type", x, y)
			}
			return nil
		},
		Print: arith.PrintSameType, Parse: arith.ParseSameType,
		Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
			return ir.Scalar{F: eval(in[0].F, in[1].F)}, nil
		},
		VJP: vjp,
	}
}
