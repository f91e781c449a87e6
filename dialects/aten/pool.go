package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// Pools over any number of last dimensions. The mean is a sum with a divisor: where
// windows have unequal divisors, it is divided by the sum of ones instead.
const (
	OpMaxPool         ir.OpName = "aten.max_pool"
	OpMaxPoolBackward ir.OpName = "aten.max_pool_backward"
	OpAvgPool         ir.OpName = "aten.avg_pool"
	OpAvgPoolBackward ir.OpName = "aten.avg_pool_backward"
)

var poolAttrs = append([]ir.AttrParam{
	{Name: "kernel_size", Kind: intsAttr, Required: true, Doc: "size of the window"},
	{Name: "ceil_mode", Kind: boolAttr, Default: ir.BoolAttr(false), Doc: "a window may reach past the padding"},
}, windowAttrs...)

var avgPoolAttrs = append([]ir.AttrParam{{Name: "divisor", Kind: numberAttr, Required: true, Doc: "what sums are divided by"}}, poolAttrs...)

// inferPool is the shape of a pool of the tensor in.
func inferPool(in *ir.Inference) ([]ir.Type, error) {
	kernel := in.Attrs.Ints("kernel_size")
	win, err := windowOf(in.Attrs, len(kernel))
	if err != nil {
		return nil, err
	}
	lead := len(in.Shape(0)) - len(kernel)
	if lead < 1 || len(kernel) == 0 {
		return nil, fmt.Errorf("a window of %d dimensions does not fit a tensor of shape %s", len(kernel), in.Sizes.FormatShape(in.Shape(0)))
	}
	shape := append([]int64{}, in.Shape(0)...)
	for d := range kernel {
		if win.padding[d] > kernel[d]/2 {
			return nil, fmt.Errorf("padding is %v, expected at most half of kernel_size %v", win.padding, kernel)
		}
		shape[lead+d], err = windowed(shape[lead+d], kernel[d], win.stride[d], win.padding[d], win.dilation[d], in.Attrs.Bool("ceil_mode", false))
		if err != nil {
			return nil, err
		}
	}
	return ir.Single(ir.Tensor(shape, in.Elem(0)))
}

const poolExample = "dilation = array<i64: 1>, %skernel_size = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>"

func poolDefs() []*ir.OpDef {
	pool := func(name ir.OpName, summary string, attrs []ir.AttrParam) *ir.OpDef {
		return &ir.OpDef{
			Name: name, Summary: summary,
			Operands: ir.Params(ir.P("self", floatTensor)),
			Results:  ir.Params(ir.P("out", floatTensor)),
			Attrs:    attrs,
			Traits:   ir.Pure,
			Infer:    inferPool,
		}
	}
	largest := pool(OpMaxPool, "maximum over windows of the last dimensions", poolAttrs)
	largest.Example = "%out = aten.max_pool %x {" + fmt.Sprintf(poolExample, "") + "} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>"
	largest.Loops = func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
		eachMaximum(b, op, args[0], shapeOf(outs[0]), func(b *ir.Builder, o, so []*ir.Value) { memref.Store(b, so[0], outs[0], o...) })
	}
	// derivatives.yaml: max_pool2d_with_indices_backward: to the first of the largest.
	largest.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		return []*ir.Value{b.Create(OpMaxPoolBackward, []*ir.Value{d[0], op.Operand(0)}, op.Attrs()...).Result(0)}
	}

	mean := pool(OpAvgPool, "sum over windows of the last dimensions, divided by a number", avgPoolAttrs)
	mean.Example = "%out = aten.avg_pool %x {" + fmt.Sprintf(poolExample, "divisor = 3 : i64, ") + "} : (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>"
	mean.Loops = func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
		x := args[0]
		divisor := arith.ConstantF(b, op.Float("divisor", 1), elemOf(x))
		eachWindow(b, op, shapeOf(x), shapeOf(outs[0]),
			func(b *ir.Builder) []*ir.Value { return []*ir.Value{arith.ConstantF(b, 0, elemOf(x))} },
			func(b *ir.Builder, in, _, so []*ir.Value) []*ir.Value {
				return []*ir.Value{arith.AddF(b, so[0], memref.Load(b, x, in...))}
			},
			func(b *ir.Builder, o, so []*ir.Value) { memref.Store(b, arith.DivF(b, so[0], divisor), outs[0], o...) })
	}
	// derivatives.yaml: avg_pool2d_backward.
	mean.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		attrs := append([]ir.NamedAttr{attr("shape", ir.I64Array(shapeOf(op.Operand(0))...))}, op.Attrs()...)
		return []*ir.Value{b.Create(OpAvgPoolBackward, []*ir.Value{d[0]}, attrs...).Result(0)}
	}
	return []*ir.OpDef{largest, maxPoolBackwardDef(), mean, avgPoolBackwardDef()}
}

func maxPoolBackwardDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpMaxPoolBackward, Summary: "adjoint of max_pool",
		Example:  "%out = aten.max_pool_backward %d, %x {" + fmt.Sprintf(poolExample, "") + "} : (tensor<2x3x4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P("self", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    poolAttrs,
		Traits:   ir.Pure | ir.NotDifferentiable,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			of := *in
			of.Operands = in.Operands[1:]
			out, err := inferPool(&of)
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("grad_output", in.Shape(0), ir.ShapeOf(out[0])); err != nil {
				return nil, err
			}
			return ir.Single(in.Operands[1])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			shape := shapeOf(args[1])
			zeroMemory(b, outs[0])
			eachMaximum(b, op, args[1], shapeOf(args[0]), func(b *ir.Builder, o, so []*ir.Value) {
				at := make([]*ir.Value, len(shape))
				rest := so[1]
				for d := len(shape) - 1; d >= 0; d-- {
					at[d] = arith.RemSI(b, rest, size(b, shape[d]))
					rest = arith.DivSI(b, rest, size(b, shape[d]))
				}
				addTo(b, memref.Load(b, args[0], o...), outs[0], at)
			})
		},
	}
}

// eachMaximum gives body the largest element of each window of x, the first of equal
// ones, and its place in row-major order. A NaN is the largest. Padding is at most half
// a window, so there always is one.
func eachMaximum(b *ir.Builder, op *ir.Op, x *ir.Value, out []int64, body func(b *ir.Builder, o, so []*ir.Value)) {
	shape, elem := shapeOf(x), elemOf(x)
	eachWindow(b, op, shape, out,
		func(b *ir.Builder) []*ir.Value {
			return []*ir.Value{arith.ConstantOf(b, lowest(elem), elem), size(b, -1)}
		},
		func(b *ir.Builder, in, _, so []*ir.Value) []*ir.Value {
			v := memref.Load(b, x, in...)
			place := size(b, 0)
			for d, i := range in {
				place = arith.AddI(b, arith.MulI(b, place, size(b, shape[d])), i)
			}
			wins := arith.OrI(b, arith.CmpF(b, arith.OGT, v, so[0]), arith.CmpF(b, arith.UNO, v, v))
			wins = arith.OrI(b, wins, arith.CmpI(b, arith.SLT, so[1], size(b, 0)))
			return []*ir.Value{arith.Select(b, wins, v, so[0]), arith.Select(b, wins, place, so[1])}
		}, body)
}

func avgPoolBackwardDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpAvgPoolBackward, Summary: "adjoint of avg_pool",
		Example:  "%out = aten.avg_pool_backward %d {dilation = array<i64: 1>, divisor = 3 : i64, kernel_size = array<i64: 3>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x8xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    append([]ir.AttrParam{{Name: "shape", Kind: intsAttr, Required: true, Doc: "shape of the result"}}, avgPoolAttrs...),
		Traits:   ir.Pure | ir.NotDifferentiable,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			of := *in
			of.Operands = []ir.Type{ir.Tensor(in.Attrs.Ints("shape"), in.Elem(0))}
			out, err := inferPool(&of)
			if err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("grad_output", in.Shape(0), ir.ShapeOf(out[0])); err != nil {
				return nil, err
			}
			return ir.Single(of.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			divisor := arith.ConstantF(b, op.Float("divisor", 1), elemOf(outs[0]))
			zeroMemory(b, outs[0])
			eachWindow(b, op, shapeOf(outs[0]), shapeOf(args[0]), func(*ir.Builder) []*ir.Value { return nil },
				func(b *ir.Builder, in, o, _ []*ir.Value) []*ir.Value {
					addTo(b, arith.DivF(b, memref.Load(b, args[0], o...), divisor), outs[0], in)
					return nil
				}, func(*ir.Builder, []*ir.Value, []*ir.Value) {})
		},
	}
}
