package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/ir"
)

// Variance and standard deviation.
const (
	OpVar ir.OpName = "aten.var"
	OpStd ir.OpName = "aten.std"
)

var correctionAttr = ir.AttrParam{Name: "correction", Kind: numberAttr, Default: ir.I64Attr(1), Doc: "subtracted from the number of elements"}

func varianceDefs() []*ir.OpDef {
	variance := dimReduction(OpVar, "variance over dimensions, with a correction of the divisor")
	variance.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		centred := centredOperand(b, op)
		total := reduced(b, OpSum, Mul(b, centred, centred), dimsOf(op.Attrs()), op.Bool("keepdim", false))
		return []*ir.Value{Scale(b, total, 1/divisor(op))}
	}
	variance.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{varianceBackward(b, op, d[0])}
	}
	std := dimReduction(OpStd, "standard deviation over dimensions: the root of var")
	std.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		return []*ir.Value{Sqrt(b, b.Create(OpVar, op.Operands(), op.Attrs()...).Result(0))}
	}
	// derivatives.yaml: std_backward, var_backward of grad / (2 * result), 0 where the
	// result is 0.
	std.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		result, zero := op.Result(0), Full(b, ir.Scalar{}, nil, elemOf(d[0]))
		grad := Where(b, Eq(b, result, zero), zero, Div(b, d[0], Scale(b, result, 2)))
		return []*ir.Value{varianceBackward(b, op, grad)}
	}
	for _, def := range []*ir.OpDef{variance, std} {
		def.Operands, def.Results = ir.Params(ir.P("self", floatTensor)), ir.Params(ir.P("out", floatTensor))
		def.Attrs = append(append([]ir.AttrParam{}, reductionAttrs[:2]...), correctionAttr)
	}
	return []*ir.OpDef{variance, std}
}

// centredOperand is the operand less its mean.
func centredOperand(b *ir.Builder, op *ir.Op) *ir.Value {
	return Sub(b, op.Operand(0), Mean(b, op.Operand(0), dimsOf(op.Attrs()), true))
}

// divisor is what the sum of squares is divided by, not less than 0.
func divisor(op *ir.Op) float64 { return max(count(op)-op.Float("correction", 1), 0) }

// varianceBackward is derivatives.yaml's var_backward:
// (2 / (N - correction)) * grad * (self - mean), also where N - correction is less than 0;
// where it is 0, infinity * grad if there are no dimensions.
func varianceBackward(b *ir.Builder, op *ir.Op, grad *ir.Value) *ir.Value {
	n := count(op) - op.Float("correction", 1)
	if n == 0 && (len(dimsOf(op.Attrs())) == 0 || len(shapeOf(op.Operand(0))) == 0) {
		return Scale(b, spread(b, op, grad), gomath.Inf(1))
	}
	return Scale(b, Mul(b, spread(b, op, grad), centredOperand(b, op)), 2/n)
}

// varianceImports read the two ways to give the correction, alone and with the mean.
func varianceImports() []ir.Import {
	build := func(name ir.OpName, flag, mean bool) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			correction := numberArg(c, "correction", 1)
			if flag && !boolArg(c, "unbiased", true) {
				correction = 0
			}
			over := reductionArgs(c)
			values, err := try(c, name, []*ir.Value{x}, append([]ir.NamedAttr{attr("correction", ir.F64Attr(correction))}, over...)...)
			if err != nil || !mean {
				return values, err
			}
			m, err := one(c, OpMean, []*ir.Value{x}, over...)
			return append(values, m), err
		}
	}
	var out []ir.Import
	for _, n := range []struct {
		name   string
		op     ir.OpName
		mean   bool
		result string
	}{
		{"aten::var", OpVar, false, "Tensor"}, {"aten::std", OpStd, false, "Tensor"},
		{"aten::var_mean", OpVar, true, "(Tensor, Tensor)"}, {"aten::std_mean", OpStd, true, "(Tensor, Tensor)"},
	} {
		out = append(out,
			ir.Import{Schema: n.name + "(Tensor self, bool unbiased=True) -> " + n.result, Build: build(n.op, true, n.mean)},
			ir.Import{Schema: n.name + ".dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> " + n.result, Build: build(n.op, true, n.mean)},
			ir.Import{Schema: n.name + ".correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> " + n.result, Build: build(n.op, false, n.mean)})
	}
	return out
}

// reductionArgs is the attributes of a reduction that the arguments dim and keepdim
// make.
func reductionArgs(c *ir.ImportCall) []ir.NamedAttr {
	var attrs []ir.NamedAttr
	if dims := intsArg(c, "dim"); len(dims) > 0 {
		attrs = append(attrs, attr("dim", ir.I64Array(dims...)))
	}
	if boolArg(c, "keepdim", false) {
		attrs = append(attrs, attr("keepdim", ir.BoolAttr(true)))
	}
	return attrs
}
