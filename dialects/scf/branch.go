package scf

import "github.com/cladopt/cladopt/ir"

// If runs one of two branches; els may be nil if there are no results.
func If(b *ir.Builder, cond *ir.Value, results []ir.Type, then, els func(b *ir.Builder) []*ir.Value) *ir.Op {
	regions := []*ir.Region{ir.NewRegion(ir.NewBlock()), ir.NewRegion()}
	op := b.Insert(ir.State{Name: OpIf, Operands: []*ir.Value{cond}, Results: append([]ir.Type{}, results...), Regions: regions})
	inner := b.In(regions[0].Blocks()[0])
	Yield(inner, then(inner)...)
	if els != nil {
		regions[1].Append(ir.NewBlock())
		inner = b.In(regions[1].Blocks()[0])
		Yield(inner, els(inner)...)
	}
	return op
}

var ifDef = ir.OpDef{
	Name: OpIf, Summary: "a branch",
	Example:  "%r = scf.if %cond -> (f32) {\n  scf.yield %x : f32\n} else {\n  scf.yield %y : f32\n}",
	Operands: ir.Params(ir.P("condition", boolean)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Regions:  2,
	Verify: func(op *ir.Op) error {
		for i := 0; i < 2; i++ {
			if n := len(op.Region(i).Blocks()); n > 1 || n == 0 && i == 0 {
				return op.Errorf("branch %d has %d blocks, expected one", i, n)
			}
			for _, b := range op.Region(i).Blocks() {
				if err := checkYield(op, b); err != nil {
					return err
				}
			}
		}
		if op.NumResults() > 0 && len(op.Region(1).Blocks()) == 0 {
			return op.Errorf("has results and must have an else branch")
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("scf.if ", p.ValueName(op.Operand(0)))
		if op.NumResults() > 0 {
			p.Write(" -> (")
			p.Types(ir.TypesOf(op.Results()))
			p.Write(")")
		}
		p.Write(" ")
		p.RegionEliding(op.Region(0), false, bareYield)
		if len(op.Region(1).Blocks()) > 0 {
			p.Write(" else ")
			p.RegionEliding(op.Region(1), false, bareYield)
		}
		p.AttrDict(op)
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		cond, err := p.ParseOperand()
		if err != nil {
			return err
		}
		s.Results = []ir.Type{}
		if p.OptionalToken("->") {
			paren := p.OptionalToken("(")
			if s.Results, err = p.ParseTypeList(); err != nil {
				return err
			}
			if paren {
				if err := p.ParseToken(")"); err != nil {
					return err
				}
			}
		}
		v, err := p.Resolve(cond, ir.I1)
		if err != nil {
			return err
		}
		s.Operands = []*ir.Value{v}
		then, err := p.ParseRegion(nil)
		if err != nil {
			return err
		}
		p.EnsureTerminator(then, OpYield)
		els := ir.NewRegion()
		if p.OptionalKeyword("else") {
			if els, err = p.ParseRegion(nil); err != nil {
				return err
			}
			p.EnsureTerminator(els, OpYield)
		}
		s.Regions = []*ir.Region{then, els}
		return p.OptionalAttrDict(s)
	},
}
