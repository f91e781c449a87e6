package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Convolutions over any number of spatial dimensions. Each is one contraction: a nest
// that multiplies and adds up, whose maps slide the window. The input is surrounded by
// its padding first, so that nothing in the nest depends on where it is.
const (
	OpConvolution       ir.OpName = "aten.convolution"
	OpConvolutionInput  ir.OpName = "aten.convolution_input_backward"
	OpConvolutionWeight ir.OpName = "aten.convolution_weight_backward"
)

// Convolution slides weight [f, c / groups, ..] over x [n, c, ..].
func Convolution(b *ir.Builder, x, weight *ir.Value, stride, padding, dilation []int64, groups int64) *ir.Value {
	return b.Create(OpConvolution, []*ir.Value{x, weight}, convolutionAttrs(stride, padding, dilation, groups)...).Result(0)
}

func convolutionAttrs(stride, padding, dilation []int64, groups int64) []ir.NamedAttr {
	return []ir.NamedAttr{attr("dilation", ir.I64Array(dilation...)), attr("groups", ir.I64Attr(groups)),
		attr("padding", ir.I64Array(padding...)), attr("stride", ir.I64Array(stride...))}
}

var groupsAttr = ir.AttrParam{Name: "groups", Kind: intAttr, Default: ir.I64Attr(1), Doc: "channels are convolved in this many groups"}

// inferConvolution is the shape of a convolution of x with weight.
func inferConvolution(in *ir.Inference, x, weight []int64) ([]int64, error) {
	groups := in.Attrs.Int("groups", 1)
	if len(x) < 3 || len(weight) != len(x) || groups < 1 || weight[0] < 0 || weight[0]%groups != 0 || !in.Sizes.Equal(x[1], in.Sizes.Mul(weight[1], groups)) {
		return nil, fmt.Errorf("got input of shape %s and weight of shape %s with %d groups, expected [n, c, ..] and [f, c / groups, ..]",
			in.Sizes.FormatShape(x), in.Sizes.FormatShape(weight), groups)
	}
	win, err := windowOf(in.Attrs, len(x)-2)
	if err != nil {
		return nil, err
	}
	shape := []int64{x[0], weight[0]}
	for d := range win.stride {
		n, err := windowed(x[2+d], weight[2+d], win.stride[d], win.padding[d], win.dilation[d], false)
		if err != nil {
			return nil, err
		}
		shape = append(shape, n)
	}
	return shape, nil
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
			shape, err := inferConvolution(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			s := slidingOf(op, shapeOf(op.Operand(0)), shapeOf(op.Operand(1)), shapeOf(op.Result(0)))
			x := s.padded(b, op.Operand(0))
			return []*ir.Value{s.ungrouped(b, s.nest(b, s.splitInput(b, x), s.splitWeight(b, op.Operand(1)), s.inputMap(), s.weightMap(), s.outMap(), s.out), s.out)}
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
	backward := func(name ir.OpName, what, other, example string) *ir.OpDef {
		return &ir.OpDef{
			Name: name, Summary: "adjoint of the " + what + " of a convolution", Example: example,
			Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P(other, floatTensor)),
			Results:  ir.Params(ir.P("out", floatTensor)),
			Attrs:    append([]ir.AttrParam{{Name: "shape", Kind: intsAttr, Required: true, Doc: "shape of the result"}}, attrs...),
			Traits:   ir.Pure | ir.Contraction,
			Infer: func(in *ir.Inference) ([]ir.Type, error) {
				elem, err := sameElem(in, 0)
				if err != nil {
					return nil, err
				}
				x, weight := in.Attrs.Ints("shape"), in.Shape(1)
				if name == OpConvolutionWeight {
					x, weight = weight, x
				}
				out, err := inferConvolution(in, x, weight)
				if err != nil {
					return nil, err
				}
				if err := in.Sizes.SameShape("grad_output", in.Shape(0), out); err != nil {
					return nil, err
				}
				return ir.Single(ir.Tensor(in.Attrs.Ints("shape"), elem))
			},
		}
	}
	input := backward(OpConvolutionInput, "input", "weight",
		"%out = aten.convolution_input_backward %d, %w {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 2, 3, 8>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<4x3x3xf32>) -> tensor<2x3x8xf32>")
	input.Description = "Also the transposed convolution. The adjoint is spread out by the stride and convolved with the mirrored window."
	input.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		s := slidingOf(op, op.Ints("shape"), shapeOf(op.Operand(1)), shapeOf(op.Operand(0)))
		g := s.spread(b, op.Operand(0))
		return []*ir.Value{s.ungrouped(b, s.nest(b, s.splitOut(b, g), s.splitWeight(b, op.Operand(1)), s.spreadMap(), s.weightMap(), s.wholeInputMap(), s.x), s.x)}
	}
	// It is linear in both: the adjoint of the first is the convolution itself.
	input.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		window := withoutShape(op.Attrs())
		return []*ir.Value{
			b.Create(OpConvolution, []*ir.Value{d[0], op.Operand(1)}, window...).Result(0),
			b.Create(OpConvolutionWeight, []*ir.Value{op.Operand(0), d[0]}, withShape(window, op.Operand(1))...).Result(0),
		}
	}
	weight := backward(OpConvolutionWeight, "weight", "input",
		"%out = aten.convolution_weight_backward %d, %x {dilation = array<i64: 1>, padding = array<i64: 1>, shape = array<i64: 4, 3, 3>, stride = array<i64: 2>} : (tensor<2x4x4xf32>, tensor<2x3x8xf32>) -> tensor<4x3x3xf32>")
	weight.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		s := slidingOf(op, shapeOf(op.Operand(1)), op.Ints("shape"), shapeOf(op.Operand(0)))
		x := s.padded(b, op.Operand(1))
		v := s.nest(b, s.splitInput(b, x), s.splitOut(b, op.Operand(0)), s.inputMap(), s.outMap(), s.weightMap(), s.out)
		return []*ir.Value{s.ungrouped(b, v, s.weight)}
	}
	weight.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		window := withoutShape(op.Attrs())
		return []*ir.Value{
			b.Create(OpConvolution, []*ir.Value{op.Operand(1), d[0]}, window...).Result(0),
			b.Create(OpConvolutionInput, []*ir.Value{op.Operand(0), d[0]}, withShape(window, op.Operand(1))...).Result(0),
		}
	}
	return []*ir.OpDef{conv, input, weight}
}

