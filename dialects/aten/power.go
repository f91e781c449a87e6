package aten

import (
	"fmt"
	"math/bits"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Powers and roots.
const (
	OpPow        ir.OpName = "aten.pow"
	OpSqrt       ir.OpName = "aten.sqrt"
	OpRsqrt      ir.OpName = "aten.rsqrt"
	OpReciprocal ir.OpName = "aten.reciprocal"
	OpSquare     ir.OpName = "aten.square"
)

// Pow is x to the power of y, elementwise.
func Pow(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpPow, x, y) }

// PowScalar is x to the power of a number.
func PowScalar(b *ir.Builder, x *ir.Value, exponent float64) *ir.Value {
	return b.Create(OpPow, []*ir.Value{x}, attr("exponent", ir.F64Attr(exponent))).Result(0)
}

// Sqrt is the square root of x.
func Sqrt(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSqrt, x) }

// Rsqrt is 1 / sqrt(x).
func Rsqrt(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpRsqrt, x) }

// Reciprocal is 1 / x.
func Reciprocal(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpReciprocal, x) }

// Square is x * x.
func Square(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpSquare, x) }

func powerDefs() []*ir.OpDef {
	square := sameUnary(OpSquare, "square of a tensor", nil)
	square.Infer = inferElementwise(func(t ir.Type) ir.Type {
		if ir.IsBool(t) { // as a power
			return ir.I64
		}
		return t
	})
	square.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		x := arith.Cast(b, args[0], elemOf(op.Result(0)))
		return []*ir.Value{mul(b, x, x)}
	}
	return []*ir.OpDef{
		powDef(),
		floatUnary(OpSqrt, "square root of a tensor", math.Sqrt),
		floatUnary(OpRsqrt, "inverse square root of a tensor", math.Rsqrt),
		floatUnary(OpReciprocal, "inverse of a tensor", inverse),
		square,
	}
}

func inverse(b *ir.Builder, x *ir.Value) *ir.Value { return arith.DivF(b, constant(b, 1, x), x) }

func powDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpPow, Summary: "power of a tensor, to a constant or to another tensor",
		Description: "The exponent is the attribute or the second operand. Small integer exponents are products; 0.5 and -0.5 are roots.",
		Example:     "%out = aten.pow %self {exponent = 2.0 : f64} : tensor<4x8xf32>",
		Operands:    ir.Params(ir.P("self", anyTensor), ir.Opt("exponent", floatTensor)),
		Results:     ir.Params(ir.P("out", anyTensor)),
		Attrs:       []ir.AttrParam{{Name: "exponent", Kind: numberAttr, Doc: "the exponent, if it is not an operand"}},
		Traits:      ir.Pure | ir.Elementwise,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			e := in.Attrs.Get("exponent")
			if (e == nil) == (len(in.Operands) == 1) {
				return nil, fmt.Errorf("needs an exponent, as an attribute or as an operand")
			}
			if e == nil {
				return inferFloat(in)
			}
			if n, ok := e.(ir.IntegerAttr); ok && ir.IsInteger(in.Elem(0)) {
				if n.Value < 0 {
					return nil, fmt.Errorf("integers have no negative integer powers")
				}
				return inferNumber(in)
			}
			return inferFloat(in)
		},
		Scalar: func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
			x := arith.Cast(b, args[0], elemOf(op.Result(0)))
			if len(args) == 2 {
				return []*ir.Value{math.PowF(b, x, args[1])}
			}
			if n, ok := op.Attr("exponent").(ir.IntegerAttr); ok && ir.IsInteger(x.Type()) {
				return []*ir.Value{wholePower(b, x, uint64(n.Value))}
			}
			return []*ir.Value{power(b, x, op.Float("exponent", 1))}
		},
	}
}

// power is a float to a constant power.
func power(b *ir.Builder, x *ir.Value, e float64) *ir.Value {
	switch {
	case e == 0.5:
		return math.Sqrt(b, x)
	case e == -0.5:
		return math.Rsqrt(b, x)
	case e == float64(int64(e)) && e >= 0 && e <= 8:
		return wholePower(b, x, uint64(e))
	case e == float64(int64(e)) && e < 0 && e >= -4:
		return wholePower(b, inverse(b, x), uint64(-e)) // so the derivative at infinity is 0
	}
	return math.PowF(b, x, constant(b, e, x))
}

// wholePower multiplies by repeated squaring.
func wholePower(b *ir.Builder, x *ir.Value, n uint64) *ir.Value {
	var out *ir.Value
	for i := 0; i < bits.Len64(n); i++ {
		if i > 0 {
			x = mul(b, x, x)
		}
		switch {
		case n>>i&1 == 0:
		case out == nil:
			out = x
		default:
			out = mul(b, out, x)
		}
	}
	if out == nil {
		return constant(b, 1, x)
	}
	return out
}

// powerImports spells the powers that have a number as base or exponent.
func powerImports() []ir.Import {
	return []ir.Import{
		{Schema: "aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if ir.IsBool(x.Type()) {
				x = To(c.Builder, x, resultType(c.Args["self"], c.Args["exponent"]))
			}
			return try(c, OpPow, []*ir.Value{x}, attr("exponent", c.Args["exponent"].Attr))
		}},
		{Schema: "aten::pow.Scalar(Scalar self, Tensor exponent) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, y, err := promotedPair(c, "self", "exponent")
			if err != nil {
				return nil, err
			}
			return tensorPower(c, x, y)
		}},
		{Schema: "aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, y, err := promotedPair(c, "self", "exponent")
			if err != nil {
				return nil, err
			}
			return tensorPower(c, x, y)
		}},
	}
}

// tensorPower is x to the y for floats.
func tensorPower(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
	if !ir.IsFloat(elemOf(x)) {
		return nil, refused("is a power of integers whose exponent is a tensor, which has no kernel here: convert one to a float")
	}
	return try(c, OpPow, []*ir.Value{x, y})
}
