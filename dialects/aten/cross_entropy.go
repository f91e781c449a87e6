package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// OpCrossEntropy names the cross entropy of classes with logits.
const OpCrossEntropy ir.OpName = "aten.cross_entropy_loss"

func crossEntropyDefs() []*ir.OpDef {
	return []*ir.OpDef{{
		Name: OpCrossEntropy, Summary: "cross entropy of the softmax of logits with classes or their probabilities",
		Description: "The log_softmax of the logits along the classes, then nll_loss_forward; for a target of probabilities, " +
			"-sum(target * log_softmax). label_smoothing mixes the target with equal probabilities.",
		Example:  "%out = aten.cross_entropy_loss %x, %t {label_smoothing = 0.1 : f64} : (tensor<4x3xf32>, tensor<4xi64>) -> tensor<f32>",
		Torch:    []string{"aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100, float label_smoothing=0.0) -> Tensor"},
		Operands: ir.Params(ir.P("self", floatTensor), ir.P("target", anyTensor), ir.Opt("weight", floatTensor)),
		Results:  ir.Params(ir.P("out", floatTensor)),
		Attrs: []ir.AttrParam{ignoreAttr, reductionAttr,
			{Name: "label_smoothing", Kind: numberAttr, Default: ir.F64Attr(0), Doc: "share of equal probabilities in the target"}},
		Traits: ir.Pure,
		Sample: indexSample(1, 0, 2),
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, t := in.Shape(0), in.Shape(1)
			if len(x) == 0 {
				return nil, fmt.Errorf("got input of rank 0, expected [n, c, ..] or [c]")
			}
			c := classDim(len(x))
			rows := append(append([]int64{}, x[:c]...), x[c+1:]...)
			switch {
			case ir.IsFloat(in.Elem(1)):
				if in.Elem(1) != in.Elem(0) {
					return nil, fmt.Errorf("element types differ: got %s and %s", in.Elem(0), in.Elem(1))
				}
				if err := in.Sizes.SameShape("target", t, x); err != nil {
					return nil, err
				}
			case !indexTensor.Holds(in.Operands[1]):
				return nil, fmt.Errorf("target has elements of type %s, expected i64, i32, or those of the input", in.Elem(1))
			default:
				if err := in.Sizes.SameShape("target", t, rows); err != nil {
					return nil, err
				}
			}
			if len(in.Operands) == 3 {
				if err := in.Sizes.SameShape("weight", in.Shape(2), x[c:c+1]); err != nil {
					return nil, err
				}
			}
			if s := in.Attrs.Float("label_smoothing", 0); !(s >= 0 && s <= 1) {
				return nil, fmt.Errorf("label_smoothing is %v, expected 0 to 1", s)
			}
			if in.Attrs.Int("reduction", 1) == 0 {
				return ir.Single(ir.Tensor(rows, in.Elem(0)))
			}
			return ir.Single(ir.Tensor(nil, in.Elem(0)))
		},
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			e := newCrossEntropy(b, op)
			if ir.IsFloat(op.Operand(1).Type()) {
				return []*ir.Value{e.probabilities(op.Operand(1))}
			}
			return []*ir.Value{e.classes(op.Operand(1))}
		},
	}}
}

// crossEntropy follows ATen's cross_entropy_loss.
type crossEntropy struct {
	b          *ir.Builder
	log        *ir.Value // log_softmax of the logits
	weight     *ir.Value // or nil
	wide       *ir.Value // weight in a shape that broadcasts to the logits, or nil
	dim        int64     // of the classes
	n          float64   // number of classes
	reduction  int64
	ignore     int64
	smoothing  float64
	logitShape []int64
}

func newCrossEntropy(b *ir.Builder, op *ir.Op) *crossEntropy {
	x := op.Operand(0)
	e := &crossEntropy{b: b, dim: int64(classDim(len(shapeOf(x)))), reduction: op.Int("reduction", 1), ignore: op.Int("ignore_index", -100),
		smoothing: op.Float("label_smoothing", 0), logitShape: shapeOf(x)}
	e.n = float64(e.logitShape[e.dim])
	e.log = LogSoftmax(b, x, e.dim)
	if op.NumOperands() == 3 {
		e.weight, e.wide = op.Operand(2), op.Operand(2)
		shape := []int64{e.logitShape[e.dim]}
		for range e.logitShape[e.dim+1:] {
			shape = append(shape, 1)
		}
		if len(shape) > 1 {
			e.wide = Reshape(b, e.weight, shape)
		}
	}
	return e
}

func (e *crossEntropy) constant(v float64) *ir.Value {
	return Full(e.b, number(v), nil, elemOf(e.log))
}

func (e *crossEntropy) probabilities(target *ir.Value) *ir.Value {
	b := e.b
	if e.smoothing > 0 {
		target = Add(b, Scale(b, target, 1-e.smoothing), e.constant(e.smoothing/e.n))
	}
	products := Mul(b, e.log, target)
	if e.wide != nil {
		products = Mul(b, products, e.wide)
	}
	if e.reduction == 0 {
		return Neg(b, Sum(b, products, []int64{e.dim}, false))
	}
	loss := Neg(b, Sum(b, products, nil, false))
	if e.reduction == 1 { // over the rows, whatever they weigh
		rows := 1.0
		for i, n := range e.logitShape {
			if int64(i) != e.dim {
				rows *= float64(n)
			}
		}
		loss = Div(b, loss, e.constant(rows))
	}
	return loss
}

func (e *crossEntropy) classes(target *ir.Value) *ir.Value {
	b := e.b
	loss, total := NLLLoss(b, e.log, target, e.weight, e.reduction, e.ignore)
	if e.smoothing == 0 {
		return loss
	}
	logs := e.log
	if e.wide != nil {
		logs = Mul(b, logs, e.wide)
	}
	smooth := Neg(b, Sum(b, logs, []int64{e.dim}, false))
	ignored := Eq(b, target, Full(b, ir.Scalar{I: e.ignore}, nil, elemOf(target)))
	smooth = Where(b, ignored, e.constant(0), smooth)
	if e.reduction != 0 {
		smooth = Sum(b, smooth, nil, false)
	}
	if e.reduction == 1 {
		smooth = Div(b, smooth, total)
	}
	return Add(b, Scale(b, loss, 1-e.smoothing), Scale(b, smooth, e.smoothing/e.n))
}
