package ir

import "fmt"

// Inference is what the result types of an op are computed from: the types of its
// operands and its attributes, without the op itself, so that the same rule serves
// the builder, the verifier and the analysis of symbolic sizes.
type Inference struct {
	Name     OpName
	Operands []Type
	Attrs    AttrList
	Sizes    *Sizes
}

// Shape of operand i.
func (in *Inference) Shape(i int) []int64 { return ShapeOf(in.Operands[i]) }

// Elem is the element type of operand i.
func (in *Inference) Elem(i int) Type { return ElemType(in.Operands[i]) }

// Single wraps one result type.
func Single(t Type) ([]Type, error) { return []Type{t}, nil }

// Broadcast is the shape that the given shapes broadcast to by ATen's rule: aligned
// at the last dimension, sizes equal or 1.
func (in *Inference) Broadcast(shapes ...[]int64) ([]int64, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]int64, rank)
	for i := range out {
		out[i] = 1
	}
	for _, s := range shapes {
		for j, n := range s {
			i := rank - len(s) + j
			switch {
			case n == 1:
			case out[i] == 1:
				out[i] = n
			case !in.Sizes.Equal(out[i], n):
				return nil, fmt.Errorf("shapes do not broadcast: dimension %d of the result would be %s and %s",
					i, in.Sizes.Format(out[i]), in.Sizes.Format(n))
			case out[i] == Dynamic:
				out[i] = n
			}
		}
	}
	return out, nil
}

// Dim brings a dimension counted from the end (negative) to one counted from the
// start and checks its range; rank 0 counts as rank 1, as in ATen.
func Dim(dim int64, rank int) (int, error) {
	n := int64(max(rank, 1))
	if dim < -n || dim >= n {
		return 0, fmt.Errorf("dimension %d is out of range: expected %d to %d", dim, -n, n-1)
	}
	if dim < 0 {
		dim += n
	}
	return int(dim), nil
}

// InferResults computes the result types of an op that is about to be made.
func (d *OpDef) InferResults(operands []*Value, attrs []NamedAttr) ([]Type, error) {
	if d.Infer == nil {
		return nil, fmt.Errorf("result types cannot be inferred, they must be given")
	}
	if err := d.checkOperandCount(len(operands)); err != nil {
		return nil, err
	}
	types := make([]Type, len(operands))
	for i, v := range operands {
		types[i] = v.typ
		if t, ok := v.typ.(*TensorType); ok {
			types[i] = t.Plain() // strides stand in argument types only
		}
	}
	return d.Infer(&Inference{Name: d.Name, Operands: types, Attrs: attrs})
}
