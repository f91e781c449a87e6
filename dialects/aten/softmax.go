package aten

import (
	"math"

	"github.com/cladopt/cladopt/ir"
)

// Softmax and its logarithm. All lower to nests that share their outer loops, so
// that a row is read once from memory.
const (
	OpSoftmax     ir.OpName = "aten.softmax"
	OpSafeSoftmax ir.OpName = "aten._safe_softmax"
	OpLogSoftmax  ir.OpName = "aten.log_softmax"
)

// LogSoftmax is the logarithm of softmax along dim.
func LogSoftmax(b *ir.Builder, x *ir.Value, dim int64) *ir.Value {
	return b.Create(OpLogSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// Softmax is exp(x) scaled to sum to 1 along dim.
func Softmax(b *ir.Builder, x *ir.Value, dim int64) *ir.Value {
	return b.Create(OpSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// SafeSoftmax is softmax, and 0 where all elements along dim are -inf.
func SafeSoftmax(b *ir.Builder, x *ir.Value, dim int64) *ir.Value {
	return b.Create(OpSafeSoftmax, []*ir.Value{x}, attr("dim", ir.I64Attr(dim))).Result(0)
}

func softmaxDefs() []*ir.OpDef {
	def := func(name ir.OpName, summary string) *ir.OpDef {
		d := sameUnary(name, summary, nil)
		d.Example = "%out = " + string(name) + " %self {dim = 1 : i64} : tensor<4x8xf32>"
		d.Torch = nil
		d.Operands = ir.Params(ir.P("self", floatTensor))
		d.Results = ir.Params(ir.P("out", floatTensor))
		d.Attrs = []ir.AttrParam{{Name: "dim", Kind: intAttr, Required: true, Doc: "the dimension that sums to 1"}}
		d.Traits = ir.Pure
		d.Scalar = nil
		d.Infer = func(in *ir.Inference) ([]ir.Type, error) {
			if _, err := ir.Dim(in.Attrs.Int("dim", 0), len(in.Shape(0))); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		}
		return d
	}
	// derivatives.yaml: _softmax_backward_data: (grad - sum(grad * result)) * result.
	softVJP := func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		y := op.Result(0)
		return []*ir.Value{Mul(b, y, Sub(b, d[0], Sum(b, Mul(b, d[0], y), softDims(op), true)))}
	}
	soft := def(OpSoftmax, "exponentials scaled to sum to 1 along a dimension")
	soft.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), softDims(op)
		e := Exp(b, Sub(b, x, greatest(b, x, dims)))
		return []*ir.Value{Div(b, e, Sum(b, e, dims, true))}
	}
	soft.VJP = softVJP

	safe := def(OpSafeSoftmax, "softmax that is 0 where everything along the dimension is -inf")
	safe.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), softDims(op)
		constant := func(v float64) *ir.Value { return Full(b, ir.Scalar{F: v}, nil, elemOf(x)) }
		top := greatest(b, x, dims)
		top = Where(b, Eq(b, top, constant(math.Inf(-1))), constant(0), top)
		e := Exp(b, Sub(b, x, top))
		total := Sum(b, e, dims, true)
		return []*ir.Value{Div(b, e, Where(b, Eq(b, total, constant(0)), constant(1), total))}
	}
	safe.VJP = softVJP

	log := def(OpLogSoftmax, "logarithm of softmax along a dimension")
	log.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		x, dims := op.Operand(0), softDims(op)
		centred := Sub(b, x, greatest(b, x, dims))
		return []*ir.Value{Sub(b, centred, Log(b, Sum(b, Exp(b, centred), dims, true)))}
	}
	// derivatives.yaml: _log_softmax_backward_data: grad - exp(result) * sum(grad).
	log.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{Sub(b, d[0], Mul(b, Exp(b, op.Result(0)), Sum(b, d[0], softDims(op), true)))}
	}
	return []*ir.OpDef{soft, safe, log}
}

// softDims is the dimension of a softmax as a list, empty in rank 0.
func softDims(op *ir.Op) []int64 {
	if len(shapeOf(op.Operand(0))) == 0 {
		return nil
	}
	return []int64{op.Int("dim", 0)}
}

// softmaxImports convert to the type that ATen computes in first.
func softmaxImports() []ir.Import {
	on := func(schema string, op ir.OpName) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			t, err := dtypeArg(c, "dtype")
			if err != nil {
				return nil, err
			}
			if t != nil {
				x = To(c.Builder, x, t)
			}
			if boolArg(c, "half_to_float", false) {
				return nil, refused("half_to_float=True is not supported")
			}
			return try(c, op, []*ir.Value{x}, attr("dim", ir.I64Attr(intArg(c, "dim", 0))))
		}}
	}
	return []ir.Import{
		on("aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", OpSoftmax),
		on("aten::special_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", OpSoftmax),
		on("aten::_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", OpSoftmax),
		on("aten::_safe_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", OpSafeSoftmax),
		on("aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", OpLogSoftmax),
		on("aten::special_log_softmax(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", OpLogSoftmax),
		on("aten::_log_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", OpLogSoftmax),
	}
}
