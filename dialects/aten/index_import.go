package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

const shapeFromData = "a mask as index gives a result whose shape depends on the data"

// indexImports are the spellings of indexing that are built from the others.
func indexImports() []ir.Import {
	return []ir.Import{
		{Schema: "aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", Build: importIndex},
		{Schema: "aten::_unsafe_index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", Build: importIndex},
		{Schema: "aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor", Build: importIndexPut},
		{Schema: "aten::_index_put_impl(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False, bool unsafe=False) -> Tensor", Build: importIndexPut},
		{Schema: "aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor", Build: importIndexAdd},
		{Schema: "aten::index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", Build: importIndexFill},
		{Schema: "aten::index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) -> Tensor", Build: importIndexFill},
		{Schema: "aten::scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", Build: importScatterValue},
		{Schema: "aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor", Build: importTakeAlongDim},
		{Schema: "aten::one_hot(Tensor self, int num_classes=-1) -> Tensor", Build: importOneHot},
	}
}

// wrapped is indices of a dimension of n elements, negative ones counted from the end.
func wrapped(c *ir.ImportCall, index *ir.Value, n int64) (*ir.Value, error) {
	if n < 0 {
		return nil, refused("an index into a dimension of symbolic size is not supported")
	}
	return one(c, OpCheckedIndex, []*ir.Value{index}, attr("size", ir.I64Attr(n)), attr("wrap", ir.BoolAttr(true)))
}

// advanced is x indexed by tensors of integers, brought to one dimension and one
// vector of indices: slices of table along dim, by flat.
type advanced struct {
	table, flat *ir.Value
	dim         int
	order       []int64 // the permutation that brought the indexed dimensions together
	permuted    []int64 // the shape after it
	shape       []int64 // of the result
}

// readIndices brings the indices of an ATen call to one. ATen's rule: indices broadcast
// together; their dimensions stand where the indexed ones were if these are adjacent,
// else in front.
func readIndices(c *ir.ImportCall, x *ir.Value) (*advanced, error) {
	from := shapeOf(x)
	given := c.Args["indices"].Values
	if len(given) > len(from) {
		return nil, fmt.Errorf("got %d indices for a tensor of shape %v", len(given), from)
	}
	var at, rest []int64
	for i := range from {
		switch {
		case i >= len(given) || given[i] == nil:
			rest = append(rest, int64(i))
		case ir.IsBool(given[i].Type()):
			return nil, refused(shapeFromData)
		default:
			at = append(at, int64(i))
		}
	}
	if len(at) == 0 {
		return nil, refused("an index of nothing but empty places is not supported")
	}
	a := &advanced{}
	first, last := at[0], at[len(at)-1]
	if last-first == int64(len(at)-1) {
		a.dim = int(first)
		a.order = append(append(append([]int64{}, rest[:first]...), at...), rest[first:]...)
	} else {
		a.order = append(append([]int64{}, at...), rest...)
	}
	a.permuted = make([]int64, len(from))
	for i, d := range a.order {
		a.permuted[i] = from[d]
	}
	var err error
	total := int64(1)
	for _, d := range at {
		part, err := wrapped(c, given[d], from[d])
		if err != nil {
			return nil, err
		}
		total *= from[d]
		if a.flat == nil {
			a.flat = part
			continue
		}
		if a.flat, err = one(c, OpAdd, []*ir.Value{Scale(c.Builder, a.flat, float64(from[d])), part}); err != nil {
			return nil, err
		}
	}
	after := a.permuted[a.dim+len(at):]
	a.shape = append(append(append([]int64{}, a.permuted[:a.dim]...), shapeOf(a.flat)...), after...)
	merged := append(append(append([]int64{}, a.permuted[:a.dim]...), total), after...)
	if a.table, err = a.permute(c, x, merged); err != nil {
		return nil, err
	}
	a.flat, err = reshapeTo(c, a.flat, []int64{-1})
	return a, err
}

