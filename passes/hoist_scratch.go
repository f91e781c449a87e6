package passes

import (
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// HoistScratch makes kernels ask for their scratch memory.
func HoistScratch() *Pass {
	return &Pass{
		Name:  "hoist-scratch",
		Doc:   "Turns what kernels allocate into further arguments, which the graph allocates. plan-memory does the same.",
		After: []string{"lower-to-loops"},
		Run: func(p *Run) error {
			hoistScratch(p.Module)
			return nil
		},
	}
}

// hoistScratch turns what kernels allocate into arguments that their callers
// allocate.
func hoistScratch(m *ir.Module) {
	scratch := map[string][]ir.Type{}
	for _, f := range m.Body().Ops() {
		if f.Name != funcs.OpFunc || f.Body() == nil || f.Attr(KernelMark) == nil {
			continue
		}
		var types []ir.Type
		f.Walk(func(op *ir.Op) {
			if op.Name == memref.OpAlloc {
				arg := f.Body().AddArg(op.Result(0).Type())
				types = append(types, arg.Type())
				op.Replace(arg)
			}
		})
		if len(types) > 0 {
			t := funcs.Type(f)
			funcs.SetType(f, ir.Func(ir.TypesOf(f.Body().Args()), t.Results()))
			scratch[f.Str(ir.SymbolName)] = types
		}
	}
	m.Op.Walk(func(op *ir.Op) {
		ref, ok := op.Attr("callee").(ir.SymbolRefAttr)
		if !ok || len(scratch[ref.Path]) == 0 {
			return
		}
		b := ir.BuilderBefore(m.Ctx, op)
		operands := op.Operands()
		for _, t := range scratch[ref.Path] {
			operands = append(operands, memref.Alloc(b, t.(*ir.MemRefType)))
		}
		op.SetOperands(operands)
	})
}
