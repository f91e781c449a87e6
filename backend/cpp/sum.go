package cpp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// A vector of partial sums adds in another order, and compilers make one only where they may.
// They may nowhere else: (x + y) - x is y in another order, and not where x is NaN, infinite
// or large. So the C++ says which additions are those of a sum.

// summand is what op adds to a sum, or takes from it: an accumulator of the loop around it, or
// a place in memory, if that is all that is done with it.
func summand(op *ir.Op) (sum, x *ir.Value) {
	if op.Name != arith.OpAddF && op.Name != arith.OpSubF || !op.Result(0).HasOneUse() {
		return nil, nil
	}
	for i, v := range op.Operands()[:2] {
		if v.HasOneUse() && becomes(v, op.Result(0).Uses()[0]) && (i == 0 || op.Name == arith.OpAddF) {
			return v, op.Operand(1 - i)
		}
	}
	return nil, nil
}

// IsSum reports whether op adds to a sum, or takes from it, such that the order does not matter.
func IsSum(op *ir.Op) bool {
	sum, _ := summand(op)
	return sum != nil
}

// becomes reports whether a use makes something the next value of what v is: of an accumulator, or of a place in memory.
func becomes(v *ir.Value, next *ir.Use) bool {
	to := next.Owner()
	switch {
	case next.Index() > 0 && to.Name == memref.OpStore:
		return false
	case to.Name == memref.OpStore:
		from := v.Def()
		return from != nil && from.Name == memref.OpLoad && from.Block() == to.Block() && slices.Equal(from.Operands(), to.Operands()[1:])
	case to.Name == scf.OpYield && to.Parent().Name == scf.OpFor:
		return v == to.Parent().Body().Arg(1+next.Index())
	}
	return false
}

// sum is the C++ of an op that adds to a sum, "" of others.
func (w *writer) sum(op *ir.Op) string {
	sum, x := summand(op)
	if sum == nil || w.unchecked { // Clad has no derivative of ct::sum
		return ""
	}
	term := w.use(x)
	switch {
	case op.Name == arith.OpSubF && term.atom:
		term.text = "-" + term.text
	case op.Name == arith.OpSubF:
		term.text = "-(" + term.text + ")"
	}
	return fmt.Sprintf("ct::sum(%s, %s)", w.use(sum).text, term.text)
}

// sums names the accumulators of a loop that GCC may make vectors of, "" if there are none:
// what it is told for that says also that no turn waits for another, which holds
// if all that passes from turn to turn are sums.
func (w *writer) sums(loop *ir.Op) string {
	if w.unchecked || loop.NumResults() == 0 || !independent(loop.Body()) {
		return ""
	}
	var accs []string
	for _, v := range loop.Body().Last().Operands() {
		if v.Def() == nil {
			return ""
		}
		acc, _ := summand(v.Def())
		if acc == nil {
			return ""
		}
		accs = append(accs, w.names[acc])
	}
	return strings.Join(accs, ", ")
}

// independent reports whether each turn of an innermost loop writes to places of its own
// in memory that no turn reads.
func independent(body *ir.Block) bool {
	var read, written []*ir.Value
	for op := body.First(); op != nil; op = op.Next() {
		switch {
		case op.Name == memref.OpLoad:
			read = append(read, base(op.Operand(0)))
		case op.Name == memref.OpStore:
			if !slices.Contains(op.Operands()[2:], body.Arg(0)) {
				return false
			}
			written = append(written, base(op.Operand(1)))
		case op.Name == funcs.OpCall, op.Name == cf.OpAssert, op.NumRegions() > 0:
			return false
		}
	}
	for i, v := range written {
		if slices.Contains(read, v) || slices.Contains(written[:i], v) {
			return false
		}
	}
	return true
}

// sumMacro stands before a loop and names accumulators whose order of additions is free.
const sumMacro = "CT_SUM"

const sumPragma = `// The loop's sums may be vectors of partial sums; clang is told so by ct::sum.
#ifdef __clang__
#define CT_SUM(...)
#else
#define CT_SUM(...) CT_PRAGMA(omp simd reduction(+ : __VA_ARGS__))
#endif
`