func withoutShape(attrs ir.AttrList) []ir.NamedAttr {
	var out []ir.NamedAttr
	for _, a := range attrs {
		if a.Name != "shape" {
			out = append(out, a)
		}
	}
	return out
}

func withShape(attrs []ir.NamedAttr, v *ir.Value) []ir.NamedAttr {
	return append([]ir.NamedAttr{attr("shape", ir.I64Array(shapeOf(v)...))}, attrs...)
}

// sliding is a convolution with its loops: n, group (if there are several), channel of
// the result in the group, places in the result, channel of the input in the group,
// places in the window. The adjoint of the input runs over places in the input instead
// of the result; which loops add up follows from the map of what is computed.
type sliding struct {
	window
	x, weight, out []int64 // shapes
	groups         int64
	spatial        int
}

func slidingOf(op *ir.Op, x, weight, out []int64) *sliding {
	win, _ := windowOf(op.Attrs(), len(x)-2) // inference has checked it
	return &sliding{window: win, x: x, weight: weight, out: out, groups: op.Int("groups", 1), spatial: len(x) - 2}
}

// The loops.
func (s *sliding) batch() ir.AffineExpr { return ir.AffineDim(0) }
func (s *sliding) grouped() int {
	if s.groups > 1 {
		return 1
	}
	return 0
}
func (s *sliding) group() []ir.AffineExpr {
	if s.groups > 1 {
		return []ir.AffineExpr{ir.AffineDim(1)}
	}
	return nil
}
func (s *sliding) outChannel() ir.AffineExpr { return ir.AffineDim(1 + s.grouped()) }
func (s *sliding) place(d int) ir.AffineExpr { return ir.AffineDim(2 + s.grouped() + d) }
func (s *sliding) inChannel() ir.AffineExpr  { return ir.AffineDim(2 + s.grouped() + s.spatial) }
func (s *sliding) tap(d int) ir.AffineExpr   { return ir.AffineDim(3 + s.grouped() + s.spatial + d) }
func (s *sliding) loops() int                { return 3 + s.grouped() + 2*s.spatial }
func (s *sliding) channels(n, c ir.AffineExpr) []ir.AffineExpr {
	return append(append([]ir.AffineExpr{n}, s.group()...), c)
}

func (s *sliding) mapOf(results []ir.AffineExpr, at func(d int) ir.AffineExpr) *ir.AffineMap {
	m := ir.NewMap(s.loops(), results...)
	for d := 0; d < s.spatial; d++ {
		m.Results = append(m.Results, at(d))
	}
	return m
}

func (s *sliding) outMap() *ir.AffineMap {
	return s.mapOf(s.channels(s.batch(), s.outChannel()), s.place)
}

