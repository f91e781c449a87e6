package aten

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// OpArange names the tensor of evenly spaced numbers.
const OpArange ir.OpName = "aten.arange"

// Arange is a tensor whose elements are start + step * i, i being the index along
// dim. Integers are computed in i64, floats in f64.
func Arange(b *ir.Builder, start, step ir.Scalar, dim int64, shape []int64, elem ir.Type) *ir.Value {
	of := func(v ir.Scalar) ir.Attr {
		if ir.IsFloat(elem) {
			return ir.F64Attr(v.F)
		}
		return ir.I64Attr(v.I)
	}
	return b.Insert(ir.State{Name: OpArange, Results: []ir.Type{ir.Tensor(shape, elem)}, Attrs: []ir.NamedAttr{
		attr("dim", ir.I64Attr(dim)), attr("start", of(start)), attr("step", of(step)),
	}}).Result(0)
}

// indices is an i64 tensor whose elements are their index along dim.
func indices(b *ir.Builder, dim int, shape []int64) *ir.Value {
	return Arange(b, ir.Scalar{}, number(1), int64(dim), shape, ir.I64)
}

func arangeDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpArange, Summary: "evenly spaced numbers along one dimension",
		Example: "%out = aten.arange {dim = 0 : i64, start = 2 : i64, step = 3 : i64} : () -> tensor<4xi64>",
		Results: ir.Params(ir.P("out", anyTensor)),
		Attrs: []ir.AttrParam{
			{Name: "dim", Kind: intAttr, Default: ir.I64Attr(0), Doc: "the dimension along which they differ"},
			{Name: "start", Kind: numberAttr, Default: ir.I64Attr(0), Doc: "the first"},
			{Name: "step", Kind: numberAttr, Default: ir.I64Attr(1), Doc: "the difference between two"},
		},
		Traits: ir.Pure,
		Verify: func(op *ir.Op) error {
			if _, err := ir.Dim(op.Int("dim", 0), len(shapeOf(op.Result(0)))); err != nil {
				return op.Errorf("%v", err)
			}
			return nil
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			shape, elem := shapeOf(op.Result(0)), elemOf(op.Result(0))
			dim, _ := ir.Dim(op.Int("dim", 0), len(shape))
			iters := make([]linalg.Iterator, len(shape))
			for i := range iters {
				iters[i] = linalg.Parallel
			}
			wide := ir.Type(ir.I64)
			if ir.IsFloat(elem) {
				wide = ir.F64
			}
			init := tensor.Empty(b, shape, elem)
			return linalg.Generic(b, nil, []*ir.Value{init}, []*ir.AffineMap{ir.IdentityMap(len(shape))}, iters,
				func(b *ir.Builder, _ []*ir.Value) []*ir.Value {
					v := attrScalar(b, op.Attr("start"), wide)
					if len(shape) > 0 {
						i := arith.Cast(b, linalg.Index(b, int64(dim)), wide)
						v = add(b, v, scaled(b, orOne(op.Attr("step")), i))
					}
					return []*ir.Value{arith.Cast(b, v, elem)}
				}).Results()
		},
		VJP: func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return nil },
	}}
}

// orOne is a, and 1 where it is absent.
func orOne(a ir.Attr) ir.Attr {
	if a == nil {
		return ir.I64Attr(1)
	}
	return a
}

// arangeImports are the constants that count, and the triangles cut with them.
func arangeImports() []ir.Import {
	const options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None"
	return []ir.Import{
		{Schema: "aten::arange(Scalar end, " + options + ") -> Tensor", Build: arange},
		{Schema: "aten::arange.start(Scalar start, Scalar end, " + options + ") -> Tensor", Build: arange},
		{Schema: "aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, " + options + ") -> Tensor", Build: arange},
		{Schema: "aten::linspace(Scalar start, Scalar end, int steps, " + options + ") -> Tensor", Build: linspace},
		{Schema: "aten::eye(SymInt n, " + options + ") -> Tensor", Build: eye},
		{Schema: "aten::eye.m(SymInt n, SymInt m, " + options + ") -> Tensor", Build: eye},
		{Schema: "aten::tril(Tensor self, int diagonal=0) -> Tensor", Build: triangle(OpLe)},
		{Schema: "aten::triu(Tensor self, int diagonal=0) -> Tensor", Build: triangle(OpGe)},
	}
}

