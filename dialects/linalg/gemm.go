package linalg

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Gemm is a nest on memory seen as matrix products: for each place of the outer loops,
// c[i][j] += sum over k of a[i][k] b[k][j]. Strides are in elements; j runs over
// adjacent elements of c.
type Gemm struct {
	A, B, C            *ir.Value // memrefs
	M, N, K            int64
	AI, AK, BK, BJ, CI int64
	Outer              []GemmLoop
}

// GemmLoop is a loop around the products, with what it adds to the operands' places.
type GemmLoop struct{ Extent, A, B, C int64 }

// minProducts is how many multiplications make a product worth the name: below, loops
// are as fast.
const minProducts = 2048

// AsGemm reads a generic on memrefs, or on tensors of which it tells whether they would
// be one; nil if it is something else or too small to gain.
func AsGemm(op *ir.Op) *Gemm {
	if op.Name != OpGeneric || len(Inputs(op)) != 2 || len(Inits(op)) != 1 || !isProductSum(op) {
		return nil
	}
	extents := Extents(op)
	total := int64(1)
	for _, n := range extents {
		if n <= 0 {
			return nil
		}
		total *= n
	}
	if total < minProducts {
		return nil
	}
	g := &Gemm{A: op.Operand(0), B: op.Operand(1), C: op.Operand(2), M: 1, N: 1, K: 1}
	var strides [3][]int64 // by loop
	for i, m := range Maps(op) {
		s, ok := loopStrides(op.Operand(i), m, len(extents))
		if !ok {
			return nil
		}
		strides[i] = s
	}
	var rows, columns, sums []GemmLoop
	for d, n := range extents {
		l := GemmLoop{n, strides[0][d], strides[1][d], strides[2][d]}
		switch {
		case n == 1:
		case l.A != 0 && l.B != 0 && l.C != 0:
			g.Outer = append(g.Outer, l)
		case l.A != 0 && l.C != 0:
			rows = append(rows, l)
		case l.B != 0 && l.C != 0:
			columns = append(columns, l)
		case l.A != 0 && l.B != 0:
			sums = append(sums, l)
		default:
			return nil
		}
	}
	rows, columns, sums = merge(rows), merge(columns), merge(sums)
	j := adjacent(columns)
	if j < 0 { // c's adjacent elements belong to a's loop: (a b)^T = b^T a^T
		g.A, g.B = g.B, g.A
		rows, columns = swapped(columns), swapped(rows)
		sums, g.Outer = swapped(sums), swapped(g.Outer)
		if j = adjacent(columns); j < 0 {
			return nil
		}
	}
	g.N, g.BJ = columns[j].Extent, columns[j].B
	g.Outer = append(g.Outer, without(columns, j)...)
	if i := longest(rows); i >= 0 {
		g.M, g.AI, g.CI = rows[i].Extent, rows[i].A, rows[i].C
		g.Outer = append(g.Outer, without(rows, i)...)
	}
	k := longest(sums)
	if k < 0 || g.N < 4 {
		return nil
	}
	g.K, g.AK, g.BK = sums[k].Extent, sums[k].A, sums[k].B
	g.Outer = append(g.Outer, without(sums, k)...)
	return g
}

// isProductSum reports whether the body adds the product of its inputs.
func isProductSum(op *ir.Op) bool {
	args := op.Body().Args()
	sum := op.Body().Last().Operand(0).Def()
	if sum == nil || sum.Name != arith.OpAddF || op.Body().Len() != 3 {
		return false
	}
	product := sum.Operand(1).Def()
	acc := sum.Operand(0)
	if product == nil {
		product, acc = acc.Def(), sum.Operand(1)
	}
	if product == nil || product.Name != arith.OpMulF || acc != args[2] {
		return false
	}
	x, y := product.Operand(0), product.Operand(1)
	return x == args[0] && y == args[1] || x == args[1] && y == args[0]
}

// loopStrides is what each loop adds to the place in v; false unless every dimension
// is run over by one loop.
func loopStrides(v *ir.Value, m *ir.AffineMap, loops int) ([]int64, bool) {
	out := make([]int64, loops)
	shape := ir.ShapeOf(v.Type())
	strides, ok := ir.RowMajor(shape)
	if t, isMem := v.Type().(*ir.MemRefType); isMem && t.Layout() != nil {
		s, strided := t.Layout().(*ir.StridedAttr)
		if !strided || s.Offset != 0 {
			return nil, false
		}
		strides = s.Strides
	}
	if !ok || !ir.Static(shape) {
		return nil, false
	}
	for k, e := range m.Results {
		switch e := e.(type) {
		case ir.AffineDim:
			out[e] += strides[k]
		case ir.AffineConst:
			if e != 0 {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return out, true
}

// merge joins loops of which one goes on where the other ends.
func merge(loops []GemmLoop) []GemmLoop {
	for i := 0; i < len(loops); i++ {
		for j := range loops {
			o, n := loops[i], loops[j]
			if i != j && o.A == n.A*n.Extent && o.B == n.B*n.Extent && o.C == n.C*n.Extent {
				loops[j].Extent *= o.Extent
				return merge(without(loops, i))
			}
		}
	}
	return loops
}

func without(loops []GemmLoop, i int) []GemmLoop {
	return append(append([]GemmLoop{}, loops[:i]...), loops[i+1:]...)
}

func swapped(loops []GemmLoop) []GemmLoop {
	var out []GemmLoop
	for _, l := range loops {
		out = append(out, GemmLoop{l.Extent, l.B, l.A, l.C})
	}
	return out
}

func adjacent(loops []GemmLoop) int {
	for i, l := range loops {
		if l.C == 1 {
			return i
		}
	}
	return -1
}

func longest(loops []GemmLoop) int {
	best := -1
	for i, l := range loops {
		if best < 0 || l.Extent > loops[best].Extent {
			best = i
		}
	}
	return best
}
