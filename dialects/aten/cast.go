package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Casts and copies.
const (
	OpTo     ir.OpName = "aten.to"
	OpClone  ir.OpName = "aten.clone"
	OpDetach ir.OpName = "aten.detach"
)

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
	detach := sameUnary(OpDetach, "a tensor through which no gradient flows", arith.Stop)
	detach.Torch = []string{"aten::detach(Tensor(a) self) -> Tensor(a)"}
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
		if t == elemOf(x) && boolArg(c, "copy", false) {
			return []*ir.Value{Clone(c.Builder, x)}, nil
		}
		return []*ir.Value{To(c.Builder, x, t)}, nil
	}
	var out []ir.Import
	for _, s := range []string{
		"aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
		"aten::to.other(Tensor(a) self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
		"aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
		"aten::to.dtype_layout(Tensor(a) self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
		"aten::type_as(Tensor(a) self, Tensor other) -> Tensor(a)",
	} {
		out = append(out, ir.Import{Schema: s, Build: convert})
	}
	return out
}
