package aten

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Joining and scanning along a dimension.
const (
	OpCat    ir.OpName = "aten.cat"
	OpCumsum ir.OpName = "aten.cumsum"
	OpFlip   ir.OpName = "aten.flip"
)

func joiningDefs() []*ir.OpDef {
	cat := &ir.OpDef{
		Name: OpCat, Summary: "tensors one after the other along a dimension",
		Example:  "%out = aten.cat %x, %y {dim = 1 : i64} : (tensor<4x8xf32>, tensor<4x3xf32>) -> tensor<4x11xf32>",
		Operands: ir.Params(ir.Var("tensors", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{dimParam},
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if len(in.Operands) == 0 {
				return nil, fmt.Errorf("got no tensors, expected at least 1")
			}
			elem, err := sameElem(in, 0)
			if err != nil {
				return nil, err
			}
			d, err := ir.Dim(in.Attrs.Int("dim", 0), len(in.Shape(0)))
			if err != nil || len(in.Shape(0)) == 0 {
				return nil, fmt.Errorf("tensors of shape %s cannot be joined along dimension %d", in.Sizes.FormatShape(in.Shape(0)), in.Attrs.Int("dim", 0))
			}
			shape := append([]int64{}, in.Shape(0)...)
			for i := 1; i < len(in.Operands); i++ {
				s := in.Shape(i)
				if len(s) != len(shape) {
					return nil, fmt.Errorf("tensor %d has shape %s, the first %s", i, in.Sizes.FormatShape(s), in.Sizes.FormatShape(in.Shape(0)))
				}
				for k := range s {
					if k == d {
						shape[k] = in.Sizes.Add(shape[k], s[k])
					} else if !in.Sizes.Equal(shape[k], s[k]) {
						return nil, fmt.Errorf("tensor %d has shape %s, the first %s: they differ in dimension %d", i, in.Sizes.FormatShape(s), in.Sizes.FormatShape(in.Shape(0)), k)
					}
				}
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			d, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(outs[0])))
			start := int64(0)
			for _, x := range args {
				offset := start
				forShape(b, shapeOf(x), func(b *ir.Builder, at []*ir.Value) {
					memref.Store(b, memref.Load(b, x, at...), outs[0], with(at, d, arith.AddI(b, at[d], size(b, offset)))...)
				})
				start += shapeOf(x)[d]
			}
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			k, _ := ir.Dim(op.Int("dim", 0), len(shapeOf(op.Result(0))))
			var out []*ir.Value
			at := int64(0)
			for _, x := range op.Operands() {
				n := shapeOf(x)[k]
				out = append(out, Slice(b, d[0], int64(k), at, at+n, 1))
				at += n
			}
			return out
		},
	}
	cumsum := dimReduction(OpCumsum, "running sum along a dimension")
	cumsum.Description = "Floats are added up in f64."
	cumsum.Example = "%out = aten.cumsum %x {dim = 1 : i64} : tensor<4x8xf32>"
	cumsum.Attrs = []ir.AttrParam{{Name: "dim", Kind: intAttr, Required: true, Doc: "the dimension"}}
	cumsum.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		if _, err := ir.Dim(in.Attrs.Int("dim", 0), len(in.Shape(0))); err != nil {
			return nil, err
		}
		return inferNumber(in)
	}
	// As ATen's on the CPU: the sum of f32 is in double, and each element is rounded.
	wide := func(t ir.Type) ir.Type {
		if ir.IsFloat(t) {
			return ir.F64
		}
		return t
	}
	cumsum.Loops = func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
		shape := shapeOf(args[0])
		if len(shape) == 0 {
			copyMemory(b, args[0], outs[0])
			return
		}
		d, _ := ir.Dim(op.Int("dim", 0), len(shape))
		rows := append([]int64{}, shape...)
		rows[d] = 1
		forShape(b, rows, func(b *ir.Builder, at []*ir.Value) {
			elem := elemOf(args[0])
			zero := arith.ConstantOf(b, ir.Scalar{}, wide(elem))
			scf.For(b, size(b, 0), size(b, shape[d]), size(b, 1), []*ir.Value{zero}, func(b *ir.Builder, i *ir.Value, so []*ir.Value) []*ir.Value {
				place := with(at, d, i)
				sum := add(b, so[0], arith.Cast(b, memref.Load(b, args[0], place...), wide(elem)))
				memref.Store(b, arith.Cast(b, sum, elem), outs[0], place...)
				return []*ir.Value{sum}
			})
		})
	}
	// derivatives.yaml: cumsum_backward: the running sum from the other end.
	cumsum.VJP = func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		dims := attr("dims", ir.I64Array(op.Int("dim", 0)))
		if len(shapeOf(d[0])) == 0 {
			return d
		}
		back := b.Create(OpFlip, []*ir.Value{d[0]}, dims).Result(0)
		back = b.Create(OpCumsum, []*ir.Value{back}, attr("dim", ir.I64Attr(op.Int("dim", 0)))).Result(0)
		return []*ir.Value{b.Create(OpFlip, []*ir.Value{back}, dims).Result(0)}
	}
	flip := &ir.OpDef{
		Name: OpFlip, Summary: "the order of elements reversed along dimensions",
		Example:  "%out = aten.flip %x {dims = array<i64: 1>} : tensor<4x8xf32>",
		Torch:    []string{"aten::flip(Tensor self, int[] dims) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{{Name: "dims", Kind: intsAttr, Required: true, Doc: "the dimensions"}},
		Traits:   ir.Pure,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			for _, d := range in.Attrs.Ints("dims") {
				if _, err := ir.Dim(d, len(in.Shape(0))); err != nil {
					return nil, err
				}
			}
			return ir.Single(in.Operands[0])
		},
		Loops: func(b *ir.Builder, op *ir.Op, args, outs []*ir.Value) {
			shape := shapeOf(args[0])
			forShape(b, shape, func(b *ir.Builder, at []*ir.Value) {
				from := at
				for _, dim := range op.Ints("dims") {
					d, _ := ir.Dim(dim, len(shape))
					if len(shape) > 0 {
						from = with(from, d, arith.SubI(b, size(b, shape[d]-1), at[d]))
					}
				}
				memref.Store(b, memref.Load(b, args[0], from...), outs[0], at...)
			})
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Create(OpFlip, []*ir.Value{d[0]}, op.Attrs()...).Result(0)}
		},
	}
	return []*ir.OpDef{cat, cumsum, flip}
}

