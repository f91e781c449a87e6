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
	reverse := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		dims := make([]int64, len(shapeOf(x)))
		if len(dims) < 2 {
			return []*ir.Value{x}, nil
		}
		for i := range dims {
			dims[i] = int64(len(dims) - 1 - i)
		}
		return try(c, OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(dims...)))
	}
	t := func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		if n := len(shapeOf(x)); n > 2 {
			return nil, fmt.Errorf("expects a tensor of at most 2 dimensions, got %d", n)
		}
		return reverse(c, x)
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
		on("aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)", toShape("size")),
		on("aten::_unsafe_view(Tensor self, SymInt[] size) -> Tensor", toShape("size")),
		on("aten::view_as(Tensor(a) self, Tensor other) -> Tensor(a)", like("view_as", OpReshape)),
		on("aten::reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)", like("reshape_as", OpReshape)),
		on("aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)", flatten),
		on("aten::ravel(Tensor(a) self) -> Tensor(a)", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) { return shape(c, x, []int64{-1}) }),
		on("aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)", unsqueeze),
		on("aten::unflatten.int(Tensor(a) self, int dim, SymInt[] sizes) -> Tensor(a)", unflatten),
		on("aten::squeeze(Tensor(a) self) -> Tensor(a)", squeeze),
		on("aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)", squeeze),
		on("aten::squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)", squeeze),
		on("aten::t(Tensor(a) self) -> Tensor(a)", t),
		on("aten::numpy_T(Tensor(a) self) -> Tensor(a)", reverse),
		on("aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)", transpose),
		on("aten::swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return swap(c, x, intArg(c, "axis0", 0), intArg(c, "axis1", 1))
		}),
		on("aten::swapdims(Tensor(a) self, int dim0, int dim1) -> Tensor(a)", transpose),
		on("aten::mT(Tensor(a) self) -> Tensor(a)", matrixTranspose(swap)),
		on("aten::mH(Tensor(a) self) -> Tensor(a)", matrixTranspose(swap)),
		on("aten::adjoint(Tensor(a) self) -> Tensor(a)", matrixTranspose(swap)),
		on("aten::movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)", moveDims),
		on("aten::moveaxis.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)", moveDims),
		on("aten::repeat(Tensor self, SymInt[] repeats) -> Tensor", repeat),
		on("aten::lift_fresh(Tensor(a) self) -> Tensor(a)", keep),
		on("aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)", expand),
		on("aten::expand_as(Tensor(a) self, Tensor other) -> Tensor(a)", like("expand_as", OpExpand)),
		on("aten::alias(Tensor(a) self) -> Tensor(a)", keep),
		on("aten::resolve_conj(Tensor(a) self) -> Tensor(a)", keep),
		on("aten::resolve_neg(Tensor(a) self) -> Tensor(a)", keep),
		on("aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)", keep),
		on("aten::narrow(Tensor(a) self, int dim, SymInt start, SymInt length) -> Tensor(a)", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			start := intArg(c, "start", 0)
			return try(c, OpSlice, []*ir.Value{x}, sliceAttrList(intArg(c, "dim", 0), start, start+intArg(c, "length", 0), 1)...)
		}),
		on("aten::select.int(Tensor(a) self, int dim, SymInt index) -> Tensor(a)", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return pick(c, x, intArg(c, "dim", 0), intArg(c, "index", 0))
		}),
		on("aten::unbind.int(Tensor(a) self, int dim=0) -> Tensor(a)[]", unbind),
		on("aten::chunk(Tensor(a) self, int chunks, int dim=0) -> Tensor(a)[]", chunk),
		on("aten::unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", chunk),
		on("aten::split.Tensor(Tensor(a) self, SymInt split_size, int dim=0) -> Tensor(a)[]", splitEvenly),
		on("aten::unsafe_split.Tensor(Tensor self, SymInt split_size, int dim=0) -> Tensor[]", splitEvenly),
		on("aten::unsafe_split_with_sizes(Tensor self, SymInt[] split_sizes, int dim=0) -> Tensor[]", splitSizes),
		on("aten::split_with_sizes(Tensor(a) self, SymInt[] split_sizes, int dim=0) -> Tensor(a)[]", splitSizes),
		on("aten::split.sizes(Tensor(a) self, SymInt[] split_size, int dim=0) -> Tensor(a)[]", splitSizes),
		{Schema: "aten::select_scatter(Tensor self, Tensor src, int dim, SymInt index) -> Tensor", Build: selectScatter},
		{Schema: "aten::broadcast_tensors(Tensor(a)[] tensors) -> Tensor(a)[]", Build: broadcastTensors},
	}
}

