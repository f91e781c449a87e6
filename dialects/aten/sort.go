package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Order along a dimension. Rows are sorted by merging, stably; a NaN counts as larger
// than every number, as in ATen.
const (
	OpSort ir.OpName = "aten.sort"
	OpTopK ir.OpName = "aten.topk"
)

var (
	sortDim       = ir.AttrParam{Name: "dim", Kind: intAttr, Default: ir.I64Attr(-1), Doc: "the dimension"}
	sortOutputs   = ir.Params(ir.P("values", anyTensor), ir.P("indices", indexTensor))
	sortOperands  = ir.Params(ir.P("self", anyTensor))
	sortStability = "Elements that are equal keep their order; ATen leaves it open unless asked for stability."
)

func sortDefs() []*ir.OpDef {
	// derivatives.yaml: value_selecting_reduction_backward.
	vjp := func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		if d[0] == nil {
			return []*ir.Value{nil}
		}
		if len(shapeOf(op.Operand(0))) == 0 {
			return d[:1]
		}
		return []*ir.Value{Scatter(b, zerosLike(b, op.Operand(0)), op.Int("dim", -1), op.Result(1), d[0])}
	}
	sort := &ir.OpDef{
		Name: OpSort, Summary: "the elements along a dimension in order, and where they stood", Description: sortStability,
		Example:  "%out:2 = aten.sort %x {dim = 1 : i64} : (tensor<4x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xi64>)",
		Operands: sortOperands, Results: sortOutputs,
		Attrs:  []ir.AttrParam{sortDim, {Name: "descending", Kind: boolAttr, Default: ir.BoolAttr(false), Doc: "largest first"}},
		Traits: ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := ir.Dim(in.Attrs.Int("dim", -1), len(in.Shape(0))); err != nil {
				return nil, err
			}
			return []ir.Type{in.Operands[0], ir.Tensor(in.Shape(0), ir.I64)}, nil
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			sortRows(b, args[0], outs, op.Int("dim", -1), op.Bool("descending", false))
		},
		VJP: vjp,
	}
	topk := &ir.OpDef{
		Name: OpTopK, Summary: "the largest elements along a dimension in order, and where they stood", Description: sortStability,
		Example:  "%out:2 = aten.topk %x {dim = 1 : i64, k = 2 : i64} : (tensor<4x5xf32>) -> (tensor<4x2xf32>, tensor<4x2xi64>)",
		Operands: sortOperands, Results: sortOutputs,
		Attrs: []ir.AttrParam{sortDim, {Name: "k", Kind: intAttr, Required: true, Doc: "how many"},
			{Name: "largest", Kind: boolAttr, Default: ir.BoolAttr(true), Doc: "the largest, else the smallest"}},
		Torch:  []string{"aten::topk(Tensor self, SymInt k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)"},
		Traits: ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			d, err := ir.Dim(in.Attrs.Int("dim", -1), len(in.Shape(0)))
			if err != nil {
				return nil, err
			}
			k := in.Attrs.Int("k", 0)
			shape := append([]int64{}, in.Shape(0)...)
			n := int64(1)
			if len(shape) > 0 {
				n = shape[d]
				shape[d] = k
			}
			if k < 0 || n >= 0 && k > n || len(shape) == 0 && k != 1 {
				return nil, fmt.Errorf("k is %d, expected 0 to %s", k, in.Sizes.Format(n))
			}
			return []ir.Type{ir.Tensor(shape, in.Elem(0)), ir.Tensor(shape, ir.I64)}, nil
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			sortRows(b, args[0], outs, op.Int("dim", -1), op.Bool("largest", true))
		},
		VJP: vjp,
	}
	return []*ir.OpDef{sort, topk}
}

