// Package scf is what is used here of MLIR's scf dialect: loops and branches.
package scf

import "github.com/cladopt/cladopt/ir"

// The ops.
const (
	OpFor   ir.OpName = "scf.for"
	OpIf    ir.OpName = "scf.if"
	OpYield ir.OpName = "scf.yield"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "scf", Summary: "MLIR's loops and branches", Ops: []*ir.OpDef{&forDef, &ifDef, &yieldDef}}
}

// For counts from lo to hi, exclusive, by step, carrying values from one iteration
// to the next; body gets the counter and the carried values and returns the next ones.
func For(b *ir.Builder, lo, hi, step *ir.Value, inits []*ir.Value, body func(b *ir.Builder, iv *ir.Value, carried []*ir.Value) []*ir.Value) *ir.Op {
	types := ir.TypesOf(inits)
	block := ir.NewBlock(append([]ir.Type{lo.Type()}, types...)...)
	op := b.Insert(ir.State{Name: OpFor, Operands: append([]*ir.Value{lo, hi, step}, inits...), Results: types,
		Regions: []*ir.Region{ir.NewRegion(block)}})
	inner := b.In(block)
	Yield(inner, body(inner, block.Arg(0), block.Args()[1:])...)
	return op
}

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

// Yield ends the body of a loop or branch.
func Yield(b *ir.Builder, values ...*ir.Value) {
	b.Insert(ir.State{Name: OpYield, Operands: values, Results: []ir.Type{}})
}

var index = ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) || ir.IsInteger(t) }}
var boolean = ir.Constraint{Name: "1-bit signless integer", Holds: func(t ir.Type) bool { return t == ir.Type(ir.I1) }}

var forDef = ir.OpDef{
	Name: OpFor, Summary: "a counted loop that carries values",
	Example: "%r = scf.for %i = %lo to %hi step %s iter_args(%acc = %x) -> (f32) {\n  scf.yield %acc : f32\n}",
	Operands: ir.Params(ir.P("lowerBound", index), ir.P("upperBound", index), ir.P("step", index),
		ir.Var("initArgs", ir.AnyType)),
	Results: ir.Params(ir.Var("results", ir.AnyType)),
	Regions: 1,
	Verify: func(op *ir.Op) error {
		body := op.Body()
		if body == nil || len(body.Args()) != op.NumOperands()-2 || op.NumResults() != op.NumOperands()-3 {
			return op.Errorf("body arguments, initial values and results differ in number")
		}
		if body.Arg(0).Type() != op.Operand(0).Type() || op.Operand(1).Type() != op.Operand(0).Type() || op.Operand(2).Type() != op.Operand(0).Type() {
			return op.Errorf("bounds, step and counter must have one type")
		}
		for i := 0; i < op.NumResults(); i++ {
			t := op.Result(i).Type()
			if op.Operand(3+i).Type() != t || body.Arg(1+i).Type() != t {
				return op.Errorf("carried value %d has types %s, %s and %s, expected one type", i, op.Operand(3+i).Type(), body.Arg(1+i).Type(), t)
			}
		}
		return checkYield(op, body)
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		body := op.Body()
		p.Write("scf.for ", p.ValueName(body.Arg(0)), " = ", p.ValueName(op.Operand(0)), " to ", p.ValueName(op.Operand(1)),
			" step ", p.ValueName(op.Operand(2)))
		if n := op.NumResults(); n > 0 {
			p.Write(" iter_args(")
			for i := 0; i < n; i++ {
				if i > 0 {
					p.Write(", ")
				}
				p.Write(p.ValueName(body.Arg(1+i)), " = ", p.ValueName(op.Operand(3+i)))
			}
			p.Write(") -> (")
			p.Types(ir.TypesOf(op.Results()))
			p.Write(")")
		}
		if t := op.Operand(0).Type(); t != ir.Type(ir.Index) {
			p.Write(" : ", t.String())
		}
		p.Write(" ")
		p.RegionEliding(op.Region(0), false, bareYield)
		p.AttrDict(op)
	},
	Parse: parseFor,
}

func bareYield(op *ir.Op) bool {
	return op.Name == OpYield && op.NumOperands() == 0 && len(op.Attrs()) == 0
}

