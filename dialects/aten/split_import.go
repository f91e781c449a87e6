package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// What takes parts of a tensor along a dimension, spelled by slices.

// unbind is all indices along a dimension, one by one.
func unbind(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	d, n, err := splitDim(c, x)
	if err != nil {
		return nil, err
	}
	var out []*ir.Value
	for i := int64(0); i < n; i++ {
		v, err := pick(c, x, int64(d), i)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}

func chunk(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	if d, n, err := splitDim(c, x); err == nil && n == 0 { // as many parts as are asked for
		var out []*ir.Value
		for k := intArg(c, "chunks", 1); k > 0; k-- {
			v, err := try(c, OpSlice, []*ir.Value{x}, sliceAttrList(int64(d), 0, 0, 1)...)
			if err != nil {
				return nil, err
			}
			out = append(out, v...)
		}
		return out, nil
	}
	return split(c, x, func(n int64) (int64, error) {
		k := intArg(c, "chunks", 1)
		if k < 1 {
			return 0, fmt.Errorf("chunks is %d, expected 1 or more", k)
		}
		return max(1, (n+k-1)/k), nil
	})
}

func splitEvenly(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	return split(c, x, func(int64) (int64, error) {
		k := intArg(c, "split_size", 1)
		if k < 1 {
			return 0, fmt.Errorf("split_size is %d, expected 1 or more", k)
		}
		return k, nil
	})
}

// pick is one index along a dimension, which goes away.
func pick(c *ir.ImportCall, x *ir.Value, dim, index int64) ([]*ir.Value, error) {
	from := shapeOf(x)
	d, err := ir.Dim(dim, len(from))
	if err != nil {
		return nil, err
	}
	if len(from) == 0 {
		return nil, fmt.Errorf("a tensor of rank 0 has no index to select")
	}
	n := from[d]
	if n >= 0 && (index < -n || index >= n) {
		return nil, fmt.Errorf("index %d is out of range for dimension %d with size %d", index, d, n)
	}
	if index < 0 {
		if n < 0 {
			return nil, fmt.Errorf("index %d from the end of a symbolic size depends on that size", index)
		}
		index += n
	}
	part, err := one(c, OpSlice, []*ir.Value{x}, sliceAttrList(int64(d), index, index+1, 1)...)
	if err != nil {
		return nil, err
	}
	to := append(append([]int64{}, from[:d]...), from[d+1:]...)
	return try(c, OpReshape, []*ir.Value{part}, attr("shape", ir.I64Array(wild(to)...)))
}

// selectScatter replaces what select takes out.
func selectScatter(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	src, err := tensorArg(c, "src")
	if err != nil {
		return nil, err
	}
	from, index := shapeOf(x), intArg(c, "index", 0)
	d, err := ir.Dim(intArg(c, "dim", 0), len(from))
	if err != nil || len(from) == 0 {
		return nil, fmt.Errorf("dimension %d is out of range for rank %d", intArg(c, "dim", 0), len(from))
	}
	n := from[d]
	if n < 0 || index < -n || index >= n {
		return nil, fmt.Errorf("index %d is out of range for dimension %d of %s", index, d, x.Type())
	}
	if index < 0 {
		index += n
	}
	to := append([]int64{}, from...)
	to[d] = 1
	if src, err = one(c, OpReshape, []*ir.Value{src}, attr("shape", ir.I64Array(wild(to)...))); err != nil {
		return nil, err
	}
	return try(c, OpSliceScatter, []*ir.Value{x, src}, sliceAttrList(int64(d), index, index+1, 1)...)
}

// split cuts a dimension into parts of equal size, the last possibly smaller.
func split(c *ir.ImportCall, x *ir.Value, part func(n int64) (int64, error)) ([]*ir.Value, error) {
	d, n, err := splitDim(c, x)
	if err != nil {
		return nil, err
	}
	step, err := part(n)
	if err != nil {
		return nil, err
	}
	var out []*ir.Value
	for at := int64(0); at < n || at == 0; at += step {
		v, err := try(c, OpSlice, []*ir.Value{x}, sliceAttrList(int64(d), at, min(at+step, n), 1)...)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}

func splitSizes(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	d, n, err := splitDim(c, x)
	if err != nil {
		return nil, err
	}
	sizes := append(intsArg(c, "split_sizes"), intsArg(c, "split_size")...)
	var out []*ir.Value
	at := int64(0)
	for _, k := range sizes {
		if k < 0 || k > n-at {
			return nil, fmt.Errorf("sizes %v do not add up to %d", sizes, n)
		}
		v, err := try(c, OpSlice, []*ir.Value{x}, sliceAttrList(int64(d), at, at+k, 1)...)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
		at += k
	}
	if at != n {
		return nil, fmt.Errorf("sizes %v do not add up to %d", sizes, n)
	}
	return out, nil
}

func splitDim(c *ir.ImportCall, x *ir.Value) (d int, n int64, err error) {
	d, err = ir.Dim(intArg(c, "dim", 0), len(shapeOf(x)))
	if err != nil {
		return 0, 0, err
	}
	if len(shapeOf(x)) == 0 || shapeOf(x)[d] < 0 {
		return 0, 0, fmt.Errorf("dimension %d of %s cannot be split: its size is not known", d, x.Type())
	}
	return d, shapeOf(x)[d], nil
}
