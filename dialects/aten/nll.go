package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// The negative log likelihood of classes. The class of a target is picked from its
// row by comparing it with the loop's counter, not by indexing: the row is in reach
// anyway after the log_softmax before it, so both become one nest of vector
// operations, and nothing can be read out of range.
const (
	OpNLLLoss         ir.OpName = "aten.nll_loss_forward"
	OpNLLLossBackward ir.OpName = "aten.nll_loss_backward"
)

// NLLLoss is the loss and the sum of the weights of the targets that count; weight,
// of the classes, may be nil.
func NLLLoss(b *ir.Builder, self, target, weight *ir.Value, reduction, ignore int64) (loss, total *ir.Value) {
	operands := []*ir.Value{self, target}
	if weight != nil {
		operands = append(operands, weight)
	}
	op := b.Create(OpNLLLoss, operands, attr("reduction", ir.I64Attr(reduction)), attr("ignore_index", ir.I64Attr(ignore)))
	return op.Result(0), op.Result(1)
}

var (
	reductionAttr = ir.AttrParam{Name: "reduction", Kind: ir.AttrKind{Name: "0, 1 or 2", Holds: func(a ir.Attr) bool {
		i, ok := a.(ir.IntegerAttr)
		return ok && i.Value >= 0 && i.Value <= 2
	}}, Default: ir.I64Attr(1), Doc: "0 none, 1 mean, 2 sum"}
	ignoreAttr = ir.AttrParam{Name: "ignore_index", Kind: intAttr, Default: ir.I64Attr(-100), Doc: "a class whose targets count for nothing"}
)

// classDim is the dimension of the classes: the second, or the only one.
func classDim(rank int) int { return min(1, rank-1) }

