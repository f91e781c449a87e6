package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// viewImports are the views that are spelled by the others.
func viewImports() []ir.Import {
	type build = func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error)
	on := func(schema string, f build) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			return f(c, x)
		}}
	}
	shape := func(c *ir.ImportCall, x *ir.Value, to []int64) ([]*ir.Value, error) {
		return try(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(to...)))
	}
	toShape := func(name string) build {
		return func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) { return shape(c, x, intsArg(c, name)) }
	}
	swap := func(c *ir.ImportCall, x *ir.Value, i, j int64) ([]*ir.Value, error) {
		rank := len(shapeOf(x))
		a, err1 := ir.Dim(i, rank)
		b, err2 := ir.Dim(j, rank)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("dimensions %d and %d are out of range for rank %d", i, j, rank)
		}
		dims := make([]int64, rank)
		for k := range dims {
			dims[k] = int64(k)
		}
		if rank > 0 {
			dims[a], dims[b] = dims[b], dims[a]
		}
		return try(c, OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(dims...)))
	}
	transpose := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		return swap(c, x, intArg(c, "dim0", 0), intArg(c, "dim1", 1))
	}
	flip := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		switch n := len(shapeOf(x)); n {
		case 0, 1:
			return []*ir.Value{x}, nil
		case 2:
			return swap(c, x, 0, 1)
		default:
			return nil, fmt.Errorf("expects a tensor of at most 2 dimensions, got %d", n)
		}
	}
	keep := func(_ *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) { return []*ir.Value{x}, nil }
	expand := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		return try(c, OpExpand, []*ir.Value{x}, attr("shape", ir.I64Array(intsArg(c, "size")...)))
	}
	like := func(name string, op ir.OpName) build {
		return func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			other, err := tensorArg(c, "other")
			if err != nil {
				return nil, err
			}
			return try(c, op, []*ir.Value{x}, attr("shape", ir.I64Array(shapeOf(other)...)))
		}
	}
	unsqueeze := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		from := shapeOf(x)
		d, err := ir.Dim(intArg(c, "dim", 0), len(from)+1)
		if err != nil {
			return nil, err
		}
		to := append(append(append([]int64{}, from[:d]...), 1), from[d:]...)
		return shape(c, x, wild(to))
	}
	return []ir.Import{
		on("aten::view(Tensor self, SymInt[] size) -> Tensor", toShape("size")),
		on("aten::_unsafe_view(Tensor self, SymInt[] size) -> Tensor", toShape("size")),
		on("aten::view_as(Tensor self, Tensor other) -> Tensor", like("view_as", OpReshape)),
		on("aten::reshape_as(Tensor self, Tensor other) -> Tensor", like("reshape_as", OpReshape)),
		on("aten::flatten.using_ints(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor", flatten),
		on("aten::ravel(Tensor self) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) { return shape(c, x, []int64{-1}) }),
		on("aten::unsqueeze(Tensor self, int dim) -> Tensor", unsqueeze),
		on("aten::squeeze(Tensor self) -> Tensor", squeeze),
		on("aten::squeeze.dim(Tensor self, int dim) -> Tensor", squeeze),
		on("aten::squeeze.dims(Tensor self, int[] dim) -> Tensor", squeeze),
		on("aten::t(Tensor self) -> Tensor", flip),
		on("aten::numpy_T(Tensor self) -> Tensor", flip),
		on("aten::transpose.int(Tensor self, int dim0, int dim1) -> Tensor", transpose),
		on("aten::swapaxes(Tensor self, int axis0, int axis1) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return swap(c, x, intArg(c, "axis0", 0), intArg(c, "axis1", 1))
		}),
		on("aten::expand(Tensor self, SymInt[] size, *, bool implicit=False) -> Tensor", expand),
		on("aten::expand_as(Tensor self, Tensor other) -> Tensor", like("expand_as", OpExpand)),
		on("aten::alias(Tensor self) -> Tensor", keep),
		on("aten::contiguous(Tensor self, *, MemoryFormat memory_format=contiguous_format) -> Tensor", keep),
		on("aten::narrow(Tensor self, int dim, SymInt start, SymInt length) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			start := intArg(c, "start", 0)
			return try(c, OpSlice, []*ir.Value{x}, sliceAttrList(intArg(c, "dim", 0), start, start+intArg(c, "length", 0), 1)...)
		}),
		on("aten::select.int(Tensor self, int dim, SymInt index) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return pick(c, x, intArg(c, "dim", 0), intArg(c, "index", 0))
		}),
		on("aten::unbind.int(Tensor self, int dim=0) -> Tensor[]", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			dim := intArg(c, "dim", 0)
			d, err := ir.Dim(dim, len(shapeOf(x)))
			if err != nil || len(shapeOf(x)) == 0 || shapeOf(x)[d] < 0 {
				return nil, fmt.Errorf("cannot unbind dimension %d of %s", dim, x.Type())
			}
			var out []*ir.Value
			for i := int64(0); i < shapeOf(x)[d]; i++ {
				v, err := pick(c, x, dim, i)
				if err != nil {
					return nil, err
				}
				out = append(out, v...)
			}
			return out, nil
		}),
		on("aten::chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return split(c, x, func(n int64) (int64, error) {
				k := intArg(c, "chunks", 1)
				if k < 1 {
					return 0, fmt.Errorf("chunks is %d, expected 1 or more", k)
				}
				return max(1, (n+k-1)/k), nil
			})
		}),
		on("aten::split.Tensor(Tensor self, SymInt split_size, int dim=0) -> Tensor[]", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return split(c, x, func(int64) (int64, error) {
				k := intArg(c, "split_size", 1)
				if k < 1 {
					return 0, fmt.Errorf("split_size is %d, expected 1 or more", k)
				}
				return k, nil
			})
		}),
		on("aten::split_with_sizes(Tensor self, SymInt[] split_sizes, int dim=0) -> Tensor[]", splitSizes),
		on("aten::split.sizes(Tensor self, SymInt[] split_size, int dim=0) -> Tensor[]", splitSizes),
		{Schema: "aten::broadcast_tensors(Tensor[] tensors) -> Tensor[]", Build: broadcastTensors},
	}
}

