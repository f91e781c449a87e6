package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// sameElem is the one element type of operands from to the last.
func sameElem(in *ir.Inference, from int) (ir.Type, error) {
	elem := in.Elem(from)
	for i := from + 1; i < len(in.Operands); i++ {
		if got := in.Elem(i); got != elem {
			return nil, fmt.Errorf("element types differ: got %s and %s", elem, got)
		}
	}
	return elem, nil
}

// broadcastShape is the shape that all operands broadcast to.
func broadcastShape(in *ir.Inference) ([]int64, error) {
	shapes := make([][]int64, len(in.Operands))
	for i := range shapes {
		shapes[i] = in.Shape(i)
	}
	return in.Broadcast(shapes...)
}

// floatElem is the type that a float function gives for elements of type t:
// integers and booleans become f32, ATen's default type.
func floatElem(t ir.Type) ir.Type {
	if ir.IsFloat(t) {
		return t
	}
	return ir.F32
}

// inferElementwise infers the broadcast shape of operands of one element type, and
// as element type what result makes of theirs.
func inferElementwise(result func(elem ir.Type) ir.Type) func(in *ir.Inference) ([]ir.Type, error) {
	return func(in *ir.Inference) ([]ir.Type, error) {
		elem, err := sameElem(in, 0)
		if err != nil {
			return nil, err
		}
		shape, err := broadcastShape(in)
		if err != nil {
			return nil, err
		}
		return ir.Single(ir.Tensor(shape, result(elem)))
	}
}

// The element types of the results of elementwise ops.
var (
	inferSame  = inferElementwise(func(elem ir.Type) ir.Type { return elem })
	inferFloat = inferElementwise(floatElem)
	inferBool  = inferElementwise(func(ir.Type) ir.Type { return ir.I1 })
)

// inferNumber is inferSame that refuses booleans, as ATen does for this op.
func inferNumber(in *ir.Inference) ([]ir.Type, error) {
	if len(in.Operands) > 0 && ir.IsBool(in.Operands[0]) {
		return nil, fmt.Errorf("is not defined for booleans")
	}
	return inferSame(in)
}

// axes normalises dimensions: counted from the start, in range, each once; no
// dimension given means all. Rank 0 has the dimensions 0 and -1, which mean nothing.
func axes(dims []int64, rank int) ([]int, error) {
	if len(dims) == 0 {
		out := make([]int, rank)
		for i := range out {
			out[i] = i
		}
		return out, nil
	}
	reduced := make([]bool, rank)
	for _, d := range dims {
		i, err := ir.Dim(d, rank)
		if err != nil {
			return nil, err
		}
		if rank == 0 {
			continue
		}
		if reduced[i] {
			return nil, fmt.Errorf("dimension %d appears twice in the list of dimensions", i)
		}
		reduced[i] = true
	}
	var out []int
	for i, r := range reduced {
		if r {
			out = append(out, i)
		}
	}
	return out, nil
}

// dimsOf is the attribute "dim" of a reduction: a list, or one dimension.
func dimsOf(attrs ir.AttrList) []int64 {
	switch a := attrs.Get("dim").(type) {
	case ir.IntegerAttr:
		return []int64{a.Value}
	case *ir.DenseArrayAttr:
		return a.Ints()
	}
	return nil
}

// reducedShape is shape with the given dimensions made 1 or left out.
func reducedShape(shape []int64, dims []int, keepdim bool) []int64 {
	isReduced := make([]bool, len(shape))
	for _, d := range dims {
		isReduced[d] = true
	}
	out := []int64{}
	for i, n := range shape {
		switch {
		case !isReduced[i]:
			out = append(out, n)
		case keepdim:
			out = append(out, 1)
		}
	}
	return out
}

// inferReduction infers the shape of a reduction over the attribute "dim" with
// "keepdim", and as element type what result makes of the operand's.
func inferReduction(result func(in *ir.Inference, elem ir.Type) (ir.Type, error)) func(in *ir.Inference) ([]ir.Type, error) {
	return func(in *ir.Inference) ([]ir.Type, error) {
		dims, err := axes(dimsOf(in.Attrs), len(in.Shape(0)))
		if err != nil {
			return nil, err
		}
		elem, err := result(in, in.Elem(0))
		if err != nil {
			return nil, err
		}
		return ir.Single(ir.Tensor(reducedShape(in.Shape(0), dims, in.Attrs.Bool("keepdim", false)), elem))
	}
}

// sumElem is the type in which ATen adds up: that of the attribute "dtype", else
// i64 for integers and booleans, else the operand's.
func sumElem(in *ir.Inference, elem ir.Type) (ir.Type, error) {
	if t := in.Attrs.TypeOf("dtype"); t != nil {
		return t, nil
	}
	if ir.IsInteger(elem) {
		return ir.I64, nil
	}
	return elem, nil
}

// floatOnly refuses what ATen computes in floats only.
func floatOnly(in *ir.Inference, elem ir.Type) (ir.Type, error) {
	if t := in.Attrs.TypeOf("dtype"); t != nil {
		elem = t
	}
	if !ir.IsFloat(elem) {
		return nil, fmt.Errorf("needs a tensor of floats, got elements of type %s", elem)
	}
	return elem, nil
}
