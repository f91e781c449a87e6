package scf

import "github.com/cladopt/cladopt/ir"

// Parallel runs body for every combination of counters, in any order; the body must
// not depend on it.
func Parallel(b *ir.Builder, lo, hi, step []*ir.Value, body func(b *ir.Builder, ivs []*ir.Value)) *ir.Op {
	n := len(lo)
	block := ir.NewBlock(ir.TypesOf(lo)...)
	operands := append(append(append([]*ir.Value{}, lo...), hi...), step...)
	op := b.Insert(ir.State{Name: OpParallel, Operands: operands, Results: []ir.Type{}, Regions: []*ir.Region{ir.NewRegion(block)},
		Attrs: []ir.NamedAttr{parallelSegments(n, 0)}})
	inner := b.In(block)
	body(inner, block.Args())
	Yield(inner)
	return op
}

func parallelSegments(loops, inits int) ir.NamedAttr {
	n := int64(loops)
	return ir.NamedAttr{Name: "operand_segment_sizes", Attr: ir.I32Array(n, n, n, int64(inits))}
}

// parallelLoops is the number of loops; false if the operands do not fit.
func parallelLoops(op *ir.Op) (int, bool) {
	s := op.Ints("operand_segment_sizes")
	if len(s) != 4 || s[0] < 1 || s[0] > int64(op.NumOperands()) || s[1] != s[0] || s[2] != s[0] ||
		s[3] != int64(op.NumOperands())-3*s[0] || s[3] < 0 {
		return 0, false
	}
	return int(s[0]), true
}

