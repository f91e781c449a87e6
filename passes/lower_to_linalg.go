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
			// What a lowering emits is lowered in turn, in the same walk, since it stands
			// before the op; each makes progress towards linalg, so this comes to an end.
			var lower func(op *ir.Op)
			lower = func(op *ir.Op) {
				def := op.Def()
				before := op.Prev()
				switch {
				case def == nil || op.Block() == nil:
					return
				case def.Scalar != nil && isTensorOp(op):
					op.Replace(linalg.Elementwise(ir.BuilderBefore(p.Module.Ctx, op), op).Results()...)
				case def.Lower != nil && !elementwiseOnly:
					block, next := op.Block(), op.Next()
					op.Replace(def.Lower(ir.BuilderBefore(p.Module.Ctx, op), op)...)
					made := block.First()
					if before != nil {
						made = before.Next()
					}
					for made != next {
						following := made.Next()
						made.Walk(lower)
						made = following
					}
				}
			}
			p.Root().Walk(lower)
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
