package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Products of matrices. All lower to one contraction: a nest that multiplies and
// adds up, whose maps say which operand is transposed, so that nothing is copied.
const (
	OpLinear   ir.OpName = "aten.linear"
	OpMatmul   ir.OpName = "aten.matmul"
	OpContract ir.OpName = "aten.contract"
)

// Linear is x times the transpose of weight, without a bias.
func Linear(b *ir.Builder, x, weight *ir.Value) *ir.Value { return b.Emit(OpLinear, x, weight) }

// Matmul is ATen's product of matrices, with batches.
func Matmul(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpMatmul, x, y) }

// contract is the sum over all loops that the result does not have of the product
// of two tensors, each read through its list of loops; -1 reads a size of 1.
func contract(b *ir.Builder, x, y *ir.Value, lhs, rhs, out, extents []int64) *ir.Value {
	return b.Create(OpContract, []*ir.Value{x, y}, attr("lhs", ir.I64Array(lhs...)), attr("rhs", ir.I64Array(rhs...)),
		attr("out", ir.I64Array(out...)), attr("extents", ir.I64Array(extents...))).Result(0)
}

func loopsMap(loops []int64, n int) *ir.AffineMap {
	m := ir.NewMap(n)
	for _, l := range loops {
		if l < 0 {
			m.Results = append(m.Results, ir.AffineConst(0))
		} else {
			m.Results = append(m.Results, ir.AffineDim(l))
		}
	}
	return m
}

