package passes

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// CheckContiguity decides how each use of a strided argument reads it.
func CheckContiguity() *Pass {
	return &Pass{
		Name: "check-contiguity",
		Doc: "For each use of a function argument whose type fixes strides, decides how it is read: as it is, because the " +
			"strides are row-major where it matters; by affine strided reads, because the user indexes its operand " +
			"element by element; or through a copy, because the user needs rows of memory as they lie (reshape, ops " +
			"written as loops). Copies become aten.clone; every decision is a remark with its reason. Strides under " +
			"which two elements share memory are refused, stride 0 (an expanded dimension) excepted.",
		Run: func(p *Run) error {
			for _, f := range p.Module.Body().Ops() {
				if f.Name != funcs.OpFunc || f.Body() == nil || (p.Func != nil && p.Func != f) {
					continue
				}
				for i, a := range f.Body().Args() {
					t, ok := a.Type().(*ir.TensorType)
					if !ok || t.Encoding() == nil {
						continue
					}
					if err := checkArgument(p, f, i, t); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

func checkArgument(p *Run, f *ir.Op, i int, t *ir.TensorType) error {
	strides, ok := t.Strides()
	if !ok {
		return nil // sizes are not known yet: specialize-shapes comes first
	}
	if d, e := overlap(t.Shape(), strides); d >= 0 {
		err := f.Errorf("argument %d has shape %v and strides %v: elements along dimensions %d and %d share memory",
			i, t.Shape(), strides, d, e)
		err.Remedy = "pass a contiguous tensor: x.contiguous()"
		return err
	}
	a := f.Body().Arg(i)
	var copied *ir.Value
	for _, u := range a.Uses() {
		op := u.Owner()
		needs := needsRows(op)
		if needs == "" {
			p.Remark(op.Loc, "%s reads argument %d (strides %v) by affine strided reads", op.Name, i, strides)
			continue
		}
		p.Remark(op.Loc, "%s reads a copy of argument %d (strides %v): %s", op.Name, i, strides, needs)
		if copied == nil {
			b := ir.NewBuilder(p.Module.Ctx, f.Body())
			if first := f.Body().First(); first != nil {
				b = ir.BuilderBefore(p.Module.Ctx, first)
			}
			b.Loc = op.Loc
			copied = aten.Clone(b, a)
		}
		u.Set(copied)
	}
	return nil
}

// needsRows says why op needs its operands contiguous, "" if it does not.
func needsRows(op *ir.Op) string {
	switch {
	case op.Name == aten.OpReshape:
		return "a reshape of memory that is not row-major would mix up elements"
	case op.Def() != nil && op.Def().Loops != nil:
		return fmt.Sprintf("%s walks through memory row by row", op.Name)
	}
	return ""
}

// overlap finds two dimensions along which elements share memory, or -1. Sorted by
// stride, each dimension must step over all that the smaller ones span.
func overlap(shape, strides []int64) (int, int) {
	type dim struct {
		at           int
		size, stride int64
	}
	var dims []dim
	for i, n := range shape {
		if n == 0 {
			return -1, -1
		}
		if n > 1 && strides[i] != 0 {
			dims = append(dims, dim{i, n, strides[i]})
		}
	}
	for i := range dims {
		for j := i; j > 0 && dims[j].stride < dims[j-1].stride; j-- {
			dims[j], dims[j-1] = dims[j-1], dims[j]
		}
	}
	span := int64(0)
	for i, d := range dims {
		if d.stride < 0 {
			return d.at, d.at
		}
		if d.stride <= span {
			return dims[i-1].at, d.at
		}
		span += d.stride * (d.size - 1)
	}
	return -1, -1
}
