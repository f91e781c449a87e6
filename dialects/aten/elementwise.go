package aten

import (
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// elementwiseDefs lists the elementwise ops by family.
func elementwiseDefs() []*ir.OpDef {
	var defs []*ir.OpDef
	for _, family := range [][]*ir.OpDef{
		arithmeticDefs(), divisionDefs(), powerDefs(), exponentialDefs(), trigonometricDefs(), hyperbolicDefs(),
		errorFunctionDefs(), gammaDefs(), roundingDefs(), piecewiseActivationDefs(), smoothActivationDefs(),
		clampDefs(), extremumDefs(), compareDefs(), logicalDefs(), selectionDefs(), castDefs(),
	} {
		defs = append(defs, family...)
	}
	return defs
}

// schema is the ATen schema of a function of tensors named like the op:
// "aten::exp(Tensor self) -> Tensor".
func schema(name ir.OpName, params string) string {
	_, short, _ := strings.Cut(string(name), ".")
	return "aten::" + short + "(" + params + ") -> Tensor"
}

// lane1 computes one lane of a function of one tensor.
type lane1 func(b *ir.Builder, x *ir.Value) *ir.Value

// lane2 computes one lane of a function of two tensors.
type lane2 func(b *ir.Builder, x, y *ir.Value) *ir.Value

// floatUnary defines an elementwise function of floats; integers and booleans are
// converted to f32 first.
func floatUnary(name ir.OpName, summary string, f lane1) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %self : tensor<4x8xf32>",
		Torch:    []string{schema(name, "Tensor self")},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Traits:   ir.Pure | ir.Elementwise,
		Infer:    inferFloat,
		Scalar: func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{f(b, arith.Cast(b, args[0], elemOf(op.Result(0))))}
		},
	}
}

// sameUnary defines an elementwise function that keeps the element type.
func sameUnary(name ir.OpName, summary string, f lane1) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %self : tensor<4x8xf32>",
		Torch:    []string{schema(name, "Tensor self")},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Traits:   ir.Pure | ir.Elementwise,
		Infer:    inferSame,
		Scalar: func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{f(b, args[0])}
		},
	}
}

// floatBinary defines an elementwise function of two float tensors.
func floatBinary(name ir.OpName, summary string, torch []string, f lane2) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %self, %other : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Torch:    torch,
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("other", anyTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Traits:   ir.Pure | ir.Elementwise,
		Infer:    inferFloat,
		Scalar: func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
			t := elemOf(op.Result(0))
			return []*ir.Value{f(b, arith.Cast(b, args[0], t), arith.Cast(b, args[1], t))}
		},
	}
}

// sameBinary defines an elementwise function of two tensors that keeps the type.
func sameBinary(name ir.OpName, summary string, torch []string, f lane2) *ir.OpDef {
	def := floatBinary(name, summary, torch, f)
	def.Results = ir.Params(ir.P("out", anyTensor))
	def.Infer = inferSame
	return def
}