// wild lets one dynamic size of a shape follow from the others.
func wild(shape []int64) []int64 {
	out := append([]int64{}, shape...)
	for i, n := range out {
		if n == ir.Dynamic {
			out[i] = -1
			break
		}
	}
	return out
}

func flatten(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	from := shapeOf(x)
	start, err1 := ir.Dim(intArg(c, "start_dim", 0), len(from))
	end, err2 := ir.Dim(intArg(c, "end_dim", -1), len(from))
	if err1 != nil || err2 != nil || start > end {
		return nil, fmt.Errorf("dimensions %d to %d cannot be flattened in rank %d", intArg(c, "start_dim", 0), intArg(c, "end_dim", -1), len(from))
	}
	if len(from) == 0 {
		return try(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(1)))
	}
	var none *ir.Sizes
	to := append([]int64{}, from[:start]...)
	to = append(to, none.Product(from[start:end+1]))
	to = append(to, from[end+1:]...)
	return try(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(wild(to)...)))
}

func squeeze(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	from := shapeOf(x)
	drop := make([]bool, len(from))
	if dims := c.Args["dim"]; dims.IsNone() {
		for i := range drop {
			drop[i] = from[i] == 1
		}
	} else {
		for _, dim := range intsArg(c, "dim") {
			d, err := ir.Dim(dim, len(from))
			if err != nil {
				return nil, err
			}
			if len(from) > 0 {
				drop[d] = from[d] == 1
			}
		}
	}
	to := []int64{}
	for i, n := range from {
		if !drop[i] {
			to = append(to, n)
		}
	}
	return try(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(wild(to)...)))
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

// broadcastTensors expands all tensors to one shape.
func broadcastTensors(c *ir.ImportCall) ([]*ir.Value, error) {
	values := c.Args["tensors"].Values
	in := &ir.Inference{}
	var shapes [][]int64
	for _, v := range values {
		shapes = append(shapes, shapeOf(v))
	}
	to, err := in.Broadcast(shapes...)
	if err != nil {
		return nil, err
	}
	out := make([]*ir.Value, len(values))
	for i, v := range values {
		out[i] = v
		if ir.Tensor(shapeOf(v), elemOf(v)) != ir.Tensor(to, elemOf(v)) {
			if out[i], err = one(c, OpExpand, []*ir.Value{v}, attr("shape", ir.I64Array(to...))); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
