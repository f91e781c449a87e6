package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Elements of a tensor, each named by an index along a dimension.
const (
	OpGather     ir.OpName = "aten.gather"
	OpScatter    ir.OpName = "aten.scatter"
	OpScatterAdd ir.OpName = "aten.scatter_add"
)

// Gather is the elements of x that index names along dim.
func Gather(b *ir.Builder, x *ir.Value, dim int64, index *ir.Value) *ir.Value {
	return b.Create(OpGather, []*ir.Value{x, index}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// Scatter is x with the elements of src in the place of those that index names.
func Scatter(b *ir.Builder, x *ir.Value, dim int64, index, src *ir.Value) *ir.Value {
	return b.Create(OpScatter, []*ir.Value{x, index, src}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// ScatterAdd is x with the elements of src added along dim where index says.
func ScatterAdd(b *ir.Builder, x *ir.Value, dim int64, index, src *ir.Value) *ir.Value {
	return b.Create(OpScatterAdd, []*ir.Value{x, index, src}, attr("dim", ir.I64Attr(dim))).Result(0)
}

// checkGather is an error if index does not fit into shape: their ranks are equal,
// and index is no larger in any dimension but the one that is indexed.
func checkGather(in *ir.Inference, what string, shape, index []int64, free bool) error {
	d, err := ir.Dim(in.Attrs.Int("dim", 0), len(shape))
	if err != nil {
		return err
	}
	if len(shape) != len(index) || len(shape) == 0 {
		return fmt.Errorf("got %s of shape %s and index of shape %s, expected the same number of dimensions, at least 1",
			what, in.Sizes.FormatShape(shape), in.Sizes.FormatShape(index))
	}
	for i := range shape {
		if (i != d || !free) && shape[i] >= 0 && index[i] > shape[i] {
			return fmt.Errorf("index has size %d in dimension %d, more than the %d of %s", index[i], i, shape[i], what)
		}
	}
	return nil
}

func gatherDefs() []*ir.OpDef {
	gather := &ir.OpDef{
		Name: OpGather, Summary: "elements of a tensor, each by an index along a dimension",
		Example:  "%out = aten.gather %x, %i {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>) -> tensor<4x3xf32>",
		Torch:    []string{"aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 7),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := checkGather(in, "self", in.Shape(0), in.Shape(1), true); err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(in.Shape(1), in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x, index := args[0], args[1]
			d := indexedDim(op, x)
			checkIndices(b, op, index, x, d)
			forShape(b, shapeOf(index), func(b *ir.Builder, at []*ir.Value) {
				memref.Store(b, memref.Load(b, x, with(at, d, loadIndex(b, index, at...))...), outs[0], at...)
			})
		},
		// derivatives.yaml: gather_backward: zeros.scatter_add(dim, index, grad).
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			return []*ir.Value{ScatterAdd(b, zerosLike(b, op.Operand(0)), op.Int("dim", 0), op.Operand(1), d[0]), nil}
		},
	}
	scatterAdd := scatterDef(OpScatterAdd, "elements added to a tensor, each at an index along a dimension", addTo)
	scatterAdd.Torch = []string{"aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor"}
	// derivatives.yaml: self: grad, src: grad.gather(dim, index).
	scatterAdd.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{d[0], nil, gatheredFor(b, op, d[0])}
	}
	scatter := scatterDef(OpScatter, "elements of a tensor replaced, each at an index along a dimension",
		func(b *ir.Builder, v, m *ir.Value, at []*ir.Value) { memref.Store(b, v, m, at...) })
	scatter.Description = "Where an index occurs twice the later element stands; the gradient is defined for distinct ones, as in ATen."
	scatter.Torch = []string{"aten::scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor"}
	scatter.Example = "%out = aten.scatter %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x1xi64>, tensor<4x1xf32>) -> tensor<4x8xf32>"
	// derivatives.yaml: self: grad.scatter(dim, index, 0), src: grad.gather(dim, index).
	scatter.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		zeros := Full(b, ir.Scalar{}, shapeOf(op.Operand(1)), elemOf(d[0]))
		return []*ir.Value{Scatter(b, d[0], op.Int("dim", 0), op.Operand(1), zeros), nil, gatheredFor(b, op, d[0])}
	}
	return []*ir.OpDef{gather, scatter, scatterAdd}
}

// gatheredFor is the adjoint of the operand src of a scatter: what index names, and
// zeros where src is larger than index and was not read.
func gatheredFor(b *ir.Builder, op *ir.Op, grad *ir.Value) *ir.Value {
	index, src := shapeOf(op.Operand(1)), shapeOf(op.Operand(2))
	v := Gather(b, grad, op.Int("dim", 0), op.Operand(1))
	var pad []int64
	larger := false
	for i := len(src) - 1; i >= 0; i-- {
		pad = append(pad, 0, src[i]-index[i])
		larger = larger || src[i] != index[i]
	}
	if !larger {
		return v
	}
	return ConstantPad(b, v, pad, 0)
}

// scatterDef defines a copy of self to which write brings the elements of src.
func scatterDef(name ir.OpName, summary string, write func(b *ir.Builder, v, m *ir.Value, at []*ir.Value)) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary,
		Example:  "%out = " + string(name) + " %x, %i, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>",
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("index", indexTensor), ir.P("src", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Sample:   indexSample(1, 0, 7),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if self, src := in.Elem(0), in.Elem(2); self != src {
				return nil, fmt.Errorf("element types differ: got %s and %s", self, src)
			}
			if err := checkGather(in, "self", in.Shape(0), in.Shape(1), true); err != nil {
				return nil, err
			}
			if err := checkGather(in, "src", in.Shape(2), in.Shape(1), false); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			index, src := args[1], args[2]
			d := indexedDim(op, args[0])
			checkIndices(b, op, index, args[0], d)
			copyMemory(b, args[0], outs[0])
			forShape(b, shapeOf(index), func(b *ir.Builder, at []*ir.Value) {
				write(b, memref.Load(b, src, at...), outs[0], with(at, d, loadIndex(b, index, at...)))
			})
		},
	}
}
