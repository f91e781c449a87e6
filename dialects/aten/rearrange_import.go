package aten

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// What turns tensors round and takes their diagonals, spelled by slices and views.

func rearrangeImports() []ir.Import {
	onSelf := func(schema string, f func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error)) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err := tensorArg(c, "self")
			if err != nil {
				return nil, err
			}
			return f(c, x)
		}}
	}
	return []ir.Import{
		onSelf("aten::roll(Tensor self, SymInt[1] shifts, int[1] dims=[]) -> Tensor", roll),
		onSelf("aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return single(diagonal(c, x, intArg(c, "offset", 0), intArg(c, "dim1", 0), intArg(c, "dim2", 1)))
		}),
		onSelf("aten::trace(Tensor self) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			if n := len(shapeOf(x)); n != 2 {
				return nil, fmt.Errorf("expects a matrix, got %d dimensions", n)
			}
			v, err := diagonal(c, x, 0, 0, 1)
			if err != nil {
				return nil, err
			}
			return try(c, OpSum, []*ir.Value{v}, attr("dim", ir.I64Array(0)), attr("keepdim", ir.BoolAttr(false)))
		}),
		onSelf("aten::diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			return single(diagonalMatrix(c, x, intArg(c, "offset", 0), intArg(c, "dim1", -2), intArg(c, "dim2", -1)))
		}),
		onSelf("aten::diag(Tensor self, int diagonal=0) -> Tensor", func(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
			offset := intArg(c, "diagonal", 0)
			switch n := len(shapeOf(x)); n {
			case 1:
				return single(diagonalMatrix(c, x, offset, 0, 1))
			case 2:
				return single(diagonal(c, x, offset, 0, 1))
			default:
				return nil, fmt.Errorf("expects a vector or a matrix, got %d dimensions", n)
			}
		}),
	}
}

// roll moves what leaves a dimension at one end to its other end.
func roll(c *ir.ImportCall, x *ir.Value) ([]*ir.Value, error) {
	shape, shifts, dims := shapeOf(x), intsArg(c, "shifts"), intsArg(c, "dims")
	if !ir.Static(shape) {
		return nil, refused("a tensor whose sizes are symbolic cannot be rolled")
	}
	if len(dims) == 0 {
		if len(shifts) != 1 {
			return nil, fmt.Errorf("got %d shifts without dimensions, expected 1", len(shifts))
		}
		flat, err := one(c, OpReshape, []*ir.Value{x}, attr("shape", ir.I64Array(-1)))
		if err != nil {
			return nil, err
		}
		if flat, err = rollDim(c, flat, shifts[0], 0); err != nil {
			return nil, err
		}
		return try(c, OpReshape, []*ir.Value{flat}, attr("shape", ir.I64Array(shape...)))
	}
	if len(dims) != len(shifts) {
		return nil, fmt.Errorf("got %d shifts for %d dimensions", len(shifts), len(dims))
	}
	for i, dim := range dims {
		d, err := ir.Dim(dim, len(shape))
		if err != nil || len(shape) == 0 {
			return nil, fmt.Errorf("dimension %d is out of range for rank %d", dim, len(shape))
		}
		if x, err = rollDim(c, x, shifts[i], int64(d)); err != nil {
			return nil, err
		}
	}
	return []*ir.Value{x}, nil
}

// rollDim rolls one dimension.
func rollDim(c *ir.ImportCall, x *ir.Value, shift, d int64) (*ir.Value, error) {
	n := shapeOf(x)[d]
	if n == 0 {
		return x, nil
	}
	cut := ((n-shift%n)%n + n) % n
	if cut == 0 {
		return x, nil
	}
	tail, err := one(c, OpSlice, []*ir.Value{x}, sliceAttrList(d, cut, n, 1)...)
	if err != nil {
		return nil, err
	}
	head, err := one(c, OpSlice, []*ir.Value{x}, sliceAttrList(d, 0, cut, 1)...)
	if err != nil {
		return nil, err
	}
	return one(c, OpCat, []*ir.Value{tail, head}, attr("dim", ir.I64Attr(d)))
}

