package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Comparisons, logic and selection.
const (
	OpEq         ir.OpName = "aten.eq"
	OpNe         ir.OpName = "aten.ne"
	OpLt         ir.OpName = "aten.lt"
	OpLe         ir.OpName = "aten.le"
	OpGt         ir.OpName = "aten.gt"
	OpGe         ir.OpName = "aten.ge"
	OpIsNaN      ir.OpName = "aten.isnan"
	OpIsInf      ir.OpName = "aten.isinf"
	OpIsFinite   ir.OpName = "aten.isfinite"
	OpLogicalNot ir.OpName = "aten.logical_not"
	OpLogicalAnd ir.OpName = "aten.logical_and"
	OpLogicalOr  ir.OpName = "aten.logical_or"
	OpLogicalXor ir.OpName = "aten.logical_xor"
	OpWhere      ir.OpName = "aten.where"
)

// Eq is where x equals y.
func Eq(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpEq, x, y) }

// Ne is where x differs from y.
func Ne(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpNe, x, y) }

// Lt is where x is less than y.
func Lt(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpLt, x, y) }

// Le is where x is less than or equal to y.
func Le(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpLe, x, y) }

// Gt is where x is greater than y.
func Gt(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpGt, x, y) }

// Ge is where x is greater than or equal to y.
func Ge(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpGe, x, y) }

// Where is x where cond holds, else y.
func Where(b *ir.Builder, cond, x, y *ir.Value) *ir.Value { return b.Emit(OpWhere, cond, x, y) }

func compareDefs() []*ir.OpDef {
	var defs []*ir.OpDef
	for _, r := range []struct {
		name    ir.OpName
		alias   string
		summary string
		c       comparison
	}{
		{OpEq, "", "where two tensors are equal", isEQ}, {OpNe, "not_equal", "where two tensors differ", isNE},
		{OpLt, "less", "where the first tensor is less", isLT}, {OpLe, "less_equal", "where the first tensor is less or equal", isLE},
		{OpGt, "greater", "where the first tensor is greater", isGT},
		{OpGe, "greater_equal", "where the first tensor is greater or equal", isGE},
	} {
		var torch []string
		for _, short := range []string{string(r.name)[len("aten."):], r.alias} {
			if short == "" {
				continue
			}
			torch = append(torch, "aten::"+short+".Tensor(Tensor self, Tensor other) -> Tensor",
				"aten::"+short+".Scalar(Tensor self, Scalar other) -> Tensor")
		}
		def := sameBinary(r.name, r.summary, torch, func(b *ir.Builder, x, y *ir.Value) *ir.Value { return compare(b, r.c, x, y) })
		boolResult(def)
		def.Scalar = func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{compare(b, r.c, args[0], args[1])}
		}
		defs = append(defs, def)
	}
	infinite := func(b *ir.Builder, x *ir.Value) *ir.Value {
		if !ir.IsFloat(x.Type()) {
			return arith.ConstantI(b, 0, ir.I1)
		}
		return arith.CmpF(b, arith.OEQ, math.AbsF(b, x), arith.ConstantF(b, infinity.F, x.Type()))
	}
	for _, def := range []*ir.OpDef{
		sameUnary(OpIsNaN, "where a tensor is NaN", isNaN),
		sameUnary(OpIsInf, "where a tensor is infinite", infinite),
		sameUnary(OpIsFinite, "where a tensor is neither infinite nor NaN", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return not(b, arith.OrI(b, isNaN(b, x), infinite(b, x)))
		}),
	} {
		boolResult(def)
		defs = append(defs, def)
	}
	return defs
}

// boolResult makes def one that gives booleans, which carry no gradient.
func boolResult(def *ir.OpDef) {
	def.Results = ir.Params(ir.P("out", boolTensor))
	def.Infer = inferBool
	def.Traits |= ir.NotDifferentiable
	if len(def.Operands) == 2 {
		def.Example = "%out = " + string(def.Name) + " %self, %other : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xi1>"
	} else {
		def.Example = "%out = " + string(def.Name) + " %self : (tensor<4x8xf32>) -> tensor<4x8xi1>"
	}
}