func nllDefs() []*ir.OpDef {
	loss := &ir.OpDef{
		Name: OpNLLLoss, Summary: "negative log likelihood of classes, and the weight of the targets that count",
		Description: "The mean is over the targets that count, by weight. The second result is 0 without a reduction, as in ATen.",
		Example:     "%out:2 = aten.nll_loss_forward %x, %t, %w : (tensor<4x3xf32>, tensor<4xi64>, tensor<3xf32>) -> (tensor<f32>, tensor<f32>)",
		Operands:    ir.Params(ir.P("self", floatTensor), ir.P("target", indexTensor), ir.Opt("weight", floatTensor)),
		Results:     ir.Params(ir.P("output", floatTensor), ir.P("total_weight", floatTensor)),
		Attrs:       []ir.AttrParam{ignoreAttr, reductionAttr},
		Traits:      ir.Pure,
		Sample: func(_ *ir.Op, i int) (float64, float64) {
			if i == 1 {
				return 0, 2
			}
			return 0.2, 2 // weights: their sum must not be near 0
		},
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, t := in.Shape(0), in.Shape(1)
			if len(x) == 0 {
				return nil, fmt.Errorf("got input of rank 0, expected [n, c, ..] or [c]")
			}
			c := classDim(len(x))
			want := append(append([]int64{}, x[:c]...), x[c+1:]...)
			if err := in.Sizes.SameShape("target", t, want); err != nil {
				return nil, err
			}
			if len(in.Operands) == 3 {
				if in.Elem(2) != in.Elem(0) {
					return nil, fmt.Errorf("element types differ: got %s and %s", in.Elem(0), in.Elem(2))
				}
				if err := in.Sizes.SameShape("weight", in.Shape(2), x[c:c+1]); err != nil {
					return nil, err
				}
			}
			scalar := ir.Tensor(nil, in.Elem(0))
			if in.Attrs.Int("reduction", 1) == 0 {
				return []ir.Type{ir.Tensor(want, in.Elem(0)), scalar}, nil
			}
			return []ir.Type{scalar, scalar}, nil
		},
		Lower: lowerNLL,
		Differentiable: func(op *ir.Op, wrt []bool) error {
			if len(wrt) == 3 && wrt[2] {
				return op.Errorf("has no derivative with respect to weight, nor has ATen")
			}
			return nil
		},
		// derivatives.yaml: nll_loss_backward; the target has no gradient.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			if d[0] == nil {
				return []*ir.Value{nil, nil, nil}[:op.NumOperands()]
			}
			x := shapeOf(op.Operand(0))
			operands := append([]*ir.Value{d[0], op.Operand(1), op.Result(1)}, op.Operands()[2:]...)
			g := b.Create(OpNLLLossBackward, operands, attr("classes", ir.I64Attr(x[classDim(len(x))])),
				attr("reduction", ir.I64Attr(op.Int("reduction", 1))), attr("ignore_index", ir.I64Attr(op.Int("ignore_index", -100)))).Result(0)
			return []*ir.Value{g, nil, nil}[:op.NumOperands()]
		},
	}
	backward := &ir.OpDef{
		Name: OpNLLLossBackward, Summary: "adjoint of the input of nll_loss_forward",
		Example:  "%out = aten.nll_loss_backward %d, %t, %n, %w {classes = 3 : i64} : (tensor<f32>, tensor<4xi64>, tensor<f32>, tensor<3xf32>) -> tensor<4x3xf32>",
		Operands: ir.Params(ir.P("grad_output", floatTensor), ir.P("target", indexTensor), ir.P("total_weight", floatTensor), ir.Opt("weight", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs:    []ir.AttrParam{{Name: "classes", Kind: intAttr, Required: true, Doc: "number of classes"}, ignoreAttr, reductionAttr},
		Traits:   ir.Pure | ir.NotDifferentiable,
		Sample:   indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			t := in.Shape(1)
			want := []int64{}
			if in.Attrs.Int("reduction", 1) == 0 {
				want = t
			}
			if err := in.Sizes.SameShape("grad_output", in.Shape(0), want); err != nil {
				return nil, err
			}
			if err := in.Sizes.SameShape("total_weight", in.Shape(2), nil); err != nil {
				return nil, err
			}
			n := in.Attrs.Int("classes", 0)
			if n < 0 {
				return nil, fmt.Errorf("classes is %d, expected 0 or more", n)
			}
			if len(in.Operands) == 4 {
				if err := in.Sizes.SameShape("weight", in.Shape(3), []int64{n}); err != nil {
					return nil, err
				}
			}
			c := min(1, len(t))
			return ir.Single(ir.Tensor(append(append(append([]int64{}, t[:c]...), n), t[c:]...), in.Elem(0)))
		},
		Lower: lowerNLLBackward,
	}
	return []*ir.OpDef{loss, backward}
}

// classNest is the loops over scores [n, c, ..] with the maps of what is read in them.
type classNest struct {
	shape           []int64
	class           int
	scores          *ir.AffineMap // n, c, ..
	targets, weight *ir.AffineMap // n, ..; c
}

func newClassNest(shape []int64) *classNest {
	n := &classNest{shape: shape, class: classDim(len(shape)), scores: ir.IdentityMap(len(shape)), targets: ir.NewMap(len(shape))}
	n.weight = ir.NewMap(len(shape), ir.AffineDim(n.class))
	for i := range shape {
		if i != n.class {
			n.targets.Results = append(n.targets.Results, ir.AffineDim(i))
		}
	}
	return n
}

// iters runs over the classes in the given way.
func (n *classNest) iters(classes linalg.Iterator) []linalg.Iterator {
	out := make([]linalg.Iterator, len(n.shape))
	for i := range out {
		out[i] = linalg.Parallel
	}
	out[n.class] = classes
	return out
}

// isTarget compares the class in the loop with a target.
func (n *classNest) isTarget(b *ir.Builder, target *ir.Value) *ir.Value {
	return arith.CmpI(b, arith.EQ, arith.Cast(b, linalg.Index(b, int64(n.class)), ir.I64), target)
}

