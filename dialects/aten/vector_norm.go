package aten

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// OpVectorNorm names the norm of a vector.
const OpVectorNorm ir.OpName = "aten.linalg_vector_norm"

// VectorNorm is the p-norm over dims, all if none are given.
func VectorNorm(b *ir.Builder, x *ir.Value, p float64, dims []int64, keepdim bool) *ir.Value {
	attrs := []ir.NamedAttr{attr("ord", ir.F64Attr(p))}
	if len(dims) > 0 {
		attrs = append(attrs, attr("dim", ir.I64Array(dims...)))
	}
	if keepdim {
		attrs = append(attrs, attr("keepdim", ir.BoolAttr(true)))
	}
	return b.Create(OpVectorNorm, []*ir.Value{x}, attrs...).Result(0)
}

func vectorNormDefs() []*ir.OpDef {
	norm := dimReduction(OpVectorNorm, "p-norm over dimensions",
		"aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor")
	norm.Description = "(sum |x|^p)^(1/p); the greatest or least absolute value for p infinite, the number of elements that are not 0 for p = 0."
	norm.Example = "%out = aten.linalg_vector_norm %x {dim = array<i64: 1>, ord = 1.0 : f64} : (tensor<4x8xf32>) -> tensor<4xf32>"
	norm.Attrs = append([]ir.AttrParam{number1("ord", 2, "p")}, reductionAttrs...)
	norm.Operands, norm.Results = ir.Params(ir.P("self", floatTensor)), ir.Params(ir.P("out", floatTensor))
	norm.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims, keep := To(b, op.Operand(0), elemOf(op.Result(0))), dimsOf(op.Attrs()), op.Bool("keepdim", false)
		switch p := op.Float("ord", 2); {
		case p == 0:
			return []*ir.Value{Sum(b, To(b, To(b, x, ir.I1), elemOf(x)), dims, keep)}
		case p == 1:
			return []*ir.Value{Sum(b, Abs(b, x), dims, keep)}
		case p == 2:
			return []*ir.Value{Sqrt(b, Sum(b, Mul(b, x, x), dims, keep))}
		case math.IsInf(p, 1):
			return []*ir.Value{reduced(b, OpAmax, Abs(b, x), dims, keep)}
		case math.IsInf(p, -1):
			return []*ir.Value{reduced(b, OpAmin, Abs(b, x), dims, keep)}
		default:
			return []*ir.Value{PowScalar(b, Sum(b, PowScalar(b, Abs(b, x), p), dims, keep), 1/p)}
		}
	}
	norm.VJP = normBackward
	return []*ir.OpDef{norm}
}

// normBackward is derivatives.yaml's linalg_vector_norm_backward. The subgradient at
// 0 is 0.
func normBackward(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
	p := op.Float("ord", 2)
	if p == 0 {
		return []*ir.Value{nil}
	}
	elem := elemOf(op.Result(0))
	x := To(b, op.Operand(0), elem)
	zero := Full(b, ir.Scalar{}, nil, elem)
	grad, result := d[0], op.Result(0)
	// perNorm is v / result^q, 0 where the result is 0.
	perNorm := func(v *ir.Value, q float64) *ir.Value {
		return Where(b, Eq(b, result, zero), zero, Div(b, v, PowScalar(b, result, q)))
	}
	var out *ir.Value
	switch {
	case p == 1:
		out = Mul(b, Sign(b, x), spread(b, op, grad))
	case p == 2:
		out = Mul(b, x, spread(b, op, perNorm(grad, 1)))
	case math.IsInf(p, 0):
		// A NaN is the extremum where there is one.
		hit := To(b, b.Emit(OpLogicalOr, Eq(b, Abs(b, x), spread(b, op, result)), Ne(b, x, x)), elem)
		n := Sum(b, hit, dimsOf(op.Attrs()), true)
		out = Mul(b, Div(b, Mul(b, Sign(b, x), hit), n), spread(b, op, grad))
	case p < 1:
		power := Where(b, Eq(b, x, zero), zero, Mul(b, Sign(b, x), PowScalar(b, Abs(b, x), p-1)))
		out = Mul(b, power, spread(b, op, Mul(b, grad, PowScalar(b, result, 1-p))))
	case p < 2:
		out = Mul(b, Mul(b, Sign(b, x), PowScalar(b, Abs(b, x), p-1)), spread(b, op, perNorm(grad, p-1)))
	default:
		out = Mul(b, Mul(b, x, PowScalar(b, Abs(b, x), p-2)), spread(b, op, perNorm(grad, p-1)))
	}
	return []*ir.Value{To(b, out, elemOf(op.Operand(0)))}
}

// vectorNormImports reads the older spellings of the norm.
func vectorNormImports() []ir.Import {
	build := func(ord string) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if ord == "ord" && !c.Args[ord].IsNone() {
				n := len(intsArg(c, "dim"))
				if n == 2 || n == 0 && len(shapeOf(x)) == 2 {
					return nil, refused(fmt.Sprintf("is the norm of a matrix (ord %v), which has no kernel here", numberArg(c, ord, 2)))
				}
			}
			elem, err := dtypeArg(c, "dtype")
			if err != nil {
				return nil, err
			}
			attrs := append(reductionArgs(c), attr("dtype", typeAttrOf(elem)), attr("ord", ir.F64Attr(numberArg(c, ord, 2))))
			return try(c, OpVectorNorm, []*ir.Value{x}, attrs...)
		}
	}
	return []ir.Import{
		{Schema: "aten::norm.Scalar(Tensor self, Scalar p=2) -> Tensor", Build: build("p")},
		// A number in the third place is a dtype: dimensions come as a list.
		{Schema: "aten::norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype) -> Tensor", Build: build("p")},
		{Schema: "aten::norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor", Build: build("p")},
		{Schema: "aten::norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype) -> Tensor", Build: build("p")},
		{Schema: "aten::frobenius_norm.dim(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", Build: build("none")},
		{Schema: "aten::linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", Build: build("ord")},
	}
}
