package passes

import (
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// LowerToLinalg turns tensor ops into linalg.generic.
func LowerToLinalg() *Pass {
	return &Pass{
		Name: "lower-to-linalg",
		Doc: "Turns each elementwise op into one linalg.generic whose region is its scalar body, with broadcasting in " +
			"the indexing maps, and each structured op that has a lowering into what it lowers to. Ops written as " +
			"loops are left for lower-to-loops.",
		After: []string{"decompose"},
		Options: []Option{
			{Name: "elementwise-only", Default: "false", Doc: "leave structured ops as they are"},
		},
		Run: func(p *Run) error {
			elementwiseOnly := p.Bool("elementwise-only")
			// A lowering may emit ops that are lowered in turn; each makes progress
			// towards linalg, so the rounds come to an end.
			for changed := true; changed; {
				changed = false
				p.Root().Walk(func(op *ir.Op) {
					def := op.Def()
					switch {
					case def == nil || op.Block() == nil:
					case def.Scalar != nil && isTensorOp(op):
						op.Replace(linalg.Elementwise(ir.BuilderBefore(p.Module.Ctx, op), op).Results()...)
						changed = true
					case def.Lower != nil && !elementwiseOnly:
						op.Replace(def.Lower(ir.BuilderBefore(p.Module.Ctx, op), op)...)
						changed = true
					}
				})
			}
			return nil
		},
	}
}

func isTensorOp(op *ir.Op) bool {
	for i := 0; i < op.NumResults(); i++ {
		if _, ok := op.Result(i).Type().(*ir.TensorType); !ok {
			return false
		}
	}
	return op.NumResults() > 0
}