func logicalDefs() []*ir.OpDef {
	not1 := sameUnary(OpLogicalNot, "where a tensor is zero", func(b *ir.Builder, x *ir.Value) *ir.Value { return not(b, truth(b, x)) })
	boolResult(not1)
	bits := sameUnary("aten.bitwise_not", "the bits of a tensor inverted", func(b *ir.Builder, x *ir.Value) *ir.Value {
		ones := int64(-1)
		if ir.IsBool(x.Type()) {
			ones = 1
		}
		return arith.XOrI(b, x, arith.ConstantI(b, ones, x.Type()))
	})
	bits.Operands = ir.Params(ir.P("self", intTensor))
	bits.Example = "%out = aten.bitwise_not %self : tensor<4x8xi1>"
	defs := []*ir.OpDef{not1, bits}
	for _, r := range []struct {
		name    ir.OpName
		summary string
		f       func(b *ir.Builder, x, y *ir.Value) *ir.Value
	}{
		{OpLogicalAnd, "where both tensors are not zero", arith.AndI},
		{OpLogicalOr, "where one of two tensors is not zero", arith.OrI},
		{OpLogicalXor, "where exactly one of two tensors is not zero", arith.XOrI},
	} {
		def := sameBinary(r.name, r.summary, []string{schema(r.name, "Tensor self, Tensor other")}, nil)
		boolResult(def)
		def.Scalar = func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{r.f(b, truth(b, args[0]), truth(b, args[1]))}
		}
		defs = append(defs, def)
	}
	for _, r := range []struct {
		short, dunder string
		f             func(b *ir.Builder, x, y *ir.Value) *ir.Value
	}{{"bitwise_and", "__and__", arith.AndI}, {"bitwise_or", "__or__", arith.OrI}, {"bitwise_xor", "__xor__", arith.XOrI}} {
		def := sameBinary(ir.OpName("aten."+r.short), r.short+" of two tensors", []string{
			"aten::" + r.short + ".Tensor(Tensor self, Tensor other) -> Tensor",
			"aten::" + r.short + ".Scalar(Tensor self, Scalar other) -> Tensor",
			"aten::" + r.dunder + ".Tensor(Tensor self, Tensor other) -> Tensor",
			"aten::" + r.dunder + ".Scalar(Tensor self, Scalar other) -> Tensor",
		}, nil)
		def.Operands = ir.Params(ir.P("self", intTensor), ir.P("other", intTensor))
		def.Example = "%out = aten." + r.short + " %self, %other : tensor<4x8xi1>"
		def.Scalar = func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{r.f(b, args[0], args[1])}
		}
		defs = append(defs, def)
	}
	return defs
}

func selectionDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpWhere, Summary: "one of two tensors, by a condition",
		Example:  "%out = aten.where %c, %x, %y : (tensor<4x8xi1>, tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor", "aten::where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor", "aten::where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor", "aten::where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor"},
		Operands: ir.Params(ir.P("condition", boolTensor), ir.P("self", anyTensor), ir.P("other", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Traits:   ir.Pure | ir.Elementwise,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			elem, err := sameElem(in, 1)
			if err != nil {
				return nil, err
			}
			shape, err := broadcastShape(in)
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Scalar: func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{arith.Select(b, args[0], args[1], args[2])}
		},
	}}
}

// selectionImports are fills by a mask: where with the value in the tensor's type.
func selectionImports() []ir.Import {
	fill := func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		mask, err := tensorArg(c, "mask")
		if err != nil {
			return nil, err
		}
		return try(c, OpWhere, []*ir.Value{mask, asTensor(c.Builder, c.Args["value"], elemOf(x)), x})
	}
	return []ir.Import{
		{Schema: "aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor", Build: fill},
		{Schema: "aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor", Build: fill},
		{Schema: "aten::dropout(Tensor(a) input, float p, bool train) -> Tensor(a)", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			if boolArg(c, "train", true) && numberArg(c, "p", 0.5) != 0 {
				return nil, refused("draws random numbers (train=True): compiled code would draw them differently at each run; evaluate with train=False")
			}
			x, err := tensorArg(c, "input")
			return single(x, err)
		}},
	}
}