// diagonalPlace is where a diagonal of a matrix stands in its elements in row-major
// order: its first element and how many there are. Each is columns + 1 after the last.
func diagonalPlace(rows, columns, offset int64) (first, n int64) {
	if offset >= 0 {
		return offset, max(0, min(rows, columns-offset))
	}
	return -offset * columns, max(0, min(rows+offset, columns))
}

// diagonal is the elements whose indices i and j along two dimensions have j - i =
// offset, along a new last dimension: of the two dimensions made one, every
// columns + 1st element.
func diagonal(c *ir.ImportCall, x *ir.Value, offset, dim1, dim2 int64) (*ir.Value, error) {
	rank := len(shapeOf(x))
	i, err1 := ir.Dim(dim1, rank)
	j, err2 := ir.Dim(dim2, rank)
	if err1 != nil || err2 != nil || i == j {
		return nil, fmt.Errorf("dimensions %d and %d of rank %d have no diagonal", dim1, dim2, rank)
	}
	if !ir.Static(shapeOf(x)) {
		return nil, refused("a tensor whose sizes are symbolic has no diagonal")
	}
	var dims, lead []int64
	for d, n := range shapeOf(x) {
		if d != i && d != j {
			dims, lead = append(dims, int64(d)), append(lead, n)
		}
	}
	rows, columns := shapeOf(x)[i], shapeOf(x)[j]
	first, n := diagonalPlace(rows, columns, offset)
	v, err := one(c, OpPermute, []*ir.Value{x}, attr("dims", ir.I64Array(append(dims, int64(i), int64(j))...)))
	if err != nil {
		return nil, err
	}
	if v, err = one(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(append(slices.Clone(lead), rows*columns)...))); err != nil {
		return nil, err
	}
	if n == 0 {
		return one(c, OpSlice, []*ir.Value{v}, sliceAttrList(int64(len(lead)), 0, 0, 1)...)
	}
	return one(c, OpSlice, []*ir.Value{v}, sliceAttrList(int64(len(lead)), first, first+(n-1)*(columns+1)+1, columns+1)...)
}

// diagonalMatrix has the last dimension of x as a diagonal of two dimensions, and 0
// elsewhere.
func diagonalMatrix(c *ir.ImportCall, x *ir.Value, offset, dim1, dim2 int64) (*ir.Value, error) {
	shape := shapeOf(x)
	rank := len(shape) + 1
	i, err1 := ir.Dim(dim1, rank)
	j, err2 := ir.Dim(dim2, rank)
	if err1 != nil || err2 != nil || i == j || len(shape) == 0 {
		return nil, fmt.Errorf("dimensions %d and %d of rank %d have no diagonal", dim1, dim2, rank)
	}
	if !ir.Static(shape) {
		return nil, refused("a tensor whose sizes are symbolic cannot become a diagonal")
	}
	lead, k := shape[:rank-2], shape[rank-2]
	size := k + max(offset, -offset)
	first, _ := diagonalPlace(size, size, offset)
	place := sliceAttrList(int64(rank-2), first, first+(k-1)*(size+1)+1, size+1)
	if k == 0 {
		place = sliceAttrList(int64(rank-2), 0, 0, 1)
	}
	zeros := Full(c.Builder, ir.Scalar{}, append(slices.Clone(lead), size*size), elemOf(x))
	v, err := one(c, OpSliceScatter, []*ir.Value{zeros, x}, place...)
	if err != nil {
		return nil, err
	}
	if v, err = one(c, OpReshape, []*ir.Value{v}, attr("shape", ir.I64Array(append(slices.Clone(lead), size, size)...))); err != nil {
		return nil, err
	}
	// The last two dimensions go to their places, the others stay in order.
	dims, next := make([]int64, rank), int64(0)
	for d := range dims {
		switch d {
		case i:
			dims[d] = int64(rank - 2)
		case j:
			dims[d] = int64(rank - 1)
		default:
			dims[d], next = next, next+1
		}
	}
	return one(c, OpPermute, []*ir.Value{v}, attr("dims", ir.I64Array(dims...)))
}
