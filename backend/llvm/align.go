package llvm

import (
	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// workspaceAlignment is what the contract promises of the workspace.
const workspaceAlignment = 64

// alignments is what is known, beyond the alignment of their elements, of the memory that
// arguments of functions point to: the least of what all calls pass.
func alignments(m *ir.Module) map[*ir.Value]int64 {
	known := map[*ir.Value]int64{}
	for _, name := range []string{"graph", "graph_backward"} {
		if f := m.Symbol(name); f != nil && f.Body() != nil && len(f.Body().Args()) > 0 {
			args := f.Body().Args()
			known[args[len(args)-1]] = workspaceAlignment
		}
	}
	m.Op.Walk(func(op *ir.Op) {
		ref, ok := op.Attr("callee").(ir.SymbolRefAttr)
		if op.Name != funcs.OpCall || !ok {
			return
		}
		callee := m.Symbol(ref.Path)
		if callee == nil || callee.Body() == nil {
			return
		}
		for i, v := range op.Operands() {
			a := alignment(v, known)
			arg := callee.Body().Arg(i)
			if before, seen := known[arg]; seen {
				a = min(a, before)
			}
			known[arg] = a
		}
	})
	return known
}

// alignment is what is known of the place that v points to, at least 1.
func alignment(v *ir.Value, known map[*ir.Value]int64) int64 {
	d := v.Def()
	if d == nil {
		return max(known[v], 1)
	}
	switch d.Name {
	case memref.OpReinterpretCast:
		return alignment(d.Operand(0), known)
	case memref.OpAlloca:
		return workspaceAlignment
	case memref.OpView:
		a := alignment(d.Operand(0), known)
		c, ok := arith.ConstantValue(d.Operand(1))
		if !ok {
			return 1
		}
		for c.I%a != 0 {
			a /= 2
		}
		return a
	}
	return 1
}