func (a *advanced) permute(c *ir.ImportCall, x *ir.Value, merged []int64) (*ir.Value, error) {
	inOrder := true
	for i, d := range a.order {
		inOrder = inOrder && d == int64(i)
	}
	if !inOrder {
		var err error
		if x, err = one(c, OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(a.order...))); err != nil {
			return nil, err
		}
	}
	return reshapeTo(c, x, merged)
}

// slices is the shape of what flat takes out of the table.
func (a *advanced) slices() []int64 {
	out := append([]int64{}, shapeOf(a.table)...)
	out[a.dim] = shapeOf(a.flat)[0]
	return out
}

func reshapeTo(c *ir.ImportCall, x *ir.Value, to []int64) (*ir.Value, error) {
	return one(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(wild(to)...)))
}

func importIndex(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	a, err := readIndices(c, x)
	if err != nil {
		return nil, err
	}
	v, err := one(c, OpIndexSelect, []*ir.Value{a.table, a.flat}, attr("dim", ir.I64Attr(int64(a.dim))))
	if err != nil {
		return nil, err
	}
	return single(reshapeTo(c, v, a.shape))
}

func importIndexPut(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	values, err2 := tensorArg(c, "values")
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("arguments \"self\" and \"values\" must be tensors")
	}
	if v, err := maskedPut(c, x, values); v != nil || err != nil {
		return single(v, err)
	}
	a, err := readIndices(c, x)
	if err != nil {
		return nil, err
	}
	if values, err = one(c, OpExpand, []*ir.Value{values}, attr("shape", ir.I64Array(a.shape...))); err != nil {
		return nil, err
	}
	if values, err = reshapeTo(c, values, a.slices()); err != nil {
		return nil, err
	}
	op := OpIndexCopy
	if boolArg(c, "accumulate", false) {
		op = OpIndexAdd
	}
	v, err := one(c, op, []*ir.Value{a.table, a.flat, values}, attr("dim", ir.I64Attr(int64(a.dim))))
	if err != nil {
		return nil, err
	}
	if v, err = reshapeTo(c, v, a.permuted); err != nil {
		return nil, err
	}
	back := make([]int64, len(a.order))
	for i, d := range a.order {
		back[d] = int64(i)
	}
	return try(c, OpPermute, []*ir.Value{v}, attr("dims", ir.I64Array(back...)))
}

// maskedPut is index_put with one mask and one number, which is a choice at each
// place; nil if it is something else.
func maskedPut(c *ir.ImportCall, x, value *ir.Value) (*ir.Value, error) {
	given := c.Args["indices"].Values
	if len(given) != 1 || given[0] == nil || !ir.IsBool(given[0].Type()) {
		return nil, nil
	}
	if n, ok := ir.NumElements(shapeOf(value)); !ok || n != 1 {
		return nil, refused("a mask with more than one value takes as many values as the data say")
	}
	mask := given[0]
	shape := append([]int64{}, shapeOf(mask)...)
	for len(shape) < len(shapeOf(x)) {
		shape = append(shape, 1)
	}
	mask, err := reshapeTo(c, mask, shape)
	if err != nil {
		return nil, err
	}
	if value, err = reshapeTo(c, value, nil); err != nil {
		return nil, err
	}
	if boolArg(c, "accumulate", false) {
		value = Add(c.Builder, x, To(c.Builder, value, elemOf(x)))
	}
	return one(c, OpWhere, []*ir.Value{mask, To(c.Builder, value, elemOf(x)), x})
}

func importIndexAdd(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	index, err2 := tensorArg(c, "index")
	source, err3 := tensorArg(c, "source")
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, fmt.Errorf("arguments \"self\", \"index\" and \"source\" must be tensors")
	}
	if alpha := numberArg(c, "alpha", 1); alpha != 1 {
		source = Scale(c.Builder, source, alpha)
	}
	return try(c, OpIndexAdd, []*ir.Value{x, index, source}, attr("dim", ir.I64Attr(intArg(c, "dim", 0))))
}

