package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Convolutions and pools over any number of spatial dimensions, as loops.
const (
	OpConvolution       ir.OpName = "aten.convolution"
	OpConvolutionInput  ir.OpName = "aten.convolution_input_backward"
	OpConvolutionWeight ir.OpName = "aten.convolution_weight_backward"
	OpMaxPool           ir.OpName = "aten.max_pool"
	OpMaxPoolBackward   ir.OpName = "aten.max_pool_backward"
)

var windowAttrs = []ir.AttrParam{
	{Name: "dilation", Kind: intsAttr, Required: true, Doc: "distance between the elements of a window"},
	{Name: "padding", Kind: intsAttr, Required: true, Doc: "elements assumed around the input"},
	{Name: "stride", Kind: intsAttr, Required: true, Doc: "distance between windows"},
}

var groupsAttr = ir.AttrParam{Name: "groups", Kind: intAttr, Default: ir.I64Attr(1), Doc: "channels are convolved in this many groups"}

// windowed is the size of a result dimension: floor((n + 2p - d (k - 1) - 1) / s) + 1.
func windowed(n, k, stride, padding, dilation int64) (int64, error) {
	if stride < 1 || dilation < 1 || padding < 0 || k < 1 {
		return 0, fmt.Errorf("stride %d, padding %d, dilation %d and window %d are not valid", stride, padding, dilation, k)
	}
	if n == ir.Dynamic {
		return ir.Dynamic, nil
	}
	span := n + 2*padding - dilation*(k-1) - 1
	if n < 0 || span < 0 {
		return 0, fmt.Errorf("a window of %d with dilation %d does not fit a size of %d with padding %d", k, dilation, n, padding)
	}
	return span/stride + 1, nil
}

// window reads the attributes of a window over dims spatial dimensions.
type window struct{ stride, padding, dilation []int64 }

func windowOf(attrs ir.AttrList, dims int) (window, error) {
	w := window{attrs.Ints("stride"), attrs.Ints("padding"), attrs.Ints("dilation")}
	if len(w.stride) != dims || len(w.padding) != dims || len(w.dilation) != dims {
		return w, fmt.Errorf("stride %v, padding %v and dilation %v must have %d entries each", w.stride, w.padding, w.dilation, dims)
	}
	return w, nil
}

// input is the place that element k of the window at place o reads along dimension
// d, and whether it is inside the input.
func (w window) input(b *ir.Builder, d int, o, k *ir.Value, n int64) (i, inside *ir.Value) {
	i = arith.AddI(b, arith.MulI(b, o, size(b, w.stride[d])), arith.MulI(b, k, size(b, w.dilation[d])))
	i = arith.SubI(b, i, size(b, w.padding[d]))
	if w.padding[d] == 0 {
		return i, nil
	}
	return i, arith.CmpI(b, arith.ULTI, i, size(b, n))
}

func both(b *ir.Builder, x, y *ir.Value) *ir.Value {
	if x == nil {
		return y
	}
	if y == nil {
		return x
	}
	return arith.AndI(b, x, y)
}

// onlyIf runs body if cond holds; nil always holds.
func onlyIf(b *ir.Builder, cond *ir.Value, body func(b *ir.Builder)) {
	if cond == nil {
		body(b)
		return
	}
	scf.If(b, cond, nil, func(b *ir.Builder) []*ir.Value { body(b); return nil }, nil)
}

// eachProduct runs body for every product that a convolution adds up: places in
// input, weight and result.
func eachProduct(b *ir.Builder, op *ir.Op, x, weight, out []int64, body func(b *ir.Builder, in, w, o []*ir.Value)) {
	spatial := len(x) - 2
	win, _ := windowOf(op.Attrs(), spatial)
	groups := op.Int("groups", 1)
	perGroup := weight[0] / groups
	forShape(b, out, func(b *ir.Builder, o []*ir.Value) {
		forShape(b, weight[1:], func(b *ir.Builder, k []*ir.Value) {
			in := []*ir.Value{o[0], k[0]}
			if groups > 1 {
				group := arith.DivSI(b, o[1], size(b, perGroup))
				in[1] = arith.AddI(b, arith.MulI(b, group, size(b, weight[1])), k[0])
			}
			var inside *ir.Value
			for d := 0; d < spatial; d++ {
				i, ok := win.input(b, d, o[2+d], k[1+d], x[2+d])
				in = append(in, i)
				inside = both(b, inside, ok)
			}
			onlyIf(b, inside, func(b *ir.Builder) {
				body(b, in, append([]*ir.Value{o[1]}, k...), o)
			})
		})
	})
}