// createdElem is the element type that is asked for, else that of like if there is one,
// else what was recorded, as ATen's default type is a setting of the process, else def.
func createdElem(c *ir.ImportCall, like *ir.Value, def ir.Type) (ir.Type, error) {
	if err := onCPU(c); err != nil {
		return nil, err
	}
	elem, err := dtypeArg(c, "dtype")
	switch {
	case err != nil || elem != nil:
		return elem, err
	case like != nil:
		return elemOf(like), nil
	case len(c.Results) == 1 && c.Results[0] != nil && SupportedElem(ir.ElemType(c.Results[0])):
		return ir.ElemType(c.Results[0]), nil
	}
	return def, nil
}

func arange(c *ir.ImportCall) ([]*ir.Value, error) {
	start, end, step := c.Args["start"].Attr, c.Args["end"].Attr, orOne(c.Args["step"].Attr)
	whole := true
	for _, a := range []ir.Attr{start, end, step} {
		if _, ok := a.(ir.FloatAttr); ok {
			whole = false
		}
	}
	def := ir.Type(ir.F32)
	if whole {
		def = ir.I64
	}
	elem, err := createdElem(c, nil, def)
	if err != nil {
		return nil, err
	}
	// ATen: ceil((end - start) / step), in double.
	from, to, by := scalarAs(start, ir.F64).F, scalarAs(end, ir.F64).F, scalarAs(step, ir.F64).F
	n := math.Ceil((to - from) / by)
	if by == 0 || math.IsNaN(n) || n < 0 || n > 1<<40 {
		return nil, fmt.Errorf("has no numbers from %v to %v by %v", from, to, by)
	}
	return []*ir.Value{Arange(c.Builder, scalarAs(start, elem), scalarAs(step, elem), 0, []int64{int64(n)}, elem)}, nil
}

func linspace(c *ir.ImportCall) ([]*ir.Value, error) {
	elem, err := createdElem(c, nil, ir.F32)
	if err != nil {
		return nil, err
	}
	if !ir.IsFloat(elem) {
		return nil, refused("is supported for floats only")
	}
	start, end, n := numberArg(c, "start", 0), numberArg(c, "end", 0), intArg(c, "steps", 0)
	if n < 0 {
		return nil, fmt.Errorf("steps is %d, expected 0 or more", n)
	}
	step := 0.0
	if n > 1 {
		step = (end - start) / float64(n-1)
	}
	return []*ir.Value{Arange(c.Builder, number(start), number(step), 0, []int64{n}, elem)}, nil
}

func eye(c *ir.ImportCall) ([]*ir.Value, error) {
	elem, err := createdElem(c, nil, ir.F32)
	if err != nil {
		return nil, err
	}
	n := intArg(c, "n", 0)
	m := intArg(c, "m", n)
	if n < 0 || m < 0 {
		return nil, fmt.Errorf("has no shape [%d, %d]", n, m)
	}
	hit, err := one(c, OpEq, []*ir.Value{indices(c.Builder, 0, []int64{n, 1}), indices(c.Builder, 0, []int64{m})})
	if err != nil {
		return nil, err
	}
	return []*ir.Value{To(c.Builder, hit, elem)}, nil
}

// triangle keeps the elements whose column less row compares so with the diagonal.
func triangle(keep ir.OpName) func(c *ir.ImportCall) ([]*ir.Value, error) {
	return func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		shape := shapeOf(x)
		rank := len(shape)
		if rank < 2 {
			return nil, fmt.Errorf("expects a tensor of at least 2 dimensions, got %d", rank)
		}
		rows, columns := shape[rank-2], shape[rank-1]
		if rows < 0 || columns < 0 {
			return nil, fmt.Errorf("the size of a matrix in %s is not known", x.Type())
		}
		b := c.Builder
		// tril keeps column <= row + diagonal, triu column >= row + diagonal.
		row := Arange(b, number(float64(intArg(c, "diagonal", 0))), number(1), 0, []int64{rows, 1}, ir.I64)
		column := indices(b, 0, []int64{columns})
		kept := b.Emit(keep, column, row)
		return try(c, OpWhere, []*ir.Value{kept, x, Full(b, ir.Scalar{}, nil, elemOf(x))})
	}
}