// joiningImports reads lists of tensors.
func joiningImports() []ir.Import {
	promoted := func(c *ir.ImportCall) ([]*ir.Value, error) {
		values := c.Args["tensors"].Values
		var args []ir.ImportArg
		for _, v := range values {
			args = append(args, ir.ImportArg{Value: v})
		}
		if len(args) == 0 {
			return nil, fmt.Errorf("got no tensors, expected at least 1")
		}
		return Promote(c.Builder, args)
	}
	return []ir.Import{
		{Schema: "aten::cat(Tensor[] tensors, int dim=0) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			values, err := promoted(c)
			if err != nil {
				return nil, err
			}
			values = slices.DeleteFunc(values, legacyEmpty(values))
			return try(c, OpCat, values, attr("dim", ir.I64Attr(intArg(c, "dim", 0))))
		}},
		{Schema: "aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", Build: cumsum},
		{Schema: "aten::stack(Tensor[] tensors, int dim=0) -> Tensor", Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			values, err := promoted(c)
			if err != nil {
				return nil, err
			}
			d, err := ir.Dim(intArg(c, "dim", 0), len(shapeOf(values[0]))+1)
			if err != nil {
				return nil, err
			}
			for i, v := range values {
				from := shapeOf(v)
				if d > len(from) {
					return nil, fmt.Errorf("tensor %d has shape %v, the first %v", i, from, shapeOf(values[0]))
				}
				to := append(append(append([]int64{}, from[:d]...), 1), from[d:]...)
				if values[i], err = one(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(wild(to)...))); err != nil {
					return nil, err
				}
			}
			return try(c, OpCat, values, attr("dim", ir.I64Attr(int64(d))))
		}},
	}
}

// legacyEmpty says which tensors cat leaves out: those of shape [0] beside others of
// another rank.
func legacyEmpty(values []*ir.Value) func(v *ir.Value) bool {
	others := slices.ContainsFunc(values, func(v *ir.Value) bool { return len(shapeOf(v)) != 1 })
	return func(v *ir.Value) bool { return others && len(shapeOf(v)) == 1 && shapeOf(v)[0] == 0 }
}

// cumsum converts first: to the type asked for, or integers and booleans to i64.
func cumsum(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	t, err := dtypeArg(c, "dtype")
	if err != nil {
		return nil, err
	}
	if t == nil {
		t = elemOf(x)
		if !ir.IsFloat(t) {
			t = ir.I64
		}
	}
	return try(c, OpCumsum, []*ir.Value{To(c.Builder, x, t)}, attr("dim", ir.I64Attr(intArg(c, "dim", 0))))
}
