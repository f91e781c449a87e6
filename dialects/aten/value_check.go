package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Values for which ATen throws. They are checked as indices are, before the op that
// would trap on them or compute what means nothing.
const (
	OpCheckedDivisor     ir.OpName = "aten.checked_divisor"
	OpCheckedProbability ir.OpName = "aten.checked_probability"
)

func valueCheckDefs() []*ir.OpDef {
	divisor := checkedValue(OpCheckedDivisor, "divisors of integers, none of which is 0, else an error at run time",
		"integer division by zero", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.CmpI(b, arith.NE, x, constant(b, 0, x))
		})
	divisor.Description = "Integer quotients and remainders are imported with it, unless they divide by a constant other than 0."
	divisor.Example = "%out = aten.checked_divisor %self : tensor<4xi64>"
	divisor.Operands, divisor.Results = ir.Params(ir.P("self", intTensor)), ir.Params(ir.P("out", intTensor))
	divisor.Sample = func(*ir.Op, int) (float64, float64) { return 1, 9 }
	probability := checkedValue(OpCheckedProbability, "numbers from 0 to 1, else an error at run time",
		"all elements of input should be between 0 and 1", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.AndI(b, arith.CmpF(b, arith.OGE, x, constant(b, 0, x)), arith.CmpF(b, arith.OLE, x, constant(b, 1, x)))
		})
	probability.Description = "NaN is none of them."
	probability.Operands, probability.Results = ir.Params(ir.P("self", floatTensor)), ir.Params(ir.P("out", floatTensor))
	probability.Sample = func(*ir.Op, int) (float64, float64) { return 0, 1 }
	return []*ir.OpDef{divisor, probability}
}

// checkedValue defines a copy of a tensor for whose elements ok holds, else message is
// the error.
func checkedValue(name ir.OpName, summary, message string, ok lane1) *ir.OpDef {
	def := sameUnary(name, summary, nil)
	def.Torch, def.Scalar = nil, nil
	def.Traits = ir.Pure | ir.NotDifferentiable
	def.Loops = func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
		forShape(b, shapeOf(args[0]), func(b *ir.Builder, at []*ir.Value) {
			x := memref.Load(b, args[0], at...)
			cf.Assert(b, ok(b, x), message)
			memref.Store(b, x, outs[0], at...)
		})
	}
	return def
}

// checkedDivisor is y, a divisor of x, checked where it is integers that may be 0. A
// division of no elements fails for none.
func checkedDivisor(c *ir.ImportCall, x, y *ir.Value) (*ir.Value, error) {
	if !ir.IsInteger(elemOf(y)) || ir.IsBool(elemOf(y)) {
		return y, nil
	}
	if def := y.Def(); def != nil && def.Name == OpFull && scalarAs(def.Attr("value"), ir.I64).I != 0 {
		return y, nil
	}
	if shape, err := (&ir.Inference{}).Broadcast(shapeOf(x), shapeOf(y)); err == nil {
		if n, known := ir.NumElements(shape); known && n == 0 {
			return y, nil
		}
	}
	return one(c, OpCheckedDivisor, []*ir.Value{y})
}
