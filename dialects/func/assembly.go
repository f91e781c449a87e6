package funcs

import "github.com/cladopt/cladopt/ir"

func printFunc(p *ir.Printer, op *ir.Op) {
	p.Write("func.func ")
	if v := op.Str(visibility); v != "" {
		p.Write(v, " ")
	}
	p.Write(ir.SymbolRefAttr{Path: op.Str(ir.SymbolName)}.String(), "(")
	t := Type(op)
	for i, x := range t.Inputs() {
		if i > 0 {
			p.Write(", ")
		}
		b := op.Body()
		named := b != nil && i < len(b.Args())
		if named {
			p.Write(p.ValueName(b.Arg(i)), ": ")
		}
		p.Write(x.String())
		printAttrs(p, ArgAttrs(op, i))
		if named {
			p.Location(b.Arg(i).Loc())
		}
	}
	p.Write(")")
	if results := t.Results(); len(results) > 0 {
		p.Write(" -> ")
		_, nested := results[0].(*ir.FunctionType)
		bare := len(results) == 1 && !nested && len(ResultAttrs(op, 0).Entries) == 0
		if !bare {
			p.Write("(")
		}
		for i, x := range results {
			if i > 0 {
				p.Write(", ")
			}
			p.Write(x.String())
			printAttrs(p, ResultAttrs(op, i))
		}
		if !bare {
			p.Write(")")
		}
	}
	p.AttrDictWithKeyword(op, ir.SymbolName, "function_type", visibility, argAttrs, resultAttrs)
	if op.Body() != nil {
		p.Write(" ")
		p.Region(op.Region(0), false)
	}
}

func printAttrs(p *ir.Printer, d *ir.DictAttr) {
	if len(d.Entries) > 0 {
		p.Write(" ", d.String())
	}
}

func parseFunc(p ir.AsmParser, s *ir.State) error {
	for _, v := range []string{"private", "public", "nested"} {
		if p.OptionalKeyword(v) {
			s.Attrs = append(s.Attrs, ir.NamedAttr{Name: visibility, Attr: ir.StringAttr(v)})
			break
		}
	}
	name, err := p.ParseSymbolName()
	if err != nil {
		return err
	}
	if err := p.ParseToken("("); err != nil {
		return err
	}
	var args []ir.Argument
	var inputs, results []ir.Type
	var ofArgs, ofResults []*ir.DictAttr
	for !p.OptionalToken(")") {
		if len(inputs) > 0 {
			if err := p.ParseToken(","); err != nil {
				return err
			}
		}
		a, err := parseParameter(p)
		if err != nil {
			return err
		}
		args = append(args, a)
		inputs = append(inputs, a.Type)
		ofArgs = append(ofArgs, a.Attrs)
	}
	if p.OptionalToken("->") {
		if results, ofResults, err = parseResults(p); err != nil {
			return err
		}
	}
	s.Results = []ir.Type{}
	s.Attrs = append(s.Attrs, ir.NamedAttr{Name: ir.SymbolName, Attr: ir.StringAttr(name)},
		ir.NamedAttr{Name: "function_type", Attr: ir.TypeAttr{Type: ir.Func(inputs, results)}})
	addAttrs(s, argAttrs, ofArgs)
	addAttrs(s, resultAttrs, ofResults)
	if err := p.OptionalAttrDictWithKeyword(s); err != nil {
		return err
	}
	r, ok, err := p.OptionalRegion(args)
	if err != nil {
		return err
	}
	if !ok {
		r = ir.NewRegion() // a declaration
	}
	s.Regions = []*ir.Region{r}
	return nil
}

// parseParameter reads %name: type {attrs}, or type {attrs} in a declaration.
func parseParameter(p ir.AsmParser) (ir.Argument, error) {
	operand, named, err := p.OptionalOperand()
	if err != nil {
		return ir.Argument{}, err
	}
	a := ir.Argument{Name: operand, Loc: ir.At(operand.Pos)}
	if named {
		if err := p.ParseToken(":"); err != nil {
			return a, err
		}
	}
	if a.Type, err = p.ParseType(); err != nil {
		return a, err
	}
	a.Attrs, err = parseDict(p)
	if err == nil {
		a.Loc, err = p.OptionalLoc(a.Loc)
	}
	return a, err
}

func parseDict(p ir.AsmParser) (*ir.DictAttr, error) {
	var s ir.State
	if err := p.OptionalAttrDict(&s); err != nil {
		return nil, err
	}
	return ir.Dict(s.Attrs...), nil
}

func parseResults(p ir.AsmParser) (types []ir.Type, attrs []*ir.DictAttr, err error) {
	if !p.OptionalToken("(") {
		t, err := p.ParseType()
		return []ir.Type{t}, nil, err
	}
	for !p.OptionalToken(")") {
		if len(types) > 0 {
			if err := p.ParseToken(","); err != nil {
				return nil, nil, err
			}
		}
		t, err := p.ParseType()
		if err != nil {
			return nil, nil, err
		}
		d, err := parseDict(p)
		if err != nil {
			return nil, nil, err
		}
		types, attrs = append(types, t), append(attrs, d)
	}
	return types, attrs, nil
}

// addAttrs records attributes of arguments or results unless all are empty.
func addAttrs(s *ir.State, name string, dicts []*ir.DictAttr) {
	any := false
	elems := make([]ir.Attr, len(dicts))
	for i, d := range dicts {
		elems[i] = d
		any = any || len(d.Entries) > 0
	}
	if any {
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: name, Attr: ir.Array(elems...)})
	}
}
