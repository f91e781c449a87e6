package aten

import (
	gomath "math"
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Bounds.
const (
	OpClamp    ir.OpName = "aten.clamp"
	OpClampMin ir.OpName = "aten.clamp_min"
	OpClampMax ir.OpName = "aten.clamp_max"
)

// throughBounds is of clamp between numbers.
var throughBounds = convention("through_bounds", "the gradient passes where x is equal to a bound too")

// clampDefs follows derivatives.yaml: the gradient passes where min < self < max, and
// half of it goes to a bound that is a tensor where self is equal to it.
func clampDefs() []*ir.OpDef {
	clamp := sameUnary(OpClamp, "x between two bounds, the nearer of them outside", nil)
	clamp.Description = "Where min is greater than max the result is max."
	clamp.Example = "%out = aten.clamp %self {max = 1.0 : f64, min = -1.0 : f64} : tensor<4x8xf32>"
	clamp.Torch = nil // the bounds take part in the promotion of types
	clamp.Attrs = []ir.AttrParam{{Name: "min", Kind: numberAttr, Doc: "lower bound, none if absent"}, {Name: "max", Kind: numberAttr, Doc: "upper bound, none if absent"}, throughBounds}
	clamp.Infer = inferNumber
	clamp.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		return []*ir.Value{clampLane(b, args[0], op.Attr("min"), op.Attr("max"), op.Bool(throughBounds.Name, false))}
	}
	// first is x where it is within the bound, and has the gradient then; nothing has it where one is NaN.
	first := func(within, beyond comparison) lane2 {
		return func(b *ir.Builder, x, y *ir.Value) *ir.Value {
			return arith.Select(b, compare(b, within, x, y), x,
				arith.Select(b, compare(b, beyond, x, y), y, arith.Stop(b, arith.AddF(b, x, y))))
		}
	}
	bounded := func(name ir.OpName, summary, bound string, most bool) *ir.OpDef {
		torch := []string{"aten::clamp_" + bound + ".Tensor(Tensor self, Tensor " + bound + ") -> Tensor"}
		def := sameBinary(name, summary, torch, func(b *ir.Builder, x, y *ir.Value) *ir.Value {
			return extremum(b, most, x, y)
		})
		def.Operands = ir.Params(ir.P("self", anyTensor), ir.P(bound, anyTensor))
		def.Infer = inferNumber
		if most {
			return withConvention(def, firstTies, first(isGE, isLT))
		}
		return withConvention(def, firstTies, first(isLE, isGT))
	}
	return []*ir.OpDef{clamp,
		bounded(OpClampMin, "x, or another tensor where that is greater", "min", true),
		bounded(OpClampMax, "x, or another tensor where that is less", "max", false),
	}
}

// clampLane is the bound where x is at or beyond it, or x where it is at one and the
// gradient passes through: the greater one's where the bounds cross, and NaN where x
// or a bound is NaN.
func clampLane(b *ir.Builder, x *ir.Value, low, high ir.Attr, through bool) *ir.Value {
	t := x.Type()
	bound := func(a ir.Attr) float64 { return scalarAs(a, ir.F64).F }
	if low != nil && high != nil && bound(low) > bound(high) {
		low, through = high, false // nothing is within
	}
	above, below := isGE, isLE
	if through {
		above, below = isGT, isLT
	}
	out := x
	if ir.IsFloat(t) {
		for _, a := range []ir.Attr{low, high} {
			if a != nil && gomath.IsNaN(bound(a)) {
				return attrScalar(b, a, t)
			}
		}
		out = arith.Select(b, isNaN(b, x), arith.Stop(b, x), x)
	}
	if high != nil {
		v := attrScalar(b, high, t)
		out = arith.Select(b, compare(b, above, x, v), v, out)
	}
	if low != nil {
		v := attrScalar(b, low, t)
		out = arith.Select(b, compare(b, below, x, v), v, out)
	}
	return out
}

// clampByNumbers reads bounds that are numbers.
func clampByNumbers(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	args := []ir.ImportArg{c.Args["self"]}
	var bounds []ir.NamedAttr
	for _, name := range []string{"max", "min"} {
		if a := c.Args[name]; a.Attr != nil {
			args = append(args, a)
			bounds = append(bounds, attr(name, a.Attr))
		}
	}
	return try(c, OpClamp, []*ir.Value{To(c.Builder, x, resultType(args...))}, bounds...)
}

// clampImports reads bounds that are numbers or tensors.
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
		self := values[0]
		x := self
		for i, bound := range values[1:] {
			if x, err = one(c, names[i+1], []*ir.Value{x, bound}); err != nil {
				return nil, err
			}
		}
		if len(values) == 3 && ir.IsFloat(elemOf(x)) {
			b := c.Builder
			if slices.Contains(c.Conventions[OpClampMin], firstTies.Name) {
				// Below bounds that are equal it is nobody's.
				equal := b.Emit(OpLogicalAnd, b.Emit(OpLt, self, values[1]), Eq(b, values[1], values[2]))
				return try(c, OpWhere, []*ir.Value{equal, b.Emit(OpDetach, x), x})
			}
			// The gradient is self's alone where it is NaN or both bounds are equal to it, and
			// min's alone below it, max being equal or not.
			alone := b.Emit(OpLogicalOr, b.Emit(OpNe, self, self), b.Emit(OpLogicalAnd, Eq(b, self, values[1]), Eq(b, self, values[2])))
			below := b.Emit(OpLogicalAnd, b.Emit(OpLt, self, values[1]), b.Emit(OpLe, values[1], values[2]))
			return try(c, OpWhere, []*ir.Value{alone, self, Where(b, below, values[1], x)})
		}
		return []*ir.Value{x}, nil
	}
	return []ir.Import{
		{Schema: "aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor", Build: clampByNumbers},
		{Schema: "aten::clip(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor", Build: clampByNumbers},
		{Schema: "aten::clamp_min(Tensor self, Scalar min) -> Tensor", Build: clampByNumbers},
		{Schema: "aten::clamp_max(Tensor self, Scalar max) -> Tensor", Build: clampByNumbers},
		{Schema: "aten::clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", Build: build},
		{Schema: "aten::clip.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", Build: build},
	}
}
