package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// OpConstantPad names a tensor with a margin of one value.
const OpConstantPad ir.OpName = "aten.constant_pad_nd"

// ConstantPad surrounds x with value: pad lists how many elements before and after,
// from the last dimension on; a negative number cuts off.
func ConstantPad(b *ir.Builder, x *ir.Value, pad []int64, value float64) *ir.Value {
	return b.Create(OpConstantPad, []*ir.Value{x}, attr("pad", ir.I64Array(pad...)), attr("value", ir.F64Attr(value))).Result(0)
}

// padOf is how many elements op adds before dimension d, and between two elements.
func padOf(op *ir.Op, rank, d int) (low, between int64) {
	pad, interior := op.Ints("pad"), op.Ints("interior")
	k := rank - 1 - d
	if 2*k+1 < len(pad) {
		low = pad[2*k]
	}
	if d < len(interior) {
		between = interior[d]
	}
	return low, between
}

func padDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpConstantPad, Summary: "a tensor with a margin of one value, or with its margin cut off",
		Example:  "%out = aten.constant_pad_nd %x {pad = array<i64: 1, 2, -1, 1>, value = 0.5 : f64} : (tensor<4x8xf32>) -> tensor<4x11xf32>",
		Torch:    []string{"aten::constant_pad_nd(Tensor self, SymInt[] pad, Scalar value=0) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs: []ir.AttrParam{
			{Name: "pad", Kind: intsAttr, Required: true, Doc: "elements before and after, from the last dimension on; negative ones cut off"},
			{Name: "value", Kind: numberAttr, Default: ir.I64Attr(0), Doc: "what the margin is made of"},
			{Name: "interior", Kind: intsAttr, Doc: "elements between two, for each dimension from the first on; none if absent"},
		},
		Traits: ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			shape := append([]int64{}, in.Shape(0)...)
			pad, interior := in.Attrs.Ints("pad"), in.Attrs.Ints("interior")
			if len(pad)%2 != 0 || len(pad) > 2*len(shape) || len(interior) > len(shape) {
				return nil, fmt.Errorf("pad %v and interior %v do not fit a tensor of shape %s", pad, interior, in.Sizes.FormatShape(shape))
			}
			for d, n := range interior {
				if n < 0 {
					return nil, fmt.Errorf("interior is %v, expected sizes of 0 or more", interior)
				}
				if n > 0 && shape[d] > 0 {
					shape[d] += (shape[d] - 1) * n
				}
			}
			for k := 0; k < len(pad); k += 2 {
				d := len(shape) - 1 - k/2
				shape[d] = in.Sizes.Add(in.Sizes.Add(shape[d], pad[k]), pad[k+1])
				if shape[d] < 0 && in.Shape(0)[d] >= 0 {
					return nil, fmt.Errorf("pad %v cuts more off dimension %d than its %d elements", pad, d, in.Shape(0)[d])
				}
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			x, out := args[0], outs[0]
			var value ir.Attr = ir.I64Attr(0)
			if v := op.Attr("value"); v != nil {
				value = v
			}
			fillMemory(b, attrScalar(b, value, elemOf(x)), out)
			from, to := shapeOf(x), shapeOf(out)
			// The part of each dimension that is not cut off.
			first, end, low, step := make([]int64, len(from)), make([]int64, len(from)), make([]int64, len(from)), make([]int64, len(from))
			for d, n := range from {
				l, between := padOf(op, len(from), d)
				low[d], step[d] = l, between+1
				first[d] = max(0, (-l+between)/step[d])
				end[d] = max(first[d], min(n, (to[d]-l+between)/step[d]))
			}
			var nest func(b *ir.Builder, at []*ir.Value)
			nest = func(b *ir.Builder, at []*ir.Value) {
				if d := len(at); d < len(from) {
					forRange(b, size(b, first[d]), size(b, end[d]), func(b *ir.Builder, i *ir.Value) {
						nest(b, append(at[:d:d], i))
					})
					return
				}
				place := make([]*ir.Value, len(at))
				for d, i := range at {
					place[d] = shifted(b, i, step[d], low[d])
				}
				memref.Store(b, memref.Load(b, x, at...), out, place...)
			}
			nest(b, nil)
		},
		// derivatives.yaml: constant_pad_nd_backward: the margin is cut off again.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			from := shapeOf(op.Operand(0))
			var pad []int64
			for _, n := range op.Ints("pad") {
				pad = append(pad, -n)
			}
			g := ConstantPad(b, d[0], pad, 0)
			for i, n := range op.Ints("interior") {
				if n > 0 && from[i] > 0 {
					g = Slice(b, g, int64(i), 0, shapeOf(g)[i], n+1)
				}
			}
			return []*ir.Value{g}
		},
	}}
}

// shifted is i * step + offset.
func shifted(b *ir.Builder, i *ir.Value, step, offset int64) *ir.Value {
	if step != 1 {
		i = arith.MulI(b, i, size(b, step))
	}
	if offset != 0 {
		i = arith.AddI(b, i, size(b, offset))
	}
	return i
}

func padImports() []ir.Import {
	return []ir.Import{{
		Schema: `aten::pad(Tensor self, SymInt[] pad, str mode="constant", float? value=None) -> Tensor`,
		Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			if mode, ok := c.Args["mode"].Attr.(ir.StringAttr); ok && mode != "constant" {
				return nil, refused(fmt.Sprintf("mode %q is not supported, \"constant\" is", string(mode)))
			}
			return try(c, OpConstantPad, []*ir.Value{x}, attr("pad", ir.I64Array(intsArg(c, "pad")...)), attr("value", ir.F64Attr(numberArg(c, "value", 0))))
		},
	}}
}