func convolutionDefs() []*ir.OpDef {
	attrs := append([]ir.AttrParam{groupsAttr}, windowAttrs...)
	conv := &ir.OpDef{
		Name: OpConvolution, Summary: "convolution over any number of spatial dimensions",
		Example: "%out = aten.convolution %x, %w {dilation = array<i64: 1>, padding = array<i64: 1>, stride = array<i64: 2>} " +
			": (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x4xf32>",
		Operands: ir.Params(ir.P("input", floatTensor), ir.P("weight", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    attrs,
		Traits:   ir.Pure | ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			elem, err := sameElem(in, 0)
			if err != nil {
				return nil, err
			}
			x, w := in.Shape(0), in.Shape(1)
			groups := in.Attrs.Int("groups", 1)
			if len(x) < 3 || len(w) != len(x) || groups < 1 || w[0] < 0 || w[0]%groups != 0 || !in.Sizes.Equal(x[1], in.Sizes.Mul(w[1], groups)) {
				return nil, fmt.Errorf("got input of shape %s and weight of shape %s with %d groups, expected [n, c, ..] and [f, c / groups, ..]",
					in.Sizes.FormatShape(x), in.Sizes.FormatShape(w), groups)
			}
			win, err := windowOf(in.Attrs, len(x)-2)
			if err != nil {
				return nil, err
			}
			shape := []int64{x[0], w[0]}
			for d := range win.stride {
				n, err := windowed(x[2+d], w[2+d], win.stride[d], win.padding[d], win.dilation[d])
				if err != nil {
					return nil, err
				}
				shape = append(shape, n)
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			zeroMemory(b, outs[0])
			eachProduct(b, op, shapeOf(args[0]), shapeOf(args[1]), shapeOf(outs[0]), func(b *ir.Builder, in, w, o []*ir.Value) {
				addTo(b, arith.MulF(b, memref.Load(b, args[0], in...), memref.Load(b, args[1], w...)), outs[0], o)
			})
		},
		// derivatives.yaml: convolution_backward.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			with := func(v *ir.Value) []ir.NamedAttr {
				return append([]ir.NamedAttr{attr("shape", ir.I64Array(shapeOf(v)...))}, op.Attrs()...)
			}
			return []*ir.Value{
				b.Create(OpConvolutionInput, []*ir.Value{d[0], op.Operand(1)}, with(op.Operand(0))...).Result(0),
				b.Create(OpConvolutionWeight, []*ir.Value{d[0], op.Operand(0)}, with(op.Operand(1))...).Result(0),
			}
		},
	}
	backward := func(name ir.OpName, what, other, example string, loops func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value)) *ir.OpDef {
		return &ir.OpDef{
			Name: name, Summary: "adjoint of the " + what + " of a convolution", Example: example,
			Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P(other, floatTensor)),
			Results:  ir.Params(ir.P("out", floatTensor)),
			Attrs:    append([]ir.AttrParam{{Name: "shape", Kind: intsAttr, Required: true, Doc: "shape of the result"}}, attrs...),
			Traits:   ir.Pure | ir.Contraction | ir.NotDifferentiable,
			Infer: func(in *ir.Inference) ([]ir.Type, error) {
				if _, err := windowOf(in.Attrs, len(in.Shape(0))-2); err != nil {
					return nil, err
				}
				return ir.Single(ir.Tensor(in.Attrs.Ints("shape"), in.Elem(0)))
			},
			Loops: loops,
		}
	}
	return []*ir.OpDef{conv,
		backward(OpConvolutionInput, "input", "weight",
			"%out = aten.convolution_input_backward %d, %w {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<4x3x3xf32>) -> tensor<2x3x8xf32>",
			func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
				zeroMemory(b, outs[0])
				eachProduct(b, op, shapeOf(outs[0]), shapeOf(args[1]), shapeOf(args[0]), func(b *ir.Builder, in, w, o []*ir.Value) {
					addTo(b, arith.MulF(b, memref.Load(b, args[0], o...), memref.Load(b, args[1], w...)), outs[0], in)
				})
			}),
		backward(OpConvolutionWeight, "weight", "input",
			"%out = aten.convolution_weight_backward %d, %x {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 4, 3, 3>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<2x3x8xf32>) -> tensor<4x3x3xf32>",
			func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
				zeroMemory(b, outs[0])
				eachProduct(b, op, shapeOf(args[1]), shapeOf(outs[0]), shapeOf(args[0]), func(b *ir.Builder, in, w, o []*ir.Value) {
					addTo(b, arith.MulF(b, memref.Load(b, args[0], o...), memref.Load(b, args[1], in...)), outs[0], w)
				})
			}),
		maxPoolDef(), maxPoolBackwardDef(),
	}
}

