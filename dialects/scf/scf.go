// Package scf is what is used here of MLIR's scf dialect, version 16: loops and
// branches.
//
//	%sum = scf.for %i = %lo to %hi step %one iter_args(%acc = %zero) -> (f32) {
//	  %x = memref.load %m[%i] : memref<8xf32>
//	  %next = arith.addf %acc, %x : f32
//	  scf.yield %next : f32
//	}
//
// A loop or branch has results instead of variables: its body ends in scf.yield with
// the values that the next iteration, or what follows, gets. A yield of nothing is
// left out of the text, but in scf.while and scf.parallel.
package scf

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// The ops.
const (
	OpFor          ir.OpName = "scf.for"
	OpIf           ir.OpName = "scf.if"
	OpWhile        ir.OpName = "scf.while"
	OpCondition    ir.OpName = "scf.condition"
	OpParallel     ir.OpName = "scf.parallel"
	OpReduce       ir.OpName = "scf.reduce"
	OpReduceReturn ir.OpName = "scf.reduce.return"
	OpYield        ir.OpName = "scf.yield"
)

// ParallelMark, on a loop that carries nothing, says that its turns may run in any order and
// at the same time; its number is about how many scalar operations a turn makes.
const ParallelMark = "cladopt.parallel"

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "scf", Summary: "MLIR's loops and branches", Ops: []*ir.OpDef{
		&forDef, &ifDef, &whileDef, &conditionDef, &parallelDef, &reduceDef, &reduceReturnDef, &yieldDef,
	}}
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

// Yield ends the body of a loop or branch.
func Yield(b *ir.Builder, values ...*ir.Value) {
	b.Insert(ir.State{Name: OpYield, Operands: values, Results: []ir.Type{}})
}

var index = ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }}
var boolean = ir.Constraint{Name: "1-bit signless integer", Holds: func(t ir.Type) bool { return t == ir.Type(ir.I1) }}

var forDef = ir.OpDef{
	Name: OpFor, Summary: "a counted loop that carries values",
	Example: "%r = scf.for %i = %lo to %hi step %s iter_args(%acc = %x) -> (f32) {\n  scf.yield %acc : f32\n}",
	Operands: ir.Params(ir.P("lowerBound", index), ir.P("upperBound", index), ir.P("step", index),
		ir.Var("initArgs", ir.AnyType)),
	Results: ir.Params(ir.Var("results", ir.AnyType)),
	Regions: 1,
	Verify: func(op *ir.Op) error {
		body := soleBlock(op, 0)
		if body == nil || len(body.Args()) != op.NumOperands()-2 || op.NumResults() != op.NumOperands()-3 {
			return op.Errorf("body arguments, initial values and results differ in number")
		}
		if t := body.Arg(0).Type(); t != ir.Type(ir.Index) {
			return op.Errorf("the counter must be index, got %s", t)
		}
		if step, ok := arith.ConstantValue(op.Operand(2)); ok && step.I <= 0 {
			return op.Errorf("the step must be positive, got %d", step.I)
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
		body := soleBlock(op, 0)
		if body == nil || len(body.Args()) != 1+op.NumResults() || op.NumOperands() != 3+op.NumResults() {
			p.Generic(op)
			return
		}
		p.Write("scf.for ", p.ValueName(body.Arg(0)), " = ", p.ValueName(op.Operand(0)), " to ", p.ValueName(op.Operand(1)),
			" step ", p.ValueName(op.Operand(2)))
		if n := op.NumResults(); n > 0 {
			p.Write(" iter_args")
			printAssignments(p, body.Args()[1:], op.Operands()[3:])
			p.Write(" -> (")
			p.Types(ir.TypesOf(op.Results()))
			p.Write(")")
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

// checkYield verifies that a body ends in a yield of op's results.
func checkYield(op *ir.Op, b *ir.Block) error {
	y := b.Last()
	if y == nil || y.Name != OpYield {
		return op.Errorf("the body must end in %s", OpYield)
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
		carried, inits, err := parseAssignments(p)
		if err != nil {
			return err
		}
		args, operands = append(args, carried...), append(operands, inits...)
		for _, tok := range []string{"->", "("} {
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
	s.Results = append([]ir.Type{}, types...)
	if err := p.ResolveAll(operands, append([]ir.Type{ir.Index, ir.Index, ir.Index}, types...), pos, s); err != nil {
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

var yieldDef = ir.OpDef{
	Name: OpYield, Summary: "the end of a loop's or branch's body, with its values",
	Example:  "scf.yield %x : f32",
	Operands: ir.Params(ir.Var("results", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Verify: func(op *ir.Op) error {
		return inside(op, OpFor, OpIf, OpWhile, OpParallel)
	},
	Print: PrintYield, Parse: ParseYield,
}

// inside verifies that op stands directly in one of the given ops.
func inside(op *ir.Op, parents ...ir.OpName) error {
	p := op.Parent()
	if p != nil && slices.Contains(parents, p.Name) {
		return nil
	}
	return op.Errorf("must stand in one of %v", parents)
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
