package linalg

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// ScalarVJP runs reverse mode over scalar code: from the adjoints of yields (nil:
// zero) to those of wrt, nil where they are zero. The ops that compute yields stand
// in the builder's block, before its insertion point; each brings its derivative.
// [CheckScalars] says whether they do.
func ScalarVJP(b *ir.Builder, yields, wrt, seeds []*ir.Value) []*ir.Value {
	adjoint := map[*ir.Value]*ir.Value{}
	add := func(v, d *ir.Value) {
		if d == nil || !ir.IsFloat(v.Type()) {
			return
		}
		if so := adjoint[v]; so != nil {
			d = arith.AddF(b, so, d)
		}
		adjoint[v] = d
	}
	// Only ops through which something in wrt reaches a yield are differentiated.
	forward := b.Block().Ops()
	depends := dependents(forward, wrt)
	for i, y := range yields {
		if depends[y] {
			add(y, seeds[i])
		}
	}
	for i := len(forward) - 1; i >= 0; i-- {
		op := forward[i]
		if op.NumResults() != 1 || adjoint[op.Result(0)] == nil || op.Def() == nil || op.Def().VJP == nil {
			continue
		}
		for k, d := range op.Def().VJP(b, op, []*ir.Value{adjoint[op.Result(0)]}) {
			if depends[op.Operand(k)] {
				add(op.Operand(k), d)
			}
		}
	}
	out := make([]*ir.Value, len(wrt))
	for i, v := range wrt {
		out[i] = adjoint[v]
	}
	return out
}

// dependents is wrt and the results of those ops that use it, directly or not. A
// rounded or compared float is one too: its adjoint is zero, which its op says.
func dependents(ops []*ir.Op, wrt []*ir.Value) map[*ir.Value]bool {
	depends := map[*ir.Value]bool{}
	for _, v := range wrt {
		depends[v] = true
	}
	for _, op := range ops {
		uses := false
		op.Walk(func(inner *ir.Op) {
			for i := 0; i < inner.NumOperands(); i++ {
				uses = uses || depends[inner.Operand(i)]
			}
		})
		for i := 0; uses && i < op.NumResults(); i++ {
			depends[op.Result(i)] = true
		}
	}
	return depends
}

// CheckScalars is an error if scalar code cannot be differentiated with respect to
// wrt: where an op on the way has no derivative here.
func CheckScalars(ops []*ir.Op, wrt []*ir.Value) error {
	depends := dependents(ops, wrt)
	for _, op := range ops {
		for i := 0; i < op.NumResults(); i++ {
			r := op.Result(i)
			if !depends[r] || !ir.IsFloat(r.Type()) {
				continue
			}
			if op.NumResults() != 1 || op.NumRegions() != 0 || op.Def() == nil || op.Def().VJP == nil {
				return op.Errorf("has no derivative here")
			}
		}
	}
	return nil
}

// Reaches reports whether a derivative can flow from an active operand of a nest to
// its result i: through floats only, so not through a comparison or a stopped value.
func Reaches(op *ir.Op, i int, active map[*ir.Value]bool) bool {
	flows := map[*ir.Value]bool{}
	for k, v := range op.Operands() {
		flows[op.Body().Arg(k)] = active[v]
	}
	for inner := op.Body().First(); inner != op.Body().Last(); inner = inner.Next() {
		reached := false
		inner.Walk(func(op *ir.Op) { // what regions yield is their op's result
			for _, v := range op.Operands() {
				reached = reached || (flows[v] || active[v]) && ir.IsFloat(v.Type())
			}
		})
		for _, r := range inner.Results() {
			flows[r] = reached && ir.IsFloat(r.Type())
		}
	}
	return flows[op.Body().Last().Operand(i)]
}
