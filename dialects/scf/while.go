package scf

import "github.com/cladopt/cladopt/ir"

// While carries values through before, which says whether to go on and with which
// values, and body, which says what before gets next. The results are what before
// passed on last.
func While(b *ir.Builder, inits []*ir.Value, results []ir.Type,
	before func(b *ir.Builder, carried []*ir.Value) (cond *ir.Value, pass []*ir.Value),
	body func(b *ir.Builder, passed []*ir.Value) []*ir.Value) *ir.Op {
	first, second := ir.NewBlock(ir.TypesOf(inits)...), ir.NewBlock(results...)
	op := b.Insert(ir.State{Name: OpWhile, Operands: inits, Results: append([]ir.Type{}, results...),
		Regions: []*ir.Region{ir.NewRegion(first), ir.NewRegion(second)}})
	inner := b.In(first)
	cond, pass := before(inner, first.Args())
	inner.Insert(ir.State{Name: OpCondition, Operands: append([]*ir.Value{cond}, pass...), Results: []ir.Type{}})
	inner = b.In(second)
	Yield(inner, body(inner, second.Args())...)
	return op
}

var whileDef = ir.OpDef{
	Name: OpWhile, Summary: "a loop that goes on while a condition holds",
	Example: "%r = scf.while (%a = %x) : (f32) -> f32 {\n  scf.condition(%c) %a : f32\n} do {\n^bb0(%b: f32):\n" +
		"  %n = arith.addf %b, %b : f32\n  scf.yield %n : f32\n}",
	Operands: ir.Params(ir.Var("inits", ir.AnyType)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Regions:  2,
	Verify: func(op *ir.Op) error {
		before, after := soleBlock(op, 0), soleBlock(op, 1)
		if before == nil || after == nil {
			return op.Errorf("must have two regions of one block each")
		}
		if err := sameTypes(op, "initial values", ir.TypesOf(op.Operands()), "first region's arguments", ir.TypesOf(before.Args())); err != nil {
			return err
		}
		if err := sameTypes(op, "results", ir.TypesOf(op.Results()), "second region's arguments", ir.TypesOf(after.Args())); err != nil {
			return err
		}
		c, y := before.Last(), after.Last()
		if c == nil || c.Name != OpCondition || c.NumOperands() == 0 {
			return op.Errorf("the first region must end in %s", OpCondition)
		}
		if y == nil || y.Name != OpYield {
			return op.Errorf("the second region must end in %s", OpYield)
		}
		if err := sameTypes(c, "passed values", ir.TypesOf(c.Operands()[1:]), "results", ir.TypesOf(op.Results())); err != nil {
			return err
		}
		return sameTypes(y, "yielded values", ir.TypesOf(y.Operands()), "initial values", ir.TypesOf(op.Operands()))
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		before := soleBlock(op, 0)
		if before == nil || len(before.Args()) != op.NumOperands() {
			p.Generic(op)
			return
		}
		p.Write("scf.while")
		if op.NumOperands() > 0 {
			p.Write(" ")
			printAssignments(p, before.Args(), op.Operands())
		}
		p.Write(" : ")
		p.FunctionType(op)
		p.Write(" ")
		p.Region(op.Region(0), false)
		p.Write(" do ")
		p.Region(op.Region(1), true)
		p.AttrDictWithKeyword(op)
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		var args []ir.Argument
		var inits []ir.UnresolvedOperand
		if p.OptionalToken("(") {
			var err error
			if args, inits, err = parseAssignments(p); err != nil {
				return err
			}
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		pos := p.Pos()
		t, err := p.ParseFunctionType()
		if err != nil {
			return err
		}
		if len(t.Inputs()) != len(args) {
			return p.Errorf(pos, "scf.while: got %d types for %d initial values", len(t.Inputs()), len(args))
		}
		entry := []ir.Argument{}
		for i, a := range args {
			a.Type = t.Inputs()[i]
			entry = append(entry, a)
		}
		s.Results = append([]ir.Type{}, t.Results()...)
		if err := p.ResolveAll(inits, t.Inputs(), pos, s); err != nil {
			return err
		}
		before, err := p.ParseRegion(entry)
		if err != nil {
			return err
		}
		if err := p.ParseKeyword("do"); err != nil {
			return err
		}
		after, err := p.ParseRegion(nil)
		if err != nil {
			return err
		}
		s.Regions = []*ir.Region{before, after}
		return p.OptionalAttrDictWithKeyword(s)
	},
}

var conditionDef = ir.OpDef{
	Name: OpCondition, Summary: "whether a while loop goes on, and with which values",
	Example:  "scf.condition(%c) %x : f32",
	Operands: ir.Params(ir.P("condition", boolean), ir.Var("args", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Verify:   func(op *ir.Op) error { return inside(op, OpWhile) },
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("scf.condition(", p.ValueName(op.Operand(0)), ")")
		p.AttrDict(op)
		if rest := op.Operands()[1:]; len(rest) > 0 {
			p.Write(" ")
			p.Operands(rest)
			p.Write(" : ")
			p.Types(ir.TypesOf(rest))
		}
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		cond, err := parseParenthesized(p)
		if err != nil {
			return err
		}
		v, err := p.Resolve(cond, ir.I1)
		if err != nil {
			return err
		}
		s.Operands = []*ir.Value{v}
		return ParseYield(p, s)
	},
}

// parseParenthesized reads (%x).
func parseParenthesized(p ir.AsmParser) (ir.UnresolvedOperand, error) {
	if err := p.ParseToken("("); err != nil {
		return ir.UnresolvedOperand{}, err
	}
	o, err := p.ParseOperand()
	if err != nil {
		return o, err
	}
	return o, p.ParseToken(")")
}

// soleBlock is the only block of region i, or nil.
func soleBlock(op *ir.Op, i int) *ir.Block {
	if i < op.NumRegions() && len(op.Region(i).Blocks()) == 1 {
		return op.Region(i).Blocks()[0]
	}
	return nil
}

// sameTypes verifies that two lists of types are equal.
func sameTypes(op *ir.Op, what string, a []ir.Type, other string, b []ir.Type) error {
	if len(a) != len(b) {
		return op.Errorf("got %d %s and %d %s", len(a), what, len(b), other)
	}
	for i := range a {
		if a[i] != b[i] {
			return op.Errorf("%s and %s differ in place %d: %s and %s", what, other, i, a[i], b[i])
		}
	}
	return nil
}

// printAssignments writes (%a = %x, ..).
func printAssignments(p *ir.Printer, args, values []*ir.Value) {
	p.Write("(")
	for i, a := range args {
		if i > 0 {
			p.Write(", ")
		}
		p.Write(p.ValueName(a), " = ", p.ValueName(values[i]))
	}
	p.Write(")")
}

// parseAssignments reads what printAssignments writes, after the opening parenthesis.
func parseAssignments(p ir.AsmParser) (args []ir.Argument, values []ir.UnresolvedOperand, err error) {
	for more := true; more; more = p.OptionalToken(",") {
		a, err := p.ParseOperand()
		if err != nil {
			return nil, nil, err
		}
		if err := p.ParseToken("="); err != nil {
			return nil, nil, err
		}
		v, err := p.ParseOperand()
		if err != nil {
			return nil, nil, err
		}
		args = append(args, ir.Argument{Name: a, Loc: ir.At(a.Pos)})
		values = append(values, v)
	}
	return args, values, p.ParseToken(")")
}
