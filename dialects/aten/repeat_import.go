package aten

import (
	"fmt"
	gomath "math"
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// Copies of elements and other everyday spellings.

func repeatImports() []ir.Import {
	onSelf := func(schema string, f func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error)) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			return f(c, x)
		}}
	}
	flipped := func(dim int64) func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		return func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			if int64(len(shapeOf(x))) <= dim {
				return nil, fmt.Errorf("got %s, expected at least %d dimensions", x.Type(), dim+1)
			}
			return try(c, OpFlip, []*ir.Value{x}, attr("dims", ir.I64Array(dim)))
		}
	}
	scaledBy := func(factor float64) func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		return func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			if !ir.IsFloat(elemOf(x)) {
				x = To(c.Builder, x, ir.F32)
			}
			return []*ir.Value{Scale(c.Builder, x, factor)}, nil
		}
	}
	return []ir.Import{
		onSelf("aten::tile(Tensor self, SymInt[] dims) -> Tensor", tile),
		onSelf("aten::repeat_interleave.self_int(Tensor self, SymInt repeats, int? dim=None, *, SymInt? output_size=None) -> Tensor", repeatInterleave),
		onSelf("aten::flipud(Tensor self) -> Tensor", flipped(0)),
		onSelf("aten::fliplr(Tensor self) -> Tensor", flipped(1)),
		onSelf("aten::deg2rad(Tensor self) -> Tensor", scaledBy(gomath.Pi/180)),
		onSelf("aten::rad2deg(Tensor self) -> Tensor", scaledBy(180/gomath.Pi)),
	}
}

// tile is repeat, with as many counts as there are dimensions at least.
func tile(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	times := intsArg(c, "dims")
	times = append(slices.Repeat([]int64{1}, max(0, len(shapeOf(x))-len(times))), times...)
	c.Args["repeats"] = ir.ImportArg{Attr: ir.I64Array(times...)}
	return repeat(c, x)
}

// repeatInterleave writes each element several times, one copy after the other.
func repeatInterleave(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	times := intArg(c, "repeats", 1)
	shape := slices.Clone(shapeOf(x))
	if !ir.Static(shape) || times < 0 {
		return nil, fmt.Errorf("got %s and %d repeats, expected known sizes and at least 0", x.Type(), times)
	}
	d := 0
	if c.Args["dim"].IsNone() {
		n, _ := ir.NumElements(shape)
		shape = []int64{n}
	} else {
		var err error
		if d, err = ir.Dim(intArg(c, "dim", 0), len(shape)); err != nil {
			return nil, err
		}
		if len(shape) == 0 {
			shape = []int64{1}
		}
	}
	with := func(n int64) []int64 { return slices.Insert(slices.Clone(shape), d+1, n) }
	v, err := one(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(with(1)...)))
	if err != nil {
		return nil, err
	}
	if v, err = one(c, OpExpand, []*ir.Value{v}, attr("shape", ir.I64Array(with(times)...))); err != nil {
		return nil, err
	}
	shape[d] *= times
	return try(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(shape...)))
}
