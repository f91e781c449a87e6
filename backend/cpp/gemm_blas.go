package cpp

import (
	"math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// BLASWork is how many multiplications a product has at least that is left to the host's
// BLAS where Options.BLAS is set.
const BLASWork = 1 << 18

// A blasCall is a product as BLAS has it, which counts by columns: c's transpose, n x m, is
// b's transpose times a's.
type blasCall struct {
	transB, transA byte  // 'N' where b and a themselves have adjacent elements in their rows
	ldb, lda       int64 // from one row to the next, or one column if transposed
}

// blasCallOf says how a BLAS computes the product; false if it cannot, since an operand has
// no adjacent elements, overlaps itself, or is too long for 32 bits, or if it is too small
// to gain.
func blasCallOf(g *linalg.Gemm) (blasCall, bool) {
	var c blasCall
	var okA, okB bool
	c.transB, c.ldb, okB = operand(g.K, g.N, g.BK, g.BJ)
	c.transA, c.lda, okA = operand(g.M, g.K, g.AI, g.AK)
	return c, okA && okB && g.M > 1 && g.M*g.N*g.K >= BLASWork && g.CI >= g.N && fits(g.M, g.N, g.K, g.CI)
}

// operand says how BLAS reads a matrix of which rows and columns, both more than one, are so
// far apart.
func operand(rows, columns, row, column int64) (trans byte, ld int64, ok bool) {
	switch {
	case column == 1 && row >= columns:
		return 'N', row, fits(row)
	case row == 1 && column >= rows:
		return 'T', column, fits(column)
	}
	return 0, 0, false
}

func fits(sizes ...int64) bool {
	for _, n := range sizes {
		if n > math.MaxInt32 {
			return false
		}
	}
	return true
}

func (w *writer) blasCall(op *ir.Op, g *linalg.Gemm, c blasCall, pointers [3]string, add string) {
	w.line("ct::gemm_blas<%s>(\"%c\", \"%c\", %d, %d, %d, %s, %d, %s, %d, %s, %d, %s);%s", arith.CppType(ir.ElemType(g.C.Type())), c.transB, c.transA, g.N, g.M, g.K,
		pointers[1], c.ldb, pointers[0], c.lda, pointers[2], g.CI, add, w.trace(op))
}