// sortRows writes the first elements of each row of x along dim in order to outs, as
// many as they hold, and their indices.
func sortRows(b *ir.Builder, x *ir.Value, outs []*ir.Value, dim int64, descending bool) {
	shape := shapeOf(x)
	if len(shape) == 0 {
		memref.Store(b, memref.Load(b, x), outs[0])
		memref.Store(b, arith.ConstantI(b, 0, ir.I64), outs[1])
		return
	}
	d, _ := ir.Dim(dim, len(shape))
	n := shape[d]
	row := func(elem ir.Type) *ir.Value { return memref.Alloc(b, ir.MemRef([]int64{n}, elem)) }
	elem := elemOf(x)
	from, to := run{row(elem), row(ir.I64)}, run{row(elem), row(ir.I64)}
	rows := append([]int64{}, shape...)
	rows[d] = 1
	forShape(b, rows, func(b *ir.Builder, at []*ir.Value) {
		forRange(b, size(b, 0), size(b, n), func(b *ir.Builder, i *ir.Value) {
			memref.Store(b, memref.Load(b, x, with(at, d, i)...), from.values, i)
			memref.Store(b, arith.Cast(b, i, ir.I64), from.indices, i)
		})
		a, z := from, to
		for width := int64(1); width < n; width *= 2 {
			mergePass(b, a, z, n, width, descending)
			a, z = z, a
		}
		forRange(b, size(b, 0), size(b, shapeOf(outs[0])[d]), func(b *ir.Builder, i *ir.Value) {
			memref.Store(b, memref.Load(b, a.values, i), outs[0], with(at, d, i)...)
			memref.Store(b, memref.Load(b, a.indices, i), outs[1], with(at, d, i)...)
		})
	})
}

// run is a row on its way to being sorted: elements and where they stood.
type run struct{ values, indices *ir.Value }

// mergePass merges runs of width elements, two by two, from one row to another.
func mergePass(b *ir.Builder, from, to run, n, width int64, descending bool) {
	forStep(b, size(b, 0), size(b, n), 2*width, func(b *ir.Builder, start *ir.Value) {
		middle := arith.MinSI(b, arith.AddI(b, start, size(b, width)), size(b, n))
		end := arith.MinSI(b, arith.AddI(b, start, size(b, 2*width)), size(b, n))
		last := size(b, n-1)
		scf.For(b, start, end, size(b, 1), []*ir.Value{start, middle}, func(b *ir.Builder, i *ir.Value, heads []*ir.Value) []*ir.Value {
			left, right := heads[0], heads[1]
			// A head that has left its run is read where there is memory, and not taken.
			x := memref.Load(b, from.values, arith.MinSI(b, left, last))
			y := memref.Load(b, from.values, arith.MinSI(b, right, last))
			takeRight := arith.AndI(b, arith.CmpI(b, arith.SLT, right, end),
				arith.OrI(b, arith.CmpI(b, arith.SGE, left, middle), comesBefore(b, y, x, descending)))
			source := arith.Select(b, takeRight, right, left)
			memref.Store(b, arith.Select(b, takeRight, y, x), to.values, i)
			memref.Store(b, memref.Load(b, from.indices, source), to.indices, i)
			one := size(b, 1)
			return []*ir.Value{
				arith.Select(b, takeRight, left, arith.AddI(b, left, one)),
				arith.Select(b, takeRight, arith.AddI(b, right, one), right),
			}
		})
	})
}

// comesBefore reports whether x comes strictly before y.
func comesBefore(b *ir.Builder, x, y *ir.Value, descending bool) *ir.Value {
	if descending {
		return arith.OrI(b, compare(b, isGT, x, y), arith.AndI(b, isNaN(b, x), not(b, isNaN(b, y))))
	}
	return arith.OrI(b, compare(b, isLT, x, y), arith.AndI(b, isNaN(b, y), not(b, isNaN(b, x))))
}

// sortImports are the forms of sort.
func sortImports() []ir.Import {
	sorted := func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		return try(c, OpSort, []*ir.Value{x}, attr("dim", ir.I64Attr(intArg(c, "dim", -1))), attr("descending", ir.BoolAttr(boolArg(c, "descending", false))))
	}
	places := func(c *ir.ImportCall) ([]*ir.Value, error) {
		both, err := sorted(c)
		if err != nil {
			return nil, err
		}
		return both[1:], nil
	}
	return []ir.Import{
		{Schema: "aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)", Build: sorted},
		{Schema: "aten::sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)", Build: sorted},
		{Schema: "aten::argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor", Build: places},
		{Schema: "aten::argsort.stable(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> Tensor", Build: places},
		{Schema: "aten::msort(Tensor self) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			both, err := try(c, OpSort, []*ir.Value{x}, attr("dim", ir.I64Attr(0)))
			if err != nil {
				return nil, err
			}
			return both[:1], nil
		}},
	}
}