// pick adds up, for each target, what value gives for its class from the elements of
// the inputs.
func (n *classNest) pick(b *ir.Builder, targets *ir.Value, inputs []*ir.Value, maps []*ir.AffineMap,
	value func(b *ir.Builder, args []*ir.Value) *ir.Value) *ir.Value {
	elem := elemOf(inputs[0])
	init := linalg.Fill(b, arith.ConstantF(b, 0, elem), tensor.Empty(b, shapeOf(targets), elem))
	inputs = append([]*ir.Value{targets}, inputs...)
	maps = append(append([]*ir.AffineMap{n.targets}, maps...), n.targets)
	return linalg.Generic(b, inputs, []*ir.Value{init}, maps, n.iters(linalg.Reduction), func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		last := len(args) - 1
		v := arith.Select(b, n.isTarget(b, args[0]), value(b, args[1:last]), arith.ConstantF(b, 0, elem))
		return []*ir.Value{arith.AddF(b, args[last], v)}
	}).Result(0)
}

func lowerNLL(b *ir.Builder, op *ir.Op) []*ir.Value {
	x := op.Operand(0)
	n := newClassNest(shapeOf(x))
	elem, reduction, ignore := elemOf(x), op.Int("reduction", 1), op.Int("ignore_index", -100)
	targets := checkedIndex(b, op.Operand(1), n.shape[n.class], &ignore)
	var picked, counts *ir.Value
	if op.NumOperands() == 3 {
		w := op.Operand(2)
		picked = n.pick(b, targets, []*ir.Value{x, w}, []*ir.AffineMap{n.scores, n.weight},
			func(b *ir.Builder, args []*ir.Value) *ir.Value { return arith.MulF(b, args[0], args[1]) })
		if reduction != 0 {
			counts = n.pick(b, targets, []*ir.Value{w}, []*ir.AffineMap{n.weight},
				func(_ *ir.Builder, args []*ir.Value) *ir.Value { return args[0] })
		}
	} else {
		picked = n.pick(b, targets, []*ir.Value{x}, []*ir.AffineMap{n.scores},
			func(_ *ir.Builder, args []*ir.Value) *ir.Value { return args[0] })
		if reduction != 0 {
			counts = To(b, Ge(b, targets, Full(b, ir.Scalar{}, nil, ir.I64)), elem)
		}
	}
	losses := Neg(b, picked)
	if reduction == 0 {
		return []*ir.Value{losses, Full(b, ir.Scalar{}, nil, elem)}
	}
	total, loss := Sum(b, counts, nil, false), Sum(b, losses, nil, false)
	if reduction == 1 {
		loss = Div(b, loss, total)
	}
	return []*ir.Value{loss, total}
}

func lowerNLLBackward(b *ir.Builder, op *ir.Op) []*ir.Value {
	g, ignore := op.Operand(0), op.Int("ignore_index", -100)
	n := newClassNest(shapeOf(op.Result(0)))
	elem := elemOf(g)
	targets := checkedIndex(b, op.Operand(1), n.shape[n.class], &ignore)
	if op.Int("reduction", 1) == 1 {
		g = Div(b, g, op.Operand(2))
	}
	inputs, maps := []*ir.Value{targets, g}, []*ir.AffineMap{n.targets, ir.NewMap(len(n.shape))}
	if op.Int("reduction", 1) == 0 {
		maps[1] = n.targets
	}
	if op.NumOperands() == 4 {
		inputs, maps = append(inputs, op.Operand(3)), append(maps, n.weight)
	}
	init := tensor.Empty(b, n.shape, elem)
	return linalg.Generic(b, inputs, []*ir.Value{init}, append(maps, n.scores), n.iters(linalg.Parallel), func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		v := arith.NegF(b, args[1])
		if len(inputs) == 3 {
			v = arith.MulF(b, v, args[2])
		}
		return []*ir.Value{arith.Select(b, n.isTarget(b, args[0]), v, arith.ConstantF(b, 0, elem))}
	}).Results()
}