func (s *sliding) wholeInputMap() *ir.AffineMap {
	return s.mapOf(s.channels(s.batch(), s.inChannel()), s.place)
}

func (s *sliding) inputMap() *ir.AffineMap {
	return s.mapOf(s.channels(s.batch(), s.inChannel()), func(d int) ir.AffineExpr {
		return ir.AddExpr(ir.ScaleExpr(s.place(d), s.stride[d]), ir.ScaleExpr(s.tap(d), s.dilation[d]))
	})
}

func (s *sliding) weightMap() *ir.AffineMap {
	return s.mapOf(append(append([]ir.AffineExpr{}, s.group()...), s.outChannel(), s.inChannel()), s.tap)
}

// spreadMap reads the spread adjoint: the input at i met the weight at tap k in the
// result at (i + padding - k dilation) / stride.
func (s *sliding) spreadMap() *ir.AffineMap {
	return s.mapOf(s.channels(s.batch(), s.outChannel()), func(d int) ir.AffineExpr {
		e := ir.AddExpr(s.place(d), ir.ScaleExpr(s.tap(d), -s.dilation[d]))
		return ir.AddExpr(e, ir.AffineConst(s.padding[d]+s.lead(d)))
	})
}

// lead is how many zeros stand before the spread adjoint, so that no index is negative.
func (s *sliding) lead(d int) int64 {
	return max(0, s.dilation[d]*(s.weight[2+d]-1)-s.padding[d])
}

// padded surrounds the input with its padding.
func (s *sliding) padded(b *ir.Builder, x *ir.Value) *ir.Value {
	var pad []int64
	any := false
	for d := s.spatial - 1; d >= 0; d-- {
		pad = append(pad, s.padding[d], s.padding[d])
		any = any || s.padding[d] > 0
	}
	if !any {
		return x
	}
	return ConstantPad(b, x, pad, 0)
}

// spread puts zeros between the elements of an adjoint, as the stride says, and around.
func (s *sliding) spread(b *ir.Builder, g *ir.Value) *ir.Value {
	var pad []int64
	interior := []int64{0, 0}
	for d := s.spatial - 1; d >= 0; d-- {
		length := (s.out[2+d]-1)*s.stride[d] + 1
		pad = append(pad, s.lead(d), max(0, s.x[2+d]+s.padding[d]-length))
	}
	for d := 0; d < s.spatial; d++ {
		interior = append(interior, s.stride[d]-1)
	}
	return b.Create(OpConstantPad, []*ir.Value{g}, attr("interior", ir.I64Array(interior...)), attr("pad", ir.I64Array(pad...))).Result(0)
}

// split makes the groups a dimension of their own, at place at.
func (s *sliding) split(b *ir.Builder, v *ir.Value, at int) *ir.Value {
	if s.groups == 1 {
		return v
	}
	shape := shapeOf(v)
	to := append(append([]int64{}, shape[:at]...), s.groups, shape[at]/s.groups)
	return Reshape(b, v, append(to, shape[at+1:]...))
}

func (s *sliding) splitInput(b *ir.Builder, x *ir.Value) *ir.Value  { return s.split(b, x, 1) }
func (s *sliding) splitOut(b *ir.Builder, g *ir.Value) *ir.Value    { return s.split(b, g, 1) }
func (s *sliding) splitWeight(b *ir.Builder, w *ir.Value) *ir.Value { return s.split(b, w, 0) }

func (s *sliding) ungrouped(b *ir.Builder, v *ir.Value, shape []int64) *ir.Value {
	if s.groups == 1 {
		return v
	}
	return Reshape(b, v, shape)
}

// nest adds up the products of x and y over the loops that out does not have; places
// run over the spatial dimensions of over.
func (s *sliding) nest(b *ir.Builder, x, y *ir.Value, xMap, yMap, out *ir.AffineMap, over []int64) *ir.Value {
	extents := make([]int64, s.loops())
	iters := make([]linalg.Iterator, s.loops())
	for i := range iters {
		iters[i] = linalg.Reduction
	}
	set := func(e ir.AffineExpr, n int64) { extents[e.(ir.AffineDim)] = n }
	set(s.batch(), s.x[0])
	for _, e := range s.group() {
		set(e, s.groups)
	}
	set(s.outChannel(), s.weight[0]/s.groups)
	set(s.inChannel(), s.weight[1])
	for d := 0; d < s.spatial; d++ {
		set(s.place(d), over[2+d])
		set(s.tap(d), s.weight[2+d])
	}
	var shape []int64
	for _, e := range out.Results {
		iters[e.(ir.AffineDim)] = linalg.Parallel
		shape = append(shape, extents[e.(ir.AffineDim)])
	}
	elem := elemOf(x)
	init := linalg.Fill(b, arith.ConstantF(b, 0, elem), tensor.Empty(b, shape, elem))
	return linalg.Generic(b, []*ir.Value{x, y}, []*ir.Value{init}, []*ir.AffineMap{xMap, yMap, out}, iters, func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		return []*ir.Value{arith.AddF(b, args[2], arith.MulF(b, args[0], args[1]))}
	}).Result(0)
}