func contractionDefs() []*ir.OpDef {
	ints := func(name, doc string) ir.AttrParam {
		return ir.AttrParam{Name: name, Kind: intsAttr, Required: true, Doc: doc}
	}
	contraction := &ir.OpDef{
		Name: OpContract, Summary: "sum of products over shared loops, as einsum",
		Description: "lhs, rhs and out list, for each dimension, the loop that runs over it; -1 is index 0. Loops that out " +
			"does not have are summed over.",
		Example: "%out = aten.contract %x, %y {extents = array<i64: 4, 8, 3>, lhs = array<i64: 0, 2>, out = array<i64: 0, 1>, rhs = array<i64: 2, 1>} " +
			": (tensor<4x3xf32>, tensor<3x8xf32>) -> tensor<4x8xf32>",
		Operands: ir.Params(ir.P("lhs", anyTensor), ir.P("rhs", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Attrs:    []ir.AttrParam{ints("extents", "how often each loop runs"), ints("lhs", "loops of the first operand"), ints("out", "loops of the result"), ints("rhs", "loops of the second operand")},
		Traits:   ir.Pure | ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			elem, err := sameElem(in, 0)
			if err != nil {
				return nil, err
			}
			extents := in.Attrs.Ints("extents")
			for i, name := range []string{"lhs", "rhs"} {
				loops := in.Attrs.Ints(name)
				if len(loops) != len(in.Shape(i)) {
					return nil, fmt.Errorf("%s lists %d loops for %d dimensions", name, len(loops), len(in.Shape(i)))
				}
				for k, l := range loops {
					want := int64(1)
					if l >= int64(len(extents)) {
						return nil, fmt.Errorf("%s names loop %d of %d", name, l, len(extents))
					}
					if l >= 0 {
						want = extents[l]
					}
					if !in.Sizes.Equal(in.Shape(i)[k], want) {
						return nil, fmt.Errorf("%s has size %s in dimension %d, loop %d runs %d times", name, in.Sizes.Format(in.Shape(i)[k]), k, l, want)
					}
				}
			}
			shape := []int64{}
			for _, l := range in.Attrs.Ints("out") {
				if l < 0 || l >= int64(len(extents)) {
					shape = append(shape, 1)
					continue
				}
				shape = append(shape, extents[l])
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			out := op.Ints("out")
			n := len(op.Ints("extents"))
			iters := make([]linalg.Iterator, n)
			for i := range iters {
				iters[i] = linalg.Reduction
			}
			for _, l := range out {
				if l >= 0 {
					iters[l] = linalg.Parallel
				}
			}
			elem := elemOf(op.Result(0))
			init := linalg.Fill(b, arith.ConstantOf(b, ir.Scalar{}, elem), tensor.Empty(b, shapeOf(op.Result(0)), elem))
			maps := []*ir.AffineMap{loopsMap(op.Ints("lhs"), n), loopsMap(op.Ints("rhs"), n), loopsMap(out, n)}
			return linalg.Generic(b, op.Operands(), []*ir.Value{init}, maps, iters, func(b *ir.Builder, args []*ir.Value) []*ir.Value {
				return []*ir.Value{add(b, args[2], mul(b, args[0], args[1]))}
			}).Results()
		},
		// The adjoint of an operand is the contraction of the result's adjoint with the
		// other operand over the operand's own loops.
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			lhs, rhs, out, extents := op.Ints("lhs"), op.Ints("rhs"), op.Ints("out"), op.Ints("extents")
			return []*ir.Value{
				contract(b, d[0], op.Operand(1), out, rhs, lhs, extents),
				contract(b, d[0], op.Operand(0), out, lhs, rhs, extents),
			}
		},
	}
	linear := &ir.OpDef{
		Name: OpLinear, Summary: "product with the transpose of a matrix of weights, plus a bias",
		Example:  "%out = aten.linear %x, %w, %b : (tensor<4x3xf32>, tensor<8x3xf32>, tensor<8xf32>) -> tensor<4x8xf32>",
		Torch:    []string{"aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor"},
		Operands: ir.Params(ir.P("input", anyTensor), ir.P("weight", anyTensor), ir.Opt("bias", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Traits:   ir.Pure | ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			elem, err := sameElem(in, 0)
			if err != nil {
				return nil, err
			}
			x, w := in.Shape(0), in.Shape(1)
			if len(x) < 1 || len(w) != 2 {
				return nil, fmt.Errorf("got input of shape %s and weight of shape %s, expected [.., k] and [n, k]", in.Sizes.FormatShape(x), in.Sizes.FormatShape(w))
			}
			if !in.Sizes.Equal(x[len(x)-1], w[1]) {
				return nil, fmt.Errorf("input has %s features, weight wants %s", in.Sizes.Format(x[len(x)-1]), in.Sizes.Format(w[1]))
			}
			shape := append(append([]int64{}, x[:len(x)-1]...), w[0])
			if len(in.Operands) == 3 {
				both, err := in.Broadcast(shape, in.Shape(2))
				if err != nil || len(both) != len(shape) {
					return nil, fmt.Errorf("bias of shape %s does not fit a result of shape %s", in.Sizes.FormatShape(in.Shape(2)), in.Sizes.FormatShape(shape))
				}
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			lhs, rhs, out, extents := linearLoops(op)
			v := contract(b, op.Operand(0), op.Operand(1), lhs, rhs, out, extents)
			if op.NumOperands() == 3 {
				v = Add(b, v, op.Operand(2))
			}
			return []*ir.Value{v}
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			lhs, rhs, out, extents := linearLoops(op)
			g := []*ir.Value{
				contract(b, d[0], op.Operand(1), out, rhs, lhs, extents),
				contract(b, d[0], op.Operand(0), out, lhs, rhs, extents),
			}
			if op.NumOperands() == 3 {
				g = append(g, SumTo(b, d[0], shapeOf(op.Operand(2))))
			}
			return g
		},
	}
	matmul := &ir.OpDef{
		Name: OpMatmul, Summary: "product of matrices, with batches that broadcast",
		Example:  "%out = aten.matmul %x, %y : (tensor<2x4x3xf32>, tensor<3x8xf32>) -> tensor<2x4x8xf32>",
		Torch:    []string{"aten::matmul(Tensor self, Tensor other) -> Tensor"},
		Operands: ir.Params(ir.P("self", anyTensor), ir.P("other", anyTensor)),
		Results:  ir.Params(ir.P("out", anyTensor)),
		Traits:   ir.Pure | ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			elem, err := sameElem(in, 0)
			if err != nil {
				return nil, err
			}
			_, _, _, _, shape, err := matmulLoops(in, in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, elem))
		},
		Lower: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			lhs, rhs, out, extents, _, _ := matmulLoops(&ir.Inference{}, shapeOf(op.Operand(0)), shapeOf(op.Operand(1)))
			return []*ir.Value{contract(b, op.Operand(0), op.Operand(1), lhs, rhs, out, extents)}
		},
		VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
			lhs, rhs, out, extents, _, _ := matmulLoops(&ir.Inference{}, shapeOf(op.Operand(0)), shapeOf(op.Operand(1)))
			return []*ir.Value{
				contract(b, d[0], op.Operand(1), out, rhs, lhs, extents),
				contract(b, d[0], op.Operand(0), out, lhs, rhs, extents),
			}
		},
	}
	return []*ir.OpDef{contraction, linear, matmul}
}

// linearLoops is the loops of linear: the input's leading dimensions, the output
// features, the input features.
func linearLoops(op *ir.Op) (lhs, rhs, out, extents []int64) {
	x, w := shapeOf(op.Operand(0)), shapeOf(op.Operand(1))
	lead := len(x) - 1
	for i := 0; i < lead; i++ {
		lhs, out, extents = append(lhs, int64(i)), append(out, int64(i)), append(extents, x[i])
	}
	n, k := int64(lead), int64(lead+1)
	return append(lhs, k), []int64{n, k}, append(out, n), append(extents, w[0], w[1])
}

