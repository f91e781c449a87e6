package cpp

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// product prints a matrix product as calls of ct::gemm, and the zeros it starts from
// as an argument of it.
func (w *writer) product(op *ir.Op) error {
	if op.Name == linalg.OpFill {
		if next := op.Next(); next != nil && startsFrom(next, op) {
			return nil // the product writes instead of adding
		}
		t := op.Operand(1).Type().(*ir.MemRefType)
		n, ok := ir.NumElements(t.Shape())
		if !ok || t.Layout() != nil {
			return op.Errorf("has no C++ form for %s", t)
		}
		w.line("for (int64_t i = 0; i < %d; ++i) %s[i] = %s;%s", n, w.use(op.Operand(1)).text, w.use(op.Operand(0)).text, w.trace(op))
		return nil
	}
	g := linalg.AsGemm(op)
	if g == nil {
		e := op.Errorf("is not a product of matrices, the only nest with a C++ form")
		e.Remedy = "lower it to loops first"
		return e
	}
	add := "true"
	if before := op.Prev(); before != nil && startsFrom(op, before) {
		add = "false"
	}
	c, lent := blasCallOf(g)
	if !w.blas || !lent || w.shared {
		w.loops(op, g, add)
		return nil
	}
	// One call after the other: the BLAS has threads of its own.
	w.line("if (ct::lends_gemm<%s>()) {", arith.CppType(ir.ElemType(g.C.Type())))
	w.indent++
	w.outerLoops(op, g, add, "", func(pointers [3]string, add string) { w.blasCall(op, g, c, pointers, add) })
	w.indent--
	w.line("} else {")
	w.indent++
	w.loops(op, g, add)
	w.indent--
	w.line("}")
	return nil
}

// loops prints products as calls of ct::gemm.
func (w *writer) loops(op *ir.Op, g *linalg.Gemm, add string) {
	// Many small products are shared by the host's threads whole, a large one in parts.
	work := g.M * g.N * g.K / 8 // a multiplication with its addition takes an eighth of an operation's time
	turns := int64(1)
	for _, l := range g.Outer {
		turns *= l.Extent
	}
	name, first := "gemm", ""
	apart := len(g.Outer) > 0 && g.Outer[0].C != 0 && g.Outer[0].Extent > 1 && work*turns >= 2*grainWork
	if apart {
		each := max(work*(turns/g.Outer[0].Extent), 1)
		w.line("ct::parallel(%d, %d, [&](int64_t begin, int64_t end) {", g.Outer[0].Extent, (grainWork+each-1)/each)
		w.indent++
		first = "begin"
	} else if work >= grainWork {
		name = "gemm_shared"
	}
	w.outerLoops(op, g, add, first, func(pointers [3]string, add string) {
		w.line("ct::%s<%s, %d, %d>(%d, %s, %d, %d, %s, %d, %d, %s, %d, %s);%s", name, arith.CppType(ir.ElemType(g.C.Type())), g.M, g.N, g.K,
			pointers[0], g.AI, g.AK, pointers[1], g.BK, g.BJ, pointers[2], g.CI, add, w.trace(op))
	})
	if apart {
		w.indent--
		w.line("});")
	}
}

// outerLoops prints the loops around products, the first from begin to end if that is named,
// and in them what call prints for the operands' places.
func (w *writer) outerLoops(op *ir.Op, g *linalg.Gemm, add, begin string, call func(pointers [3]string, add string)) {
	pointers := [3]string{w.use(g.A).text, w.use(g.B).text, w.use(g.C).text}
	depth := w.depth
	for d, l := range g.Outer {
		name, lo, hi := fmt.Sprintf("i%d", w.depth), "0", fmt.Sprint(l.Extent)
		if begin != "" && d == 0 {
			lo, hi = begin, "end"
		}
		w.line("for (int64_t %s = %s; %s < %s; ++%s)%s", name, lo, name, hi, name, w.trace(op))
		w.indent++
		w.depth++
		for k, stride := range [3]int64{l.A, l.B, l.C} {
			if stride != 0 {
				pointers[k] += fmt.Sprintf(" + %s * %d", name, stride)
			}
		}
		if l.C == 0 && add == "false" { // a further loop over k
			add = name + " > 0"
		} else if l.C == 0 && add != "true" {
			add += " || " + name + " > 0"
		}
	}
	call(pointers, add)
	w.indent -= w.depth - depth
	w.depth = depth
}

// startsFrom reports whether product adds to what fill has just set to zero.
func startsFrom(product, fill *ir.Op) bool {
	if product.Name != linalg.OpGeneric || fill.Name != linalg.OpFill || product.Operand(2) != fill.Operand(1) {
		return false
	}
	c, ok := arith.ConstantValue(fill.Operand(0))
	return ok && c.F == 0 && c.I == 0
}
