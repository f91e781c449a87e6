package passes

import "github.com/cladopt/cladopt/ir"

// Decompose rewrites composite ops that no later pass wants whole.
func Decompose() *Pass {
	return &Pass{
		Name: "decompose",
		Doc: "Rewrites composite ops that no later pass wants whole (such as scaled_dot_product_attention) into ops of " +
			"the same dialect, as their definitions say. Ops with kernels of their own (softmax, norms, losses) stay.",
		Run: func(p *Run) error {
			for changed := true; changed; {
				changed = false
				p.Root().Walk(func(op *ir.Op) {
					if def := op.Def(); def != nil && def.Decompose != nil && op.Block() != nil {
						op.Replace(def.Decompose(ir.BuilderBefore(p.Module.Ctx, op), op)...)
						changed = true
					}
				})
			}
			return nil
		},
	}
}
