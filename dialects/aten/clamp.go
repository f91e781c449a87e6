package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Bounds.
const (
	OpClamp    ir.OpName = "aten.clamp"
	OpClampMin ir.OpName = "aten.clamp_min"
	OpClampMax ir.OpName = "aten.clamp_max"
)

// clampDefs follows derivatives.yaml: the gradient passes where min <= self <= max.
func clampDefs() []*ir.OpDef {
	clamp := sameUnary(OpClamp, "x between two bounds, the nearer of them outside", nil)
	clamp.Description = "Where min is greater than max the result is max."
	clamp.Example = "%out = aten.clamp %self {max = 1.0 : f64, min = -1.0 : f64} : tensor<4x8xf32>"
	clamp.Torch = []string{
		"aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
		"aten::clip(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
		"aten::clamp_min(Tensor self, Scalar min) -> Tensor",
		"aten::clamp_max(Tensor self, Scalar max) -> Tensor",
	}
	clamp.Attrs = []ir.AttrParam{{Name: "min", Kind: numberAttr, Doc: "lower bound, none if absent"}, {Name: "max", Kind: numberAttr, Doc: "upper bound, none if absent"}}
	clamp.Infer = inferNumber
	clamp.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		out := args[0]
		if a := op.Attr("min"); a != nil {
			bound := attrScalar(b, a, out.Type())
			out = arith.Select(b, compare(b, isLT, out, bound), bound, out)
		}
		if a := op.Attr("max"); a != nil {
			bound := attrScalar(b, a, out.Type())
			out = arith.Select(b, compare(b, isGT, out, bound), bound, out)
		}
		return []*ir.Value{out}
	}
	// bounded is x unless the bound is beyond it; a NaN on either side stays.
	bounded := func(name ir.OpName, summary, bound string, beyond comparison) *ir.OpDef {
		torch := []string{"aten::clamp_" + bound + ".Tensor(Tensor self, Tensor " + bound + ") -> Tensor"}
		def := sameBinary(name, summary, torch, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
			return arith.Select(b, arith.OrI(b, compare(b, beyond, x, y), isNaN(b, y)), y, x)
		})
		def.Operands = ir.Params(ir.P("self", anyTensor), ir.P(bound, anyTensor))
		def.Infer = inferNumber
		return def
	}
	return []*ir.OpDef{clamp,
		bounded(OpClampMin, "x, or another tensor where that is greater", "min", isLT),
		bounded(OpClampMax, "x, or another tensor where that is less", "max", isGT),
	}
}

// clampImports reads bounds that are tensors.
func clampImports() []ir.Import {
	build := func(c *ir.ImportCall) ([]*ir.Value, error) {
		var args []ir.ImportArg
		var names []ir.OpName
		for _, name := range []string{"self", "min", "max"} {
			if a := c.Args[name]; a.Value != nil {
				args = append(args, a)
				names = append(names, ir.OpName("aten.clamp_"+name))
			}
		}
		values, err := Promote(c.Builder, args)
		if err != nil {
			return nil, err
		}
		x := values[0]
		for i, bound := range values[1:] {
			if x, err = one(c, names[i+1], []*ir.Value{x, bound}); err != nil {
				return nil, err
			}
		}
		return []*ir.Value{x}, nil
	}
	return []ir.Import{
		{Schema: "aten::clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", Build: build},
		{Schema: "aten::clip.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", Build: build},
	}
}
