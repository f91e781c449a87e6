package hep

import (
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// WidenMasses computes masses in f64. E² and p² of a fast particle agree in nearly all their
// digits: in f32 a particle of mass 1 and energy 10000 has no mass left.
func WidenMasses() *passes.Pass {
	return &passes.Pass{
		Name: "widen-masses",
		Doc:  "Computes masses and squared masses of f32 in f64 and rounds them once, since E² - p² cancels.",
		Options: []passes.Option{
			{Name: "squares", Default: "true", Doc: "widen hep.mass_squared as well"},
		},
		Run: func(p *passes.Run) error {
			p.Root().Walk(func(op *ir.Op) {
				if op.Name == OpMass || op.Name == OpMassSquared && p.Bool("squares") {
					widen(p, op)
				}
			})
			return nil
		},
	}
}

// widen replaces an op on f32 by the same on f64.
func widen(p *passes.Run, op *ir.Op) {
	elem := ir.ElemType(op.Result(0).Type())
	if elem != ir.F32 {
		return
	}
	b := ir.BuilderBefore(p.Module.Ctx, op)
	wide := b.Emit(op.Name, aten.To(b, op.Operand(0), ir.F64))
	p.Remark(op.Loc, "%s is computed in f64", op.Name)
	op.Replace(aten.To(b, wide, elem))
}