func importIndexFill(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	index, err2 := tensorArg(c, "index")
	if err1 != nil || err2 != nil || len(shapeOf(x)) == 0 || len(shapeOf(index)) != 1 {
		return nil, fmt.Errorf("self must be a tensor of at least 1 dimension, index of exactly 1")
	}
	d, err := ir.Dim(intArg(c, "dim", 0), len(shapeOf(x)))
	if err != nil {
		return nil, err
	}
	n := shapeOf(x)[d]
	if index, err = wrapped(c, index, n); err != nil {
		return nil, err
	}
	// Chosen rather than copied, so that what is listed twice has one gradient.
	hit := Full(c.Builder, ir.Scalar{I: 1}, shapeOf(index), ir.I1)
	mask, err := one(c, OpIndexCopy, []*ir.Value{Full(c.Builder, ir.Scalar{}, []int64{n}, ir.I1), index, hit}, attr("dim", ir.I64Attr(0)))
	if err != nil {
		return nil, err
	}
	along := make([]int64, len(shapeOf(x)))
	for i := range along {
		along[i] = 1
	}
	along[d] = n
	return try(c, OpWhere, []*ir.Value{Reshape(c.Builder, mask, along), asTensor(c.Builder, c.Args["value"], elemOf(x)), x})
}

func importScatterValue(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	index, err2 := tensorArg(c, "index")
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("arguments \"self\" and \"index\" must be tensors")
	}
	src := Full(c.Builder, scalarAs(c.Args["value"].Attr, elemOf(x)), shapeOf(index), elemOf(x))
	return try(c, OpScatter, []*ir.Value{x, index, src}, attr("dim", ir.I64Attr(intArg(c, "dim", 0))))
}

// importTakeAlongDim is gather after both tensors broadcast in the other dimensions;
// without a dimension it is of the flat tensors.
func importTakeAlongDim(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err1 := tensorArg(c, "self")
	index, err2 := tensorArg(c, "indices")
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("arguments \"self\" and \"indices\" must be tensors")
	}
	var err error
	if c.Args["dim"].IsNone() {
		if x, err = reshapeTo(c, x, []int64{-1}); err != nil {
			return nil, err
		}
		if index, err = reshapeTo(c, index, []int64{-1}); err != nil {
			return nil, err
		}
		return try(c, OpGather, []*ir.Value{x, index}, attr("dim", ir.I64Attr(0)))
	}
	a, i := append([]int64{}, shapeOf(x)...), append([]int64{}, shapeOf(index)...)
	d, err := ir.Dim(intArg(c, "dim", 0), len(a))
	if err != nil {
		return nil, err
	}
	if len(a) != len(i) || len(a) == 0 {
		return nil, fmt.Errorf("got shapes %v and %v, expected the same number of dimensions, at least 1", a, i)
	}
	for k := range a {
		switch {
		case k == d:
		case a[k] == 1:
			a[k] = i[k]
		case i[k] == 1:
			i[k] = a[k]
		}
	}
	if x, err = one(c, OpExpand, []*ir.Value{x}, attr("shape", ir.I64Array(a...))); err != nil {
		return nil, err
	}
	if index, err = one(c, OpExpand, []*ir.Value{index}, attr("shape", ir.I64Array(i...))); err != nil {
		return nil, err
	}
	return try(c, OpGather, []*ir.Value{x, index}, attr("dim", ir.I64Attr(int64(d))))
}

func importOneHot(c *ir.ImportCall) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	n := intArg(c, "num_classes", -1)
	if n < 0 {
		return nil, refused("without num_classes the shape of its result depends on the data")
	}
	checked, err := one(c, OpCheckedIndex, []*ir.Value{x}, attr("size", ir.I64Attr(n)))
	if err != nil {
		return nil, err
	}
	column, err := reshapeTo(c, checked, append(append([]int64{}, shapeOf(x)...), 1))
	if err != nil {
		return nil, err
	}
	return []*ir.Value{To(c.Builder, Eq(c.Builder, column, indices(c.Builder, 0, []int64{n})), ir.I64)}, nil
}