var parallelDef = ir.OpDef{
	Name: OpParallel, Summary: "nested loops whose iterations may run in any order",
	Example: "%r = scf.parallel (%i) = (%lo) to (%hi) step (%s) init (%x) -> f32 {\n" +
		"  scf.reduce(%x) : f32 {\n  ^bb0(%a: f32, %b: f32):\n    %n = arith.addf %a, %b : f32\n    scf.reduce.return %n : f32\n  }\n" +
		"  scf.yield\n}",
	Operands: ir.Params(ir.Var("lowerBound", index), ir.Var("upperBound", index), ir.Var("step", index), ir.Var("initVals", ir.AnyType)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Attrs: []ir.AttrParam{{Name: "operand_segment_sizes", Required: true, Doc: "how many bounds, steps and initial values there are",
		Kind: ir.AttrKind{Name: "array<i32: loops, loops, loops, values>", Holds: func(a ir.Attr) bool { _, ok := a.(*ir.DenseArrayAttr); return ok }}}},
	Regions: 1,
	Verify:  verifyParallel,
	Print:   printParallel, Parse: parseParallel,
}

func verifyParallel(op *ir.Op) error {
	n, ok := parallelLoops(op)
	body := soleBlock(op, 0)
	if !ok || body == nil {
		return op.Errorf("must have one block, and as many lower bounds, upper bounds and steps")
	}
	for i := 0; i < 3*n; i++ {
		if t := op.Operand(i).Type(); t != ir.Type(ir.Index) {
			return op.Errorf("operand %d must be index, got %s", i, t)
		}
	}
	counters := make([]ir.Type, n)
	for i := range counters {
		counters[i] = ir.Index
	}
	if err := sameTypes(op, "body arguments", ir.TypesOf(body.Args()), "counters", counters); err != nil {
		return err
	}
	if err := sameTypes(op, "initial values", ir.TypesOf(op.Operands()[3*n:]), "results", ir.TypesOf(op.Results())); err != nil {
		return err
	}
	y := body.Last()
	if y == nil || y.Name != OpYield || y.NumOperands() > 0 {
		return op.Errorf("the body must end in a %s of nothing", OpYield)
	}
	var reduced []ir.Type
	for inner := body.First(); inner != nil; inner = inner.Next() {
		if inner.Name == OpReduce {
			reduced = append(reduced, ir.TypesOf(inner.Operands())...)
		}
	}
	return sameTypes(op, "reductions", reduced, "results", ir.TypesOf(op.Results()))
}

func printParallel(p *ir.Printer, op *ir.Op) {
	n, ok := parallelLoops(op)
	body := soleBlock(op, 0)
	if !ok || body == nil {
		p.Generic(op)
		return
	}
	operands := op.Operands()
	p.Write("scf.parallel (")
	p.Operands(body.Args())
	for i, word := range []string{") = (", ") to (", ") step ("} {
		p.Write(word)
		p.Operands(operands[i*n : (i+1)*n])
	}
	p.Write(")")
	if inits := operands[3*n:]; len(inits) > 0 {
		p.Write(" init (")
		p.Operands(inits)
		p.Write(") -> ")
		if types := ir.TypesOf(op.Results()); len(types) == 1 {
			p.Types(types)
		} else {
			p.Write("(")
			p.Types(types)
			p.Write(")")
		}
	}
	p.Write(" ")
	p.Region(op.Region(0), false)
	p.AttrDict(op, "operand_segment_sizes")
}

// parseList reads (%a, %b).
func parseList(p ir.AsmParser) ([]ir.UnresolvedOperand, error) {
	if err := p.ParseToken("("); err != nil {
		return nil, err
	}
	list, err := p.ParseOperandList()
	if err != nil {
		return nil, err
	}
	return list, p.ParseToken(")")
}

func parseParallel(p ir.AsmParser, s *ir.State) error {
	pos := p.Pos()
	ivs, err := parseList(p)
	if err != nil {
		return err
	}
	args := []ir.Argument{}
	for _, iv := range ivs {
		args = append(args, ir.Argument{Name: iv, Type: ir.Index, Loc: ir.At(iv.Pos)})
	}
	var operands []ir.UnresolvedOperand
	var types []ir.Type
	for _, word := range []string{"=", "to", "step"} {
		if word == "=" {
			err = p.ParseToken(word)
		} else {
			err = p.ParseKeyword(word)
		}
		if err != nil {
			return err
		}
		list, err := parseList(p)
		if err != nil {
			return err
		}
		if len(list) != len(ivs) {
			return p.Errorf(pos, "scf.parallel: got %d bounds or steps for %d loops", len(list), len(ivs))
		}
		operands = append(operands, list...)
		for range list {
			types = append(types, ir.Index)
		}
	}
	s.Results = []ir.Type{}
	if p.OptionalKeyword("init") {
		inits, err := parseList(p)
		if err != nil {
			return err
		}
		operands = append(operands, inits...)
		if err := p.ParseToken("->"); err != nil {
			return err
		}
		paren := p.OptionalToken("(")
		if s.Results, err = p.ParseTypeList(); err != nil {
			return err
		}
		if paren {
			if err := p.ParseToken(")"); err != nil {
				return err
			}
		}
		types = append(types, s.Results...)
	}
	s.Attrs = append(s.Attrs, parallelSegments(len(ivs), len(operands)-3*len(ivs)))
	if err := p.ResolveAll(operands, types, pos, s); err != nil {
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

var reduceDef = ir.OpDef{
	Name: OpReduce, Summary: "adds a value to a reduction of a parallel loop",
	Example:  "scf.reduce(%x) : f32 {\n^bb0(%a: f32, %b: f32):\n  %n = arith.addf %a, %b : f32\n  scf.reduce.return %n : f32\n}",
	Operands: ir.Params(ir.P("operand", ir.AnyType)),
	Regions:  1,
	Verify: func(op *ir.Op) error {
		if err := inside(op, OpParallel); err != nil {
			return err
		}
		body, t := soleBlock(op, 0), op.Operand(0).Type()
		if body == nil {
			return op.Errorf("must have one block")
		}
		if err := sameTypes(op, "body arguments", ir.TypesOf(body.Args()), "reduced values", []ir.Type{t, t}); err != nil {
			return err
		}
		r := body.Last()
		if r == nil || r.Name != OpReduceReturn {
			return op.Errorf("the body must end in %s", OpReduceReturn)
		}
		return sameTypes(r, "returned values", ir.TypesOf(r.Operands()), "reduced values", []ir.Type{t})
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		if len(op.Attrs()) > 0 {
			p.Generic(op) // MLIR's form has no place for them
			return
		}
		p.Write("scf.reduce(", p.ValueName(op.Operand(0)), ") : ", op.Operand(0).Type().String(), " ")
		p.Region(op.Region(0), true)
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		x, err := parseParenthesized(p)
		if err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		t, err := p.ParseType()
		if err != nil {
			return err
		}
		v, err := p.Resolve(x, t)
		if err != nil {
			return err
		}
		r, err := p.ParseRegion(nil)
		if err != nil {
			return err
		}
		s.Operands, s.Results, s.Regions = []*ir.Value{v}, []ir.Type{}, []*ir.Region{r}
		return nil
	},
}

var reduceReturnDef = ir.OpDef{
	Name: OpReduceReturn, Summary: "the end of a reduction's body",
	Example:  "scf.reduce.return %x : f32",
	Operands: ir.Params(ir.P("result", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Verify:   func(op *ir.Op) error { return inside(op, OpReduce) },
	Print: func(p *ir.Printer, op *ir.Op) {
		if len(op.Attrs()) > 0 {
			p.Generic(op) // MLIR has them in another place than its other yields
			return
		}
		PrintYield(p, op)
	},
	Parse: ParseYield,
}
