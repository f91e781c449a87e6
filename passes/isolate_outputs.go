package passes

import (
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
)

// IsolateOutputs gives each output of the graph memory of its own.
func IsolateOutputs() *Pass {
	return &Pass{
		Name: "isolate-outputs",
		Doc: "Copies what @graph returns where it is an input, is returned twice, or is read by the graph as well. An output's " +
			"adjoint is then the caller's alone: where Clad reverses the graph, it adds to adjoints in place.",
		Run: func(p *Run) error {
			graph := p.Module.Symbol(GraphName)
			if graph == nil || graph.Body() == nil {
				return nil
			}
			ret := graph.Body().Last()
			b := ir.BuilderBefore(p.Module.Ctx, ret)
			for i := 0; i < ret.NumOperands(); i++ {
				v := ret.Operand(i)
				if v.Def() != nil && v.HasOneUse() && !v.Def().Has(ir.View) {
					continue
				}
				b.Loc = v.Loc()
				ret.SetOperand(i, b.Create(aten.OpClone, []*ir.Value{v}).Result(0))
				p.Remark(v.Loc(), "output %d is copied: the graph reads it too", i)
			}
			return nil
		},
	}
}
