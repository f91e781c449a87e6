package arith

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// Stop is x, through which no derivative flows: its bits go through an integer, which
// compilers see through.
func Stop(b *ir.Builder, x *ir.Value) *ir.Value {
	if !ir.IsFloat(x.Type()) {
		return x
	}
	bits := ir.Type(ir.I64)
	if x.Type() == ir.Type(ir.F32) {
		bits = ir.I32
	}
	return Bitcast(b, Bitcast(b, x, bits), x.Type())
}

// Bitcast is the bits of x as a number of type t, which is as wide.
func Bitcast(b *ir.Builder, x *ir.Value, t ir.Type) *ir.Value {
	return b.Insert(ir.State{Name: OpBitcast, Operands: []*ir.Value{x}, Results: []ir.Type{t}}).Result(0)
}

func bitcastDef() *ir.OpDef {
	number := ir.Constraint{Name: "signless-integer-or-float-like", Holds: func(t ir.Type) bool {
		return ir.IsFloat(t) || intLike.Holds(t) && ir.ElemType(t) != ir.Type(ir.Index)
	}}
	return &ir.OpDef{
		Name: OpBitcast, Summary: "the bits of a number as another type of the same width",
		Example:  "%r = arith.bitcast %x : f32 to i32",
		Operands: ir.Params(ir.P("in", number)),
		Results:  ir.Params(ir.P("out", number)),
		Traits:   ir.Pure,
		Print:    printCast, Parse: parseCast,
		Verify: func(op *ir.Op) error {
			from, to := op.Operand(0).Type(), op.Result(0).Type()
			if bitWidth(from) != bitWidth(to) {
				return op.Errorf("operand type %s and result type %s are cast incompatible: their widths differ", from, to)
			}
			return nil
		},
		Eval: func(op *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
			bits, err := bitsOf(in[0], op.Operand(0).Type())
			if err != nil {
				return ir.Scalar{}, err
			}
			return scalarOf(bits, op.Result(0).Type())
		},
		VJP: func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return []*ir.Value{nil} },
		CppFunc: func(op *ir.Op, a []string) string {
			return "__builtin_bit_cast(" + CppType(op.Result(0).Type()) + ", " + a[0] + ")"
		},
	}
}

func bitWidth(t ir.Type) int {
	switch e := ir.ElemType(t).(type) {
	case *ir.IntegerType:
		return e.Bits()
	case *ir.FloatType:
		return e.Bits()
	}
	return 0
}

func bitsOf(v ir.Scalar, t ir.Type) (uint64, error) {
	switch {
	case ir.IsInteger(t) || ir.IsBool(t):
		return unsigned(v.I, t), nil
	case t == ir.Type(ir.F32):
		return uint64(math.Float32bits(float32(v.F))), nil
	case t == ir.Type(ir.F64):
		return math.Float64bits(v.F), nil
	}
	return 0, fmt.Errorf("the bits of %s are not known here", t)
}

func scalarOf(bits uint64, t ir.Type) (ir.Scalar, error) {
	switch {
	case t == ir.Type(ir.F32):
		return ir.Scalar{F: float64(math.Float32frombits(uint32(bits)))}, nil
	case t == ir.Type(ir.F64):
		return ir.Scalar{F: math.Float64frombits(bits)}, nil
	case ir.IsBool(t):
		return ir.Scalar{I: int64(bits & 1)}, nil
	case ir.IsInteger(t):
		width := bitWidth(t)
		return ir.Scalar{I: int64(bits<<(64-width)) >> (64 - width)}, nil
	}
	return ir.Scalar{}, fmt.Errorf("bits as %s are not known here", t)
}
