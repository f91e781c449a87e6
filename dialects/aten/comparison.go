package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// Comparisons, logic, selection and casts.
const (
	OpEq         ir.OpName = "aten.eq"
	OpNe         ir.OpName = "aten.ne"
	OpLt         ir.OpName = "aten.lt"
	OpLe         ir.OpName = "aten.le"
	OpGt         ir.OpName = "aten.gt"
	OpGe         ir.OpName = "aten.ge"
	OpIsNaN      ir.OpName = "aten.isnan"
	OpLogicalNot ir.OpName = "aten.logical_not"
	OpLogicalAnd ir.OpName = "aten.logical_and"
	OpLogicalOr  ir.OpName = "aten.logical_or"
	OpLogicalXor ir.OpName = "aten.logical_xor"
	OpWhere      ir.OpName = "aten.where"
	OpMaximum    ir.OpName = "aten.maximum"
	OpMinimum    ir.OpName = "aten.minimum"
	OpClamp      ir.OpName = "aten.clamp"
	OpTo         ir.OpName = "aten.to"
	OpClone      ir.OpName = "aten.clone"
	OpDetach     ir.OpName = "aten.detach"
	OpErf        ir.OpName = "aten.erf"
)

// Eq is where x equals y.
func Eq(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpEq, x, y) }

// Ne is where x differs from y.
func Ne(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpNe, x, y) }

// Gt is where x is greater than y.
func Gt(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpGt, x, y) }

// Where is x where cond holds, else y.
func Where(b *ir.Builder, cond, x, y *ir.Value) *ir.Value { return b.Emit(OpWhere, cond, x, y) }

// To converts elements to another type; x itself if they have it.
func To(b *ir.Builder, x *ir.Value, elem ir.Type) *ir.Value {
	if elemOf(x) == elem {
		return x
	}
	return b.Create(OpTo, []*ir.Value{x}, attr("dtype", ir.TypeAttr{Type: elem})).Result(0)
}

// Clone is a copy in row-major order.
func Clone(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpClone, x) }

// Detach is x through which no gradient flows.
func Detach(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpDetach, x) }

// errorFunctionDefs is the error function and its complement.
func errorFunctionDefs() []*ir.OpDef {
	return []*ir.OpDef{
		floatUnary(OpErf, "error function", math.Erf),
		floatUnary("aten.erfc", "complement of the error function", func(b *ir.Builder, x *ir.Value) *ir.Value {
			return arith.SubF(b, constant(b, 1, x), math.Erf(b, x))
		}),
	}
}

// gammaDefs is empty: lgamma's derivative, the digamma function, has no scalar op.
func gammaDefs() []*ir.OpDef { return nil }

func compareDefs() []*ir.OpDef {
	var defs []*ir.OpDef
	for _, r := range []struct {
		name    ir.OpName
		summary string
		c       comparison
	}{
		{OpEq, "where two tensors are equal", isEQ}, {OpNe, "where two tensors differ", isNE},
		{OpLt, "where the first tensor is less", isLT}, {OpLe, "where the first tensor is less or equal", isLE},
		{OpGt, "where the first tensor is greater", isGT}, {OpGe, "where the first tensor is greater or equal", isGE},
	} {
		short := string(r.name)[len("aten."):]
		def := sameBinary(r.name, r.summary, []string{
			"aten::" + short + ".Tensor(Tensor self, Tensor other) -> Tensor",
			"aten::" + short + ".Scalar(Tensor self, Scalar other) -> Tensor",
		}, func(b *ir.Builder, x, y *ir.Value) *ir.Value { return compare(b, r.c, x, y) })
		boolResult(def)
		def.Scalar = func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
			return []*ir.Value{compare(b, r.c, args[0], args[1])}
		}
		defs = append(defs, def)
	}
	nan := sameUnary(OpIsNaN, "where a tensor is NaN", isNaN)
	boolResult(nan)
	return append(defs, nan)
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
		return arith.XOrI(b, x, arith.ConstantI(b, -1, x.Type()))
	})
	bits.Operands = ir.Params(ir.P("self", intTensor))
	bits.Example = "%out = aten.bitwise_not %self : tensor<4x8xi1>"
	bits.Scalar = func(b *ir.Builder, _ *ir.Op, args []*ir.Value) []*ir.Value {
		ones := int64(-1)
		if ir.IsBool(args[0].Type()) {
			ones = 1
		}
		return []*ir.Value{arith.XOrI(b, args[0], arith.ConstantI(b, ones, args[0].Type()))}
	}
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
			"aten::" + r.dunder + ".Tensor(Tensor self, Tensor other) -> Tensor",
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
		{Schema: "aten::dropout(Tensor input, float p, bool train) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			if boolArg(c, "train", true) {
				return nil, refused("draws random numbers (train=True): compiled code would draw them differently at each run; evaluate with train=False")
			}
			x, err := tensorArg(c, "input")
			return single(x, err)
		}},
	}
}

