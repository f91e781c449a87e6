package aten

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Constant tensors.
const (
	OpFull     ir.OpName = "aten.full"
	OpFullLike ir.OpName = "aten.full_like"
)

// Full is a tensor all of whose elements are one number.
func Full(b *ir.Builder, value ir.Scalar, shape []int64, elem ir.Type) *ir.Value {
	return b.Insert(ir.State{Name: OpFull, Results: []ir.Type{ir.Tensor(shape, elem)},
		Attrs: []ir.NamedAttr{attr("value", numberOf(value, elem))}}).Result(0)
}

func creationDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpFull, Summary: "a tensor all of whose elements are one number",
		Example: "%out = aten.full {value = 0.5 : f32} : () -> tensor<4x8xf32>",
		Results: ir.Params(ir.P("out", anyTensor)),
		Attrs:   []ir.AttrParam{{Name: "value", Kind: numberAttr, Required: true, Doc: "the number, of the tensor's element type"}},
		Traits:  ir.Pure | ir.ConstantLike | ir.Elementwise,
		Verify: func(op *ir.Op) error {
			want := elemOf(op.Result(0))
			var got ir.Type
			switch a := op.Attr("value").(type) {
			case ir.FloatAttr:
				got = a.Type
			case ir.IntegerAttr:
				got = a.Type
			}
			if got != want {
				return op.Errorf("value has type %s, the tensor's elements %s", got, want)
			}
			return nil
		},
		Scalar: func(b *ir.Builder, op *ir.Op, _ []*ir.Value) []*ir.Value {
			return []*ir.Value{arith.Constant(b, op.Attr("value"))}
		},
		VJP: func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return nil },
	}, fullLikeDef()}
}

// fullLikeDef is full whose shape is that of another tensor: it stands only where that
// shape is not known.
func fullLikeDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpFullLike, Summary: "a tensor of the shape of another, all of whose elements are one number",
		Example:  "%out = aten.full_like %self {value = 0.5 : f32} : tensor<4x8xf32>",
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{{Name: "value", Kind: numberAttr, Required: true, Doc: "the number, of the result's element type"}},
		Traits:   ir.Pure | ir.Elementwise | ir.NotDifferentiable,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			switch a := in.Attrs.Get("value").(type) {
			case ir.FloatAttr:
				return ir.Single(ir.Tensor(in.Shape(0), a.Type))
			case ir.IntegerAttr:
				return ir.Single(ir.Tensor(in.Shape(0), a.Type))
			}
			return nil, fmt.Errorf("attribute \"value\" is missing")
		},
		Scalar: func(b *ir.Builder, op *ir.Op, _ []*ir.Value) []*ir.Value {
			return []*ir.Value{arith.Constant(b, op.Attr("value"))}
		},
	}
}

// fullLike is a constant of the shape of x, known or not.
func fullLike(b *ir.Builder, x *ir.Value, value ir.Scalar, elem ir.Type) *ir.Value {
	if ir.Static(shapeOf(x)) {
		return Full(b, value, shapeOf(x), elem)
	}
	return b.Create(OpFullLike, []*ir.Value{x}, attr("value", numberOf(value, elem))).Result(0)
}

// numberOf is a number as an attribute of type elem.
func numberOf(value ir.Scalar, elem ir.Type) ir.Attr {
	if ir.IsFloat(elem) {
		return ir.FloatAttr{Value: value.F, Type: elem}
	}
	return ir.IntegerAttr{Value: value.I, Type: elem}
}