func checkYield(op *ir.Op, b *ir.Block) error {
	y := b.Last()
	if y == nil || y.Name != OpYield {
		return nil // V6 speaks of it
	}
	if y.NumOperands() != op.NumResults() {
		return y.Errorf("yields %d values, %s has %d results", y.NumOperands(), op.Name, op.NumResults())
	}
	for i := 0; i < op.NumResults(); i++ {
		if got, want := y.Operand(i).Type(), op.Result(i).Type(); got != want {
			return y.Errorf("yields value %d of type %s, %s has %s", i, got, op.Name, want)
		}
	}
	return nil
}

func parseFor(p ir.AsmParser, s *ir.State) error {
	iv, err := p.ParseOperand()
	if err != nil {
		return err
	}
	var bounds [3]ir.UnresolvedOperand
	for i, word := range []string{"=", "to", "step"} {
		if word == "=" {
			err = p.ParseToken(word)
		} else {
			err = p.ParseKeyword(word)
		}
		if err != nil {
			return err
		}
		if bounds[i], err = p.ParseOperand(); err != nil {
			return err
		}
	}
	args := []ir.Argument{{Name: iv, Type: ir.Index, Loc: ir.At(iv.Pos)}}
	operands := bounds[:]
	var types []ir.Type
	pos := p.Pos()
	if p.OptionalKeyword("iter_args") {
		if err := p.ParseToken("("); err != nil {
			return err
		}
		for more := true; more; more = p.OptionalToken(",") {
			a, err := p.ParseOperand()
			if err != nil {
				return err
			}
			if err := p.ParseToken("="); err != nil {
				return err
			}
			init, err := p.ParseOperand()
			if err != nil {
				return err
			}
			args = append(args, ir.Argument{Name: a, Loc: ir.At(a.Pos)})
			operands = append(operands, init)
		}
		for _, tok := range []string{")", "->", "("} {
			if err := p.ParseToken(tok); err != nil {
				return err
			}
		}
		pos = p.Pos()
		if types, err = p.ParseTypeList(); err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		if len(types) != len(args)-1 {
			return p.Errorf(pos, "scf.for: got %d types for %d carried values", len(types), len(args)-1)
		}
		for i, t := range types {
			args[1+i].Type = t
		}
	}
	counter := ir.Type(ir.Index)
	if p.OptionalToken(":") {
		if counter, err = p.ParseType(); err != nil {
			return err
		}
		args[0].Type = counter
	}
	s.Results = append([]ir.Type{}, types...)
	if err := p.ResolveAll(operands, append([]ir.Type{counter, counter, counter}, types...), pos, s); err != nil {
		return err
	}
	r, err := p.ParseRegion(args)
	if err != nil {
		return err
	}
	p.EnsureTerminator(r, OpYield)
	s.Regions = []*ir.Region{r}
	return p.OptionalAttrDict(s)
}

var ifDef = ir.OpDef{
	Name: OpIf, Summary: "a branch",
	Example:  "%r = scf.if %cond -> (f32) {\n  scf.yield %x : f32\n} else {\n  scf.yield %y : f32\n}",
	Operands: ir.Params(ir.P("condition", boolean)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Regions:  2,
	Verify: func(op *ir.Op) error {
		for i := 0; i < 2; i++ {
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

var yieldDef = ir.OpDef{
	Name: OpYield, Summary: "the end of a loop's or branch's body, with its values",
	Example:  "scf.yield %x : f32",
	Operands: ir.Params(ir.Var("results", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Print:    PrintYield, Parse: ParseYield,
}

// PrintYield writes "name %a : T"; linalg.yield shares it.
func PrintYield(p *ir.Printer, op *ir.Op) {
	p.Write(string(op.Name))
	p.AttrDict(op)
	if op.NumOperands() > 0 {
		p.Write(" ")
		p.Operands(op.Operands())
		p.Write(" : ")
		p.Types(ir.TypesOf(op.Operands()))
	}
}

// ParseYield reads what PrintYield writes.
func ParseYield(p ir.AsmParser, s *ir.State) error {
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	s.Results = []ir.Type{}
	pos := p.Pos()
	operands, err := p.ParseOperandList()
	if err != nil || len(operands) == 0 {
		return err
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	types, err := p.ParseTypeList()
	if err != nil {
		return err
	}
	return p.ResolveAll(operands, types, pos, s)
}
