package aten

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// Products of vectors and tensors, spelled by those of matrices.

func productImports() []ir.Import {
	pair := func(schema, first, second string, f func(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error)) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err1 := tensorArg(c, first)
			y, err2 := tensorArg(c, second)
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("arguments %q and %q must be tensors", first, second)
			}
			return f(c, x, y)
		}}
	}
	return []ir.Import{
		pair("aten::outer(Tensor self, Tensor vec2) -> Tensor", "self", "vec2", outer),
		pair("aten::ger(Tensor self, Tensor vec2) -> Tensor", "self", "vec2", outer),
		pair("aten::inner(Tensor self, Tensor other) -> Tensor", "self", "other", inner),
		pair("aten::vdot(Tensor self, Tensor other) -> Tensor", "self", "other", func(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
			return try(c, OpMatmul, []*ir.Value{x, y})
		}),
		pair("aten::tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor", "self", "other", tensordot),
		pair("aten::kron(Tensor self, Tensor other) -> Tensor", "self", "other", kron),
		{Schema: "aten::linalg_multi_dot(Tensor[] tensors) -> Tensor", Build: multiDot},
	}
}

// outer promotes its operands, as the elementwise product that it is.
func outer(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
	if len(shapeOf(x)) != 1 || len(shapeOf(y)) != 1 {
		return nil, fmt.Errorf("expects two vectors, got %s and %s", x.Type(), y.Type())
	}
	t := promote(elemOf(x), elemOf(y))
	column, err := one(c, OpReshape, []*ir.Value{To(c.Builder, x, t)}, attr("shape", ir.I64Array(wild([]int64{shapeOf(x)[0], 1})...)))
	if err != nil {
		return nil, err
	}
	return try(c, OpMul, []*ir.Value{column, To(c.Builder, y, t)})
}

// inner sums over the last dimensions of both; a number scales.
func inner(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
	n, m := int64(len(shapeOf(x))), int64(len(shapeOf(y)))
	if n == 0 || m == 0 {
		return try(c, OpMul, []*ir.Value{x, y})
	}
	return dotOver(c, x, y, []int64{n - 1}, []int64{m - 1})
}

func tensordot(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
	return dotOver(c, x, y, intsArg(c, "dims_self"), intsArg(c, "dims_other"))
}

// dotOver sums over pairs of dimensions; those of x that are left come before those of y.
func dotOver(c *ir.ImportCall, x, y *ir.Value, dimsX, dimsY []int64) ([]*ir.Value, error) {
	if len(dimsX) != len(dimsY) {
		return nil, fmt.Errorf("got %d and %d dimensions to sum over", len(dimsX), len(dimsY))
	}
	const free, summed = 1 << 16, 1 << 17
	label := func(v *ir.Value, dims []int64, first int) (labelled, error) {
		f := labelled{value: v, labels: make([]int, len(shapeOf(v)))}
		for k := range f.labels {
			f.labels[k] = first + k
		}
		for i, dim := range dims {
			d, err := ir.Dim(dim, len(f.labels))
			if err != nil || len(f.labels) == 0 || f.labels[d] >= summed {
				return f, fmt.Errorf("dimensions %v to sum over do not fit %s", dims, v.Type())
			}
			f.labels[d] = summed + i
		}
		return f, nil
	}
	fx, err := label(x, dimsX, 0)
	if err != nil {
		return nil, err
	}
	fy, err := label(y, dimsY, free)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(slices.Concat(fx.labels, fy.labels), func(l int) bool { return l >= summed })
	v, err := multiply(c, fx, fy, out, out)
	return single(v.value, err)
}

// kron is the product of all pairs of elements, in blocks as large as y.
func kron(c *ir.ImportCall, x, y *ir.Value) ([]*ir.Value, error) {
	if !ir.Static(shapeOf(x)) || !ir.Static(shapeOf(y)) {
		return nil, refused("the Kronecker product of tensors whose sizes are symbolic is not supported")
	}
	t := promote(elemOf(x), elemOf(y))
	rank := max(len(shapeOf(x)), len(shapeOf(y)))
	padded := func(shape []int64) []int64 {
		return append(slices.Repeat([]int64{1}, rank-len(shape)), shape...)
	}
	var apart, block, to []int64
	for i, n := range padded(shapeOf(x)) {
		m := padded(shapeOf(y))[i]
		apart, block, to = append(apart, n, 1), append(block, 1, m), append(to, n*m)
	}
	v, err := one(c, OpMul, []*ir.Value{Reshape(c.Builder, To(c.Builder, x, t), apart), Reshape(c.Builder, To(c.Builder, y, t), block)})
	if err != nil {
		return nil, err
	}
	return try(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(to...)))
}

// multiDot multiplies from left to right; ATen chooses the cheapest order, whose
// result differs by rounding only.
func multiDot(c *ir.ImportCall) ([]*ir.Value, error) {
	tensors := c.Args["tensors"].Values
	if len(tensors) < 2 {
		return nil, fmt.Errorf("got %d tensors, expected at least 2", len(tensors))
	}
	v := tensors[0]
	for _, next := range tensors[1:] {
		var err error
		if v, err = one(c, OpMatmul, []*ir.Value{v, next}); err != nil {
			return nil, err
		}
	}
	return []*ir.Value{v}, nil
}