// creationImports read the many spellings of a constant tensor. empty is zeros: what
// its elements are is not defined, and this is always the same.
func creationImports() []ir.Import {
	const options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None"
	type row struct {
		schema, value string
		fixed         float64
	}
	rows := []row{
		{"aten::full(SymInt[] size, Scalar fill_value, " + options + ") -> Tensor", "fill_value", 0},
		{"aten::zeros(SymInt[] size, " + options + ") -> Tensor", "", 0},
		{"aten::ones(SymInt[] size, " + options + ") -> Tensor", "", 1},
		{"aten::empty.memory_format(SymInt[] size, " + options + ", MemoryFormat? memory_format=None) -> Tensor", "", 0},
		{"aten::full_like(Tensor self, Scalar fill_value, " + options + ", MemoryFormat? memory_format=None) -> Tensor", "fill_value", 0},
		{"aten::zeros_like(Tensor self, " + options + ", MemoryFormat? memory_format=None) -> Tensor", "", 0},
		{"aten::ones_like(Tensor self, " + options + ", MemoryFormat? memory_format=None) -> Tensor", "", 1},
		{"aten::empty_like(Tensor self, " + options + ", MemoryFormat? memory_format=None) -> Tensor", "", 0},
		{"aten::new_zeros(Tensor self, SymInt[] size, " + options + ") -> Tensor", "", 0},
		{"aten::new_ones(Tensor self, SymInt[] size, " + options + ") -> Tensor", "", 1},
		{"aten::new_full(Tensor self, SymInt[] size, Scalar fill_value, " + options + ") -> Tensor", "fill_value", 0},
		{"aten::new_empty(Tensor self, SymInt[] size, " + options + ") -> Tensor", "", 0},
		{"aten::scalar_tensor(Scalar s, " + options + ") -> Tensor", "s", 0},
	}
	var out []ir.Import
	for _, r := range rows {
		out = append(out, ir.Import{Schema: r.schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			shape := intsArg(c, "size")
			value := c.Args[r.value].Attr
			if r.value == "" {
				value = ir.F64Attr(r.fixed)
			}
			self := c.Args["self"].Value
			elem := ir.Type(ir.F32)
			if i, ok := value.(ir.IntegerAttr); ok && r.value != "" {
				elem = ir.I64
				if i.Type == ir.Type(ir.I1) {
					elem = ir.I1
				}
			}
			elem, err := createdElem(c, self, elem)
			if err != nil {
				return nil, err
			}
			if self != nil && c.Args["size"].IsNone() {
				return []*ir.Value{fullLike(c.Builder, self, scalarAs(value, elem), elem)}, nil
			}
			if !ir.Static(shape) {
				return nil, fmt.Errorf("size %v is not a shape", shape)
			}
			return []*ir.Value{Full(c.Builder, scalarAs(value, elem), shape, elem)}, nil
		}})
	}
	return append(out, fillImports()...)
}

// fillImports are what a tensor becomes that is written over as a whole: fill_, zero_
// and copy_ without the underscore.
func fillImports() []ir.Import {
	over := func(c *ir.ImportCall, value func(elem ir.Type) (*ir.Value, error)) ([]*ir.Value, error) {
		self, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		v, err := value(elemOf(self))
		if err != nil {
			return nil, err
		}
		if slices.Equal(shapeOf(v), shapeOf(self)) {
			return []*ir.Value{v}, nil
		}
		return try(c, OpExpand, []*ir.Value{v}, attr("shape", ir.I64Array(shapeOf(self)...)))
	}
	number := func(c *ir.ImportCall) ([]*ir.Value, error) {
		return over(c, func(elem ir.Type) (*ir.Value, error) {
			value := c.Args["value"].Attr
			if value == nil {
				value = ir.I64Attr(0)
			}
			return Full(c.Builder, scalarAs(value, elem), nil, elem), nil
		})
	}
	tensor := func(name string) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			return over(c, func(elem ir.Type) (*ir.Value, error) {
				x, err := tensorArg(c, name)
				if err != nil {
					return nil, err
				}
				return To(c.Builder, x, elem), nil
			})
		}
	}
	return []ir.Import{
		{Schema: "aten::fill.Scalar(Tensor self, Scalar value) -> Tensor", Build: number},
		{Schema: "aten::fill.Tensor(Tensor self, Tensor value) -> Tensor", Build: tensor("value")},
		// As LibTorch's tracer writes fill(self, value).
		{Schema: "aten::full_like(Tensor self, Tensor fill_value) -> Tensor", Build: tensor("fill_value")},
		{Schema: "aten::zero(Tensor self) -> Tensor", Build: number},
		{Schema: "aten::copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor", Build: tensor("src")},
	}
}