// eachWindow runs body over the elements of each window of a pool that are inside
// the input; the result at o carries what start gives through them.
func eachWindow(b *ir.Builder, op *ir.Op, x, out []int64, start func(b *ir.Builder) []*ir.Value,
	step func(b *ir.Builder, in, so []*ir.Value) []*ir.Value, end func(b *ir.Builder, o, so []*ir.Value)) {
	kernel := op.Ints("kernel_size")
	spatial := len(kernel)
	lead := len(x) - spatial
	win, _ := windowOf(op.Attrs(), spatial)
	forShape(b, out, func(b *ir.Builder, o []*ir.Value) {
		var nest func(b *ir.Builder, d int, k, so []*ir.Value) []*ir.Value
		nest = func(b *ir.Builder, d int, k, so []*ir.Value) []*ir.Value {
			if d < spatial {
				return scf.For(b, size(b, 0), size(b, kernel[d]), size(b, 1), so, func(b *ir.Builder, i *ir.Value, so []*ir.Value) []*ir.Value {
					return nest(b, d+1, append(k[:len(k):len(k)], i), so)
				}).Results()
			}
			in := append([]*ir.Value{}, o[:lead]...)
			var inside *ir.Value
			for d := 0; d < spatial; d++ {
				i, ok := win.input(b, d, o[lead+d], k[d], x[lead+d])
				in = append(in, i)
				inside = both(b, inside, ok)
			}
			if inside == nil {
				return step(b, in, so)
			}
			return scf.If(b, inside, ir.TypesOf(so), func(b *ir.Builder) []*ir.Value { return step(b, in, so) },
				func(*ir.Builder) []*ir.Value { return so }).Results()
		}
		end(b, o, nest(b, 0, nil, start(b)))
	})
}

// firstMax carries the largest element and its flat place; a NaN is the largest.
func firstMax(b *ir.Builder, x *ir.Value, in, so []*ir.Value) []*ir.Value {
	v := memref.Load(b, x, in...)
	wins := arith.OrI(b, arith.CmpF(b, arith.OGT, v, so[0]), arith.CmpF(b, arith.UNO, v, v))
	first := arith.CmpI(b, arith.SLT, so[1], size(b, 0))
	wins = arith.OrI(b, wins, first)
	return []*ir.Value{arith.Select(b, wins, v, so[0]), arith.Select(b, wins, flatPlace(b, shapeOf(x), in), so[1])}
}

func flatPlace(b *ir.Builder, shape []int64, at []*ir.Value) *ir.Value {
	place := size(b, 0)
	for d, i := range at {
		place = arith.AddI(b, arith.MulI(b, place, size(b, shape[d])), i)
	}
	return place
}

var poolAttrs = append([]ir.AttrParam{{Name: "kernel_size", Kind: intsAttr, Required: true, Doc: "size of the window"}}, windowAttrs...)

func poolStart(x *ir.Value) func(b *ir.Builder) []*ir.Value {
	return func(b *ir.Builder) []*ir.Value {
		return []*ir.Value{arith.ConstantOf(b, lowest(elemOf(x)), elemOf(x)), size(b, -1)}
	}
}

func maxPoolDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpMaxPool, Summary: "maximum over windows of the last dimensions",
		Example: "%out = aten.max_pool %x {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} " +
			": (tensor<2x3x8xf32>) -> tensor<2x3x4xf32>",
		Operands: ir.Params(ir.P("self", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    poolAttrs,
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
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
				if shape[lead+d], err = windowed(shape[lead+d], kernel[d], win.stride[d], win.padding[d], win.dilation[d]); err != nil {
					return nil, err
				}
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x := args[0]
			eachWindow(b, op, shapeOf(x), shapeOf(outs[0]), poolStart(x),
				func(b *ir.Builder, in, so []*ir.Value) []*ir.Value { return firstMax(b, x, in, so) },
				func(b *ir.Builder, o, so []*ir.Value) { memref.Store(b, so[0], outs[0], o...) })
		},
		// derivatives.yaml: max_pool2d_with_indices_backward: to the first of the largest.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Create(OpMaxPoolBackward, []*ir.Value{d[0], op.Operand(0)}, op.Attrs()...).Result(0)}
		},
	}
}

func maxPoolBackwardDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpMaxPoolBackward, Summary: "adjoint of max_pool",
		Example: "%out = aten.max_pool_backward %d, %x {dilation = array<i64: 1>, kernel_size = array<i64: 2>, padding = array<i64: 0>, stride = array<i64: 2>} " +
			": (tensor<2x3x4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P("self", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    poolAttrs,
		Traits:   ir.Pure | ir.NotDifferentiable,
		Infer:    func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[1]) },
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x, shape := args[1], shapeOf(args[1])
			zeroMemory(b, outs[0])
			eachWindow(b, op, shape, shapeOf(args[0]), poolStart(x),
				func(b *ir.Builder, in, so []*ir.Value) []*ir.Value { return firstMax(b, x, in, so) },
				func(b *ir.Builder, o, so []*ir.Value) {
					place := make([]*ir.Value, len(shape))
					rest := so[1]
					for d := len(shape) - 1; d >= 0; d-- {
						place[d] = arith.RemSI(b, rest, size(b, shape[d]))
						rest = arith.DivSI(b, rest, size(b, shape[d]))
					}
					addTo(b, memref.Load(b, args[0], o...), outs[0], place)
				})
		},
	}
}

// convolutionImports reads the many parameters of ATen's spellings.
func convolutionImports() []ir.Import {
	list := func(c *ir.ImportCall, name string, n int, def int64) []int64 {
		v := intsArg(c, name)
		if len(v) == 0 {
			v = []int64{def}
		}
		for len(v) < n && len(v) == 1 || len(v) > 0 && len(v) < n {
			v = append(v, v[len(v)-1])
		}
		return v
	}
	conv := func(c *ir.ImportCall) ([]*ir.Value, error) {
		x, err1 := tensorArg(c, "input")
		w, err2 := tensorArg(c, "weight")
		if err1 != nil || err2 != nil || len(shapeOf(x)) < 3 {
			return nil, fmt.Errorf("input and weight must be tensors of at least 3 dimensions")
		}
		if boolArg(c, "transposed", false) {
			return nil, refused("transposed convolutions are not supported")
		}
		n := len(shapeOf(x)) - 2
		v, err := one(c, OpConvolution, []*ir.Value{x, w}, attr("dilation", ir.I64Array(list(c, "dilation", n, 1)...)),
			attr("groups", ir.I64Attr(intArg(c, "groups", 1))), attr("padding", ir.I64Array(list(c, "padding", n, 0)...)),
			attr("stride", ir.I64Array(list(c, "stride", n, 1)...)))
		if err != nil {
			return nil, err
		}
		if bias := c.Args["bias"].Value; bias != nil {
			shape := make([]int64, n+1)
			for i := range shape {
				shape[i] = 1
			}
			shape[0] = shapeOf(w)[0]
			wide, err := one(c, OpReshape, []*ir.Value{bias}, attr("shape", ir.I64Array(shape...)))
			if err != nil {
				return nil, err
			}
			return try(c, OpAdd, []*ir.Value{v, wide})
		}
		return []*ir.Value{v}, nil
	}
	pool := func(n int) func(c *ir.ImportCall) ([]*ir.Value, error) {
		return func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if boolArg(c, "ceil_mode", false) {
				return nil, refused("ceil_mode=True is not supported")
			}
			kernel := list(c, "kernel_size", n, 1)
			stride := intsArg(c, "stride")
			if len(stride) == 0 {
				stride = kernel
			} else {
				stride = list(c, "stride", n, 1)
			}
			return try(c, OpMaxPool, []*ir.Value{x}, attr("dilation", ir.I64Array(list(c, "dilation", n, 1)...)), attr("kernel_size", ir.I64Array(kernel...)),
				attr("padding", ir.I64Array(list(c, "padding", n, 0)...)), attr("stride", ir.I64Array(stride...)))
		}
	}
	return []ir.Import{
		{Schema: "aten::_convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, SymInt[] padding, int[] dilation, bool transposed, SymInt[] output_padding, int groups, bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor", Build: conv},
		{Schema: "aten::conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, SymInt[1] padding=0, int[1] dilation=1, int groups=1) -> Tensor", Build: conv},
		{Schema: "aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, SymInt[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor", Build: conv},
		{Schema: "aten::conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, SymInt[3] padding=0, int[3] dilation=1, int groups=1) -> Tensor", Build: conv},
		{Schema: "aten::max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> Tensor", Build: pool(1)},
		{Schema: "aten::max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor", Build: pool(2)},
	}
}