// convolutionImports reads ATen's spellings.
func convolutionImports() []ir.Import {
	imports := []ir.Import{{
		Schema: "aten::_convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, SymInt[] padding, int[] dilation, bool transposed, SymInt[] output_padding, int groups, bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor",
		Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			return importConvolution(c, boolArg(c, "transposed", false))
		},
	}, {
		Schema: "aten::convolution(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding, SymInt[] dilation, bool transposed, SymInt[] output_padding, SymInt groups) -> Tensor",
		Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			return importConvolution(c, boolArg(c, "transposed", false))
		},
	}}
	for n := 1; n <= 3; n++ {
		imports = append(imports, ir.Import{
			Schema: fmt.Sprintf("aten::conv%dd(Tensor input, Tensor weight, Tensor? bias=None, int[%d] stride=1, SymInt[%d] padding=0, int[%d] dilation=1, int groups=1) -> Tensor", n, n, n, n),
			Build:  func(c *ir.ImportCall) ([]*ir.Value, error) { return importConvolution(c, false) },
		})
		name := fmt.Sprintf("conv_transpose%dd", n)
		if n > 1 {
			name += ".input"
		}
		imports = append(imports, ir.Import{
			Schema: fmt.Sprintf("aten::%s(Tensor input, Tensor weight, Tensor? bias=None, int[%d] stride=1, SymInt[%d] padding=0, SymInt[%d] output_padding=0, SymInt groups=1, int[%d] dilation=1) -> Tensor", name, n, n, n, n),
			Build:  func(c *ir.ImportCall) ([]*ir.Value, error) { return importConvolution(c, true) },
		})
	}
	return imports
}

// importConvolution adds the bias to a convolution. A transposed one is the adjoint
// of the input of a convolution with the same weight.
func importConvolution(c *ir.ImportCall, transposed bool) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "input")
	w, err2 := tensorArg(c, "weight")
	if err1 != nil || err2 != nil || len(shapeOf(x)) < 3 || len(shapeOf(w)) != len(shapeOf(x)) {
		return nil, fmt.Errorf("input and weight must be tensors with the same number of dimensions, at least 3")
	}
	n := len(shapeOf(x)) - 2
	stride, err := listArg(c, "stride", n, 1)
	if err != nil {
		return nil, err
	}
	padding, err := listArg(c, "padding", n, 0)
	if err != nil {
		return nil, err
	}
	dilation, err := listArg(c, "dilation", n, 1)
	if err != nil {
		return nil, err
	}
	groups := intArg(c, "groups", 1)
	attrs := convolutionAttrs(stride, padding, dilation, groups)
	op, channels := OpConvolution, shapeOf(w)[0]
	if transposed {
		op, channels = OpConvolutionInput, shapeOf(w)[1]*groups
		extra, err := listArg(c, "output_padding", n, 0)
		if err != nil {
			return nil, err
		}
		if !ir.Static(shapeOf(x)) || !ir.Static(shapeOf(w)) {
			return nil, refused("transposed convolutions over symbolic sizes are not supported")
		}
		shape := []int64{shapeOf(x)[0], channels}
		for d := range stride {
			shape = append(shape, (shapeOf(x)[2+d]-1)*stride[d]-2*padding[d]+dilation[d]*(shapeOf(w)[2+d]-1)+extra[d]+1)
		}
		attrs = append(attrs, attr("shape", ir.I64Array(shape...)))
	}
	v, err := one(c, op, []*ir.Value{x, w}, attrs...)
	if err != nil {
		return nil, err
	}
	bias := c.Args["bias"].Value
	if bias == nil {
		return []*ir.Value{v}, nil
	}
	wide := make([]int64, n+1)
	for i := range wide {
		wide[i] = 1
	}
	wide[0] = channels
	if bias, err = reshapeTo(c, bias, wide); err != nil {
		return nil, err
	}
	return try(c, OpAdd, []*ir.Value{v, bias})
}
