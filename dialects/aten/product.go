package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Products and truth over dimensions.
const (
	OpProd ir.OpName = "aten.prod"
	OpAny  ir.OpName = "aten.any"
	OpAll  ir.OpName = "aten.all"
)

// Prod is the product over dims, all if none are given.
func Prod(b *ir.Builder, x *ir.Value, dims []int64, keepdim bool) *ir.Value {
	return reduced(b, OpProd, x, dims, keepdim)
}

func productDefs() []*ir.OpDef {
	prod := dimReduction(OpProd, "product over dimensions",
		"aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor",
		"aten::prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor")
	prod.Infer = inferReduction(sumElem)
	prod.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x := To(b, op.Operand(0), elemOf(op.Result(0)))
		return []*ir.Value{reduceNest(b, x, reducedDims(op), op.Bool("keepdim", false), number(1),
			func(b *ir.Builder, in, acc *ir.Value) *ir.Value { return mul(b, acc, in) })}
	}
	prod.VJP = prodBackward

	truths := func(name ir.OpName, summary string, start float64, f func(b *ir.Builder, x, y *ir.Value) *ir.Value) *ir.OpDef {
		short := string(name)[len("aten."):]
		def := dimReduction(name, summary,
			"aten::"+short+"(Tensor self) -> Tensor",
			"aten::"+short+".dim(Tensor self, int dim, bool keepdim=False) -> Tensor",
			"aten::"+short+".dims(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor")
		def.Example = "%out = " + string(name) + " %x {dim = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xi1>"
		def.Results = ir.Params(ir.P("out", boolTensor))
		def.Attrs = reductionAttrs[:2]
		def.Traits |= ir.NotDifferentiable
		def.Infer = inferReduction(func(*ir.Inference, ir.Type) (ir.Type, error) { return ir.I1, nil })
		def.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
			return []*ir.Value{reduceNest(b, To(b, op.Operand(0), ir.I1), reducedDims(op), op.Bool("keepdim", false), number(start),
				func(b *ir.Builder, in, acc *ir.Value) *ir.Value { return f(b, acc, in) })}
		}
		return def
	}
	return []*ir.OpDef{prod,
		truths(OpAny, "whether an element over dimensions is not zero", 0, arith.OrI),
		truths(OpAll, "whether all elements over dimensions are not zero", 1, arith.AndI),
	}
}

// prodBackward is the product of the other elements times the adjoint, as ATen's
// prod_backward, which looks at the zeros: with none of them that is result / self;
// with one, the product of the others for it and 0 for the rest; with more, 0.
func prodBackward(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
	elem := elemOf(op.Result(0))
	x, dims := To(b, op.Operand(0), elem), dimsOf(op.Attrs())
	zero, one := Full(b, ir.Scalar{}, nil, elem), Full(b, number(1), nil, elem)
	isZero := Eq(b, x, zero)
	safe := Where(b, isZero, one, x)
	rest := Prod(b, safe, dims, true)
	zeros := Sum(b, To(b, isZero, elem), dims, true)
	others := Where(b, isZero, Where(b, Eq(b, zeros, one), rest, zero), Where(b, Eq(b, zeros, zero), Div(b, rest, safe), zero))
	return []*ir.Value{To(b, Mul(b, spread(b, op, d[0]), others), elemOf(op.Operand(0)))}
}

// countImports is count_nonzero and the indices of extrema, spelled by others.
func countImports() []ir.Import {
	count := func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		return try(c, OpSum, []*ir.Value{To(c.Builder, x, ir.I1)}, reductionArgs(c)...)
	}
	index := func(name ir.OpName) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			rank, keep := len(shapeOf(x)), boolArg(c, "keepdim", false)
			dim := intArg(c, "dim", 0)
			whole := c.Args["dim"].IsNone()
			if whole {
				if x, err = one(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(-1))); err != nil {
					return nil, err
				}
			}
			results, err := try(c, name, []*ir.Value{x}, attr("dim", ir.I64Attr(dim)), attr("keepdim", ir.BoolAttr(keep)))
			if err != nil {
				return nil, err
			}
			out := results[1]
			if whole && keep && rank != 1 {
				ones := make([]int64, rank)
				for i := range ones {
					ones[i] = 1
				}
				out = Reshape(c.Builder, out, ones)
			}
			return []*ir.Value{out}, nil
		}
	}
	return []ir.Import{
		{Schema: "aten::count_nonzero(Tensor self, int? dim=None) -> Tensor", Build: count},
		{Schema: "aten::count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor", Build: count},
		{Schema: "aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", Build: index(OpMaxDim)},
		{Schema: "aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", Build: index(OpMinDim)},
	}
}