// matrixTranspose swaps the last two dimensions.
func matrixTranspose(swap func(c *ir.ImportCall, x *ir.Value, i, j int64) ([]*ir.Value, error)) func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	return func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
		if rank := len(shapeOf(x)); rank < 2 {
			return nil, fmt.Errorf("expects a tensor of at least 2 dimensions, got %d", rank)
		}
		return swap(c, x, -2, -1)
	}
}

// moveDims puts the dimensions source at the places destination and leaves the
// others in order.
func moveDims(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	rank := len(shapeOf(x))
	source, destination := intsArg(c, "source"), intsArg(c, "destination")
	if len(source) != len(destination) {
		return nil, fmt.Errorf("got %d source and %d destination dimensions", len(source), len(destination))
	}
	dims := make([]int64, rank)
	for i := range dims {
		dims[i] = -1
	}
	moved := make([]bool, rank)
	for i := range source {
		from, err1 := ir.Dim(source[i], rank)
		to, err2 := ir.Dim(destination[i], rank)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("dimensions %d and %d are out of range for rank %d", source[i], destination[i], rank)
		}
		if rank == 0 {
			continue
		}
		if moved[from] || dims[to] >= 0 {
			return nil, fmt.Errorf("dimensions %v and %v: each may occur once", source, destination)
		}
		moved[from], dims[to] = true, int64(from)
	}
	next := 0
	for to := range dims {
		if dims[to] >= 0 {
			continue
		}
		for moved[next] {
			next++
		}
		dims[to] = int64(next)
		next++
	}
	return try(c, OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(dims...)))
}

// unflatten makes several dimensions of one.
func unflatten(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	from := shapeOf(x)
	d, err := ir.Dim(intArg(c, "dim", 0), len(from))
	if err != nil {
		return nil, err
	}
	if len(from) == 0 {
		return nil, fmt.Errorf("a tensor of rank 0 has no dimension to unflatten")
	}
	sizes := append([]int64{}, intsArg(c, "sizes")...)
	known, free := int64(1), -1
	for i, n := range sizes {
		if n == -1 && free < 0 {
			free = i
		} else {
			known *= n
		}
	}
	if n := from[d]; n >= 0 {
		if free >= 0 && known > 0 {
			sizes[free] = n / known
			known *= sizes[free]
		}
		if known != n {
			return nil, fmt.Errorf("sizes %v do not multiply to %d", intsArg(c, "sizes"), n)
		}
	}
	to := append(append(append([]int64{}, from[:d]...), sizes...), from[d+1:]...)
	return try(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(wild(to)...)))
}

// repeat writes a tensor several times along each dimension: each gets a new one
// before it, along which it is expanded.
func repeat(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	from, times := shapeOf(x), intsArg(c, "repeats")
	if len(times) < len(from) {
		return nil, fmt.Errorf("repeats %v has fewer numbers than the tensor has dimensions, %d", times, len(from))
	}
	if !ir.Static(from) {
		return nil, fmt.Errorf("a size of %s is not known", x.Type())
	}
	var apart, spread, to []int64
	for i, k := range times {
		n := int64(1)
		if j := i - (len(times) - len(from)); j >= 0 {
			n = from[j]
		}
		if k < 0 {
			return nil, fmt.Errorf("repeats %v: got %d, expected 0 or more", times, k)
		}
		apart, spread, to = append(apart, 1, n), append(spread, k, n), append(to, k*n)
	}
	v, err := one(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(apart...)))
	if err != nil {
		return nil, err
	}
	if v, err = one(c, OpExpand, []*ir.Value{v}, attr("shape", ir.I64Array(spread...))); err != nil {
		return nil, err
	}
	return try(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(to...)))
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
