package arith

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// The integer ops.
const (
	OpAddI      ir.OpName = "arith.addi"
	OpSubI      ir.OpName = "arith.subi"
	OpMulI      ir.OpName = "arith.muli"
	OpDivSI     ir.OpName = "arith.divsi"
	OpFloorDivS ir.OpName = "arith.floordivsi"
	OpRemSI     ir.OpName = "arith.remsi"
	OpAndI      ir.OpName = "arith.andi"
	OpOrI       ir.OpName = "arith.ori"
	OpXOrI      ir.OpName = "arith.xori"
	OpMaxSI     ir.OpName = "arith.maxsi"
	OpMinSI     ir.OpName = "arith.minsi"
	OpShLI      ir.OpName = "arith.shli"
	OpShRSI     ir.OpName = "arith.shrsi"
)

// AddI is x + y, wrapping around.
func AddI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpAddI, x, y) }

// SubI is x - y, wrapping around.
func SubI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpSubI, x, y) }

// MulI is x * y, wrapping around.
func MulI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMulI, x, y) }

// DivSI is x / y rounded towards zero.
func DivSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpDivSI, x, y) }

// FloorDivSI is x / y rounded down.
func FloorDivSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpFloorDivS, x, y) }

// RemSI is the remainder of x / y with the sign of x.
func RemSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpRemSI, x, y) }

// AndI is the bitwise and, the logical one for booleans.
func AndI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpAndI, x, y) }

// OrI is the bitwise or, the logical one for booleans.
func OrI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpOrI, x, y) }

// XOrI is the bitwise exclusive or.
func XOrI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpXOrI, x, y) }

// MaxSI is the larger of x and y as signed numbers.
func MaxSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMaxSI, x, y) }

// MinSI is the smaller of x and y as signed numbers.
func MinSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMinSI, x, y) }

// ShRSI is x shifted to the right by y places, copies of the sign moving in.
func ShRSI(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpShRSI, x, y) }

func integerDefs() []*ir.OpDef {
	type row struct {
		name         ir.OpName
		summary, cpp string
		commutative  bool
		eval         func(x, y int64) (int64, error)
	}
	total := func(f func(x, y int64) int64) func(x, y int64) (int64, error) {
		return func(x, y int64) (int64, error) { return f(x, y), nil }
	}
	dividing := func(f func(x, y int64) int64) func(x, y int64) (int64, error) {
		return func(x, y int64) (int64, error) {
			if y == 0 || x == math.MinInt64 && y == -1 {
				return 0, fmt.Errorf("%d divided by %d has no integer value", x, y)
			}
			return f(x, y), nil
		}
	}
	rows := []row{
		{OpAddI, "sum of two integers", "$0 + $1", true, total(func(x, y int64) int64 { return x + y })},
		{OpSubI, "difference of two integers", "$0 - $1", false, total(func(x, y int64) int64 { return x - y })},
		{OpMulI, "product of two integers", "$0 * $1", true, total(func(x, y int64) int64 { return x * y })},
		{OpDivSI, "quotient of two signed integers, rounded towards zero", "$0 / $1", false,
			dividing(func(x, y int64) int64 { return x / y })},
		{OpFloorDivS, "quotient of two signed integers, rounded down", "ct::floordiv($0, $1)", false,
			dividing(func(x, y int64) int64 {
				q := x / y
				if x%y != 0 && (x < 0) != (y < 0) {
					q--
				}
				return q
			})},
		{OpRemSI, "remainder of two signed integers, with the sign of the dividend", "$0 % $1", false,
			dividing(func(x, y int64) int64 { return x % y })},
		{OpAndI, "bitwise and", "$0 & $1", true, total(func(x, y int64) int64 { return x & y })},
		{OpOrI, "bitwise or", "$0 | $1", true, total(func(x, y int64) int64 { return x | y })},
		{OpXOrI, "bitwise exclusive or", "$0 ^ $1", true, total(func(x, y int64) int64 { return x ^ y })},
		{OpMaxSI, "larger of two signed integers", "ct::max($0, $1)", true, total(func(x, y int64) int64 { return max(x, y) })},
		{OpMinSI, "smaller of two signed integers", "ct::min($0, $1)", true, total(func(x, y int64) int64 { return min(x, y) })},
		{OpShLI, "left shift", "$0 << $1", false, total(func(x, y int64) int64 { return x << uint(y) })},
		{OpShRSI, "arithmetic right shift", "$0 >> $1", false, total(func(x, y int64) int64 { return x >> uint(y) })},
	}
	var ops []*ir.OpDef
	for _, r := range rows {
		def := &ir.OpDef{
			Name: r.name, Summary: r.summary, Cpp: r.cpp,
			Example:  "%r = " + string(r.name) + " %x, %y : i64",
			Operands: ir.Params(ir.P("lhs", intLike), ir.P("rhs", intLike)),
			Results:  ir.Params(ir.P("result", intLike)),
			Traits:   ir.Pure,
			Infer:    sameAsOperand, Verify: sameOperands,
			Print: PrintSameType, Parse: ParseSameType,
			Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
				v, err := r.eval(in[0].I, in[1].I)
				return ir.Scalar{I: v}, err
			},
			VJP: noGradient,
		}
		if r.commutative {
			def.Traits |= ir.Commutative
		}
		ops = append(ops, def)
	}
	return ops
}

// noGradient is the derivative of what is locally constant.
func noGradient(_ *ir.Builder, op *ir.Op, _ []*ir.Value) []*ir.Value {
	return make([]*ir.Value, op.NumOperands())
}