func extremumDefs() []*ir.OpDef {
	return []*ir.OpDef{
		sameBinary(OpMaximum, "larger of two tensors, NaN if one is", []string{schema(OpMaximum, "Tensor self, Tensor other"),
			"aten::max.other(Tensor self, Tensor other) -> Tensor"},
			func(b *ir.Builder, x, y *ir.Value) *ir.Value { return extremum(b, true, x, y) }),
		sameBinary(OpMinimum, "smaller of two tensors, NaN if one is", []string{schema(OpMinimum, "Tensor self, Tensor other"),
			"aten::min.other(Tensor self, Tensor other) -> Tensor"},
			func(b *ir.Builder, x, y *ir.Value) *ir.Value { return extremum(b, false, x, y) }),
	}
}

func clampDefs() []*ir.OpDef {
	clamp := sameUnary(OpClamp, "x between two bounds, the nearer of them outside", nil)
	clamp.Example = "%out = aten.clamp %self {max = 1.0 : f64, min = -1.0 : f64} : tensor<4x8xf32>"
	clamp.Torch = []string{"aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
		"aten::clamp_min(Tensor self, Scalar min) -> Tensor", "aten::clamp_max(Tensor self, Scalar max) -> Tensor"}
	clamp.Attrs = []ir.AttrParam{{Name: "min", Kind: numberAttr, Doc: "lower bound, none if absent"}, {Name: "max", Kind: numberAttr, Doc: "upper bound, none if absent"}}
	clamp.Infer = inferNumber
	// derivatives.yaml: the gradient passes where min <= self <= max.
	clamp.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		out := args[0]
		if a := op.Attr("max"); a != nil {
			bound := attrScalar(b, a, out.Type())
			out = arith.Select(b, compare(b, isGT, args[0], bound), bound, out)
		}
		if a := op.Attr("min"); a != nil {
			bound := attrScalar(b, a, out.Type())
			out = arith.Select(b, compare(b, isLT, out, bound), bound, out)
		}
		return []*ir.Value{out}
	}
	return []*ir.OpDef{clamp}
}

func castDefs() []*ir.OpDef {
	to := sameUnary(OpTo, "elements converted to another type", nil)
	to.Example = "%out = aten.to %self {dtype = f64} : (tensor<4x8xf32>) -> tensor<4x8xf64>"
	to.Torch = nil
	to.Attrs = []ir.AttrParam{{Name: "dtype", Kind: elemAttr, Required: true, Doc: "the element type"}}
	to.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		t := in.Attrs.TypeOf("dtype")
		if t == nil {
			return nil, errNoDType
		}
		return ir.Single(ir.Tensor(in.Shape(0), t))
	}
	to.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{arith.Cast(b, args[0], elemOf(op.Result(0)))}
	}
	keep := func(_ *ir.Builder, x *ir.Value) *ir.Value { return x }
	clone := sameUnary(OpClone, "a copy in row-major order", keep)
	clone.Torch = []string{"aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"}
	detach := sameUnary(OpDetach, "a tensor through which no gradient flows", keep)
	detach.Traits |= ir.NotDifferentiable
	return []*ir.OpDef{to, clone, detach}
}

// castImports are the spellings of a conversion.
func castImports() []ir.Import {
	convert := func(c *ir.ImportCall) ([]*ir.Value, error) {
		if err := onCPU(c); err != nil {
			return nil, err
		}
		x, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		t, err := dtypeArg(c, "dtype")
		if err != nil {
			return nil, err
		}
		if other := c.Args["other"].Value; other != nil {
			t = elemOf(other)
		}
		if t == nil {
			t = elemOf(x)
		}
		return []*ir.Value{To(c.Builder, x, t)}, nil
	}
	var out []ir.Import
	for _, s := range []string{
		"aten::to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor",
		"aten::to.other(Tensor self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor",
		"aten::to.device(Tensor self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor",
		"aten::to.dtype_layout(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor",
		"aten::type_as(Tensor self, Tensor other) -> Tensor",
	} {
		out = append(out, ir.Import{Schema: s, Build: convert})
	}
	return out
}