// matmulLoops is the loops of matmul: batches, rows, columns, the summed dimension;
// a vector has no rows or no columns.
func matmulLoops(in *ir.Inference, x, y []int64) (lhs, rhs, out, extents, shape []int64, err error) {
	if len(x) == 0 || len(y) == 0 {
		return nil, nil, nil, nil, nil, fmt.Errorf("got shapes %s and %s, expected at least 1 dimension each", in.Sizes.FormatShape(x), in.Sizes.FormatShape(y))
	}
	var batchX, batchY []int64
	if len(x) > 2 {
		batchX = x[:len(x)-2]
	}
	if len(y) > 2 {
		batchY = y[:len(y)-2]
	}
	batch, err := in.Broadcast(batchX, batchY)
	if err != nil {
		return nil, nil, nil, nil, nil, fmt.Errorf("batches of %s and %s: %w", in.Sizes.FormatShape(x), in.Sizes.FormatShape(y), err)
	}
	shape, extents = append([]int64{}, batch...), append([]int64{}, batch...)
	for i := range batch {
		out = append(out, int64(i))
	}
	batchLoops := func(part []int64) (loops []int64) {
		for i, n := range part {
			d := len(batch) - len(part) + i
			if n == 1 && batch[d] != 1 {
				loops = append(loops, -1)
			} else {
				loops = append(loops, int64(d))
			}
		}
		return loops
	}
	lhs, rhs = batchLoops(batchX), batchLoops(batchY)
	inner := x[len(x)-1]
	if len(x) > 1 {
		l := int64(len(extents))
		lhs, out = append(lhs, l), append(out, l)
		extents, shape = append(extents, x[len(x)-2]), append(shape, x[len(x)-2])
	}
	columns := int64(-1)
	other := y[0]
	if len(y) > 1 {
		columns = int64(len(extents))
		other = y[len(y)-2]
		out = append(out, columns)
		extents, shape = append(extents, y[len(y)-1]), append(shape, y[len(y)-1])
	}
	if !in.Sizes.Equal(inner, other) {
		return nil, nil, nil, nil, nil, fmt.Errorf("shapes %s and %s: the summed dimensions have sizes %s and %s",
			in.Sizes.FormatShape(x), in.Sizes.FormatShape(y), in.Sizes.Format(inner), in.Sizes.Format(other))
	}
	k := int64(len(extents))
	extents = append(extents, inner)
	lhs, rhs = append(lhs, k), append(rhs, k)
	if columns >= 0 {
		rhs = append(rhs, columns)
	}
	return lhs, rhs, out, extents, shape, nil
}

// contractionImports are products with a sum.
func contractionImports() []ir.Import {
	build := func(c *ir.ImportCall, first, second string, sumBatches bool) ([]*ir.Value, error) {
		self, err := tensorArg(c, "self")
		if err != nil {
			return nil, err
		}
		x, err1 := tensorArg(c, first)
		y, err2 := tensorArg(c, second)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("arguments %q and %q must be tensors", first, second)
		}
		v, err := one(c, OpMatmul, []*ir.Value{x, y})
		if err != nil {
			return nil, err
		}
		if sumBatches {
			v = Sum(c.Builder, v, []int64{0}, false)
		}
		if a := numberArg(c, "alpha", 1); a != 1 {
			v = Scale(c.Builder, v, a)
		}
		beta := numberArg(c, "beta", 1)
		if beta == 0 { // NaN and infinities of self are not seen
			return []*ir.Value{v}, nil
		}
		if beta != 1 {
			self = Scale(c.Builder, self, beta)
		}
		return try(c, OpAdd, []*ir.Value{self, v})
	}
	product := func(schema, second string) ir.Import {
		return ir.Import{Schema: schema, Build: func(c *ir.ImportCall) ([]*ir.Value, error) {
			x, err1 := tensorArg(c, "self")
			y, err2 := tensorArg(c, second)
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("arguments \"self\" and %q must be tensors", second)
			}
			return try(c, OpMatmul, []*ir.Value{x, y})
		}}
	}
	return []ir.Import{
		product("aten::mm(Tensor self, Tensor mat2) -> Tensor", "mat2"),
		product("aten::bmm(Tensor self, Tensor mat2) -> Tensor", "mat2"),
		product("aten::mv(Tensor self, Tensor vec) -> Tensor", "vec"),
		product("aten::dot(Tensor self, Tensor tensor) -> Tensor", "tensor"),
		{Schema: "aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return build(c, "mat1", "mat2", false) }},
		{Schema: "aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return build(c, "batch1", "batch2", false) }},
		{Schema: "aten::addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return build(c, "batch1", "batch2", true) }},
		{Schema: "aten::addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
			Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return build(c, "mat", "vec", false) }},
	}
}
