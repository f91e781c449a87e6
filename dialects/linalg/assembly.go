package linalg

import (
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// structural are the attributes of generic that stand before its operands in the
// text, sorted; all others follow attrs =.
var structural = []string{"doc", indexingMaps, iteratorTypes, "library_call"}

func printGeneric(p *ir.Printer, op *ir.Op) {
	maps, ok1 := op.Attr(indexingMaps).(*ir.ArrayAttr)
	_, ok2 := op.Attr(iteratorTypes).(*ir.ArrayAttr)
	if _, inits := segments(op); !ok1 || !ok2 || inits == 0 {
		p.Generic(op)
		return
	}
	p.Write("linalg.generic {")
	first := true
	more := false
	for _, a := range op.Attrs() {
		if a.Name == segmentSizes {
			continue
		}
		if !slices.Contains(structural, a.Name) {
			more = true
			continue
		}
		if !first {
			p.Write(", ")
		}
		first = false
		switch a.Name {
		case indexingMaps:
			p.Write(indexingMaps, " = ", maps.String())
		case iteratorTypes:
			p.Write(iteratorTypes, " = [")
			for i, it := range Iterators(op) {
				if i > 0 {
					p.Write(", ")
				}
				p.Write(ir.Quote(string(it)))
			}
			p.Write("]")
		default:
			p.Write(a.String())
		}
	}
	p.Write("}")
	printOperands(p, op)
	if more {
		p.Write(" attrs =")
		p.AttrDict(op, append([]string{segmentSizes}, structural...)...)
	}
	p.Write(" ")
	p.Region(op.Region(0), true)
	printResults(p, op)
}

func printOperands(p *ir.Printer, op *ir.Op) {
	for _, part := range []struct {
		name   string
		values []*ir.Value
	}{{"ins", Inputs(op)}, {"outs", Inits(op)}} {
		if len(part.values) == 0 {
			continue
		}
		p.Write(" ", part.name, "(")
		p.Operands(part.values)
		p.Write(" : ")
		p.Types(ir.TypesOf(part.values))
		p.Write(")")
	}
}

func printResults(p *ir.Printer, op *ir.Op) {
	switch op.NumResults() {
	case 0:
	case 1:
		p.Write(" -> ", op.Result(0).Type().String())
	default:
		p.Write(" -> (")
		p.Types(ir.TypesOf(op.Results()))
		p.Write(")")
	}
}

func parseGeneric(p ir.AsmParser, s *ir.State) error {
	pos := p.Pos()
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	for i, a := range s.Attrs {
		if a.Name != iteratorTypes {
			continue
		}
		list, ok := a.Attr.(*ir.ArrayAttr)
		if !ok {
			return p.Errorf(pos, "linalg.generic: %s is %s, expected an array", iteratorTypes, a.Attr)
		}
		var elems []ir.Attr
		for _, e := range list.Elems {
			if str, ok := e.(ir.StringAttr); ok {
				e = iteratorAttr(Iterator(str))
			}
			elems = append(elems, e)
		}
		s.Attrs[i].Attr = ir.Array(elems...)
	}
	if err := parseOperands(p, s); err != nil {
		return err
	}
	if p.OptionalKeyword("attrs") {
		if err := p.ParseToken("="); err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
	}
	r, err := p.ParseRegion(nil)
	if err != nil {
		return err
	}
	s.Regions = []*ir.Region{r}
	return parseResults(p, s)
}

// parseOperands reads ins(..) outs(..) and counts what is in them.
func parseOperands(p ir.AsmParser, s *ir.State) error {
	var counts [2]int
	for i, word := range []string{"ins", "outs"} {
		if !p.OptionalKeyword(word) {
			continue
		}
		if err := p.ParseToken("("); err != nil {
			return err
		}
		pos := p.Pos()
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		types, err := p.ParseTypeList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		if err := p.ResolveAll(operands, types, pos, s); err != nil {
			return err
		}
		counts[i] = len(operands)
	}
	s.Attrs = append(s.Attrs, segmentAttr(counts[0], counts[1]))
	return nil
}

func parseResults(p ir.AsmParser, s *ir.State) (err error) {
	s.Results = []ir.Type{}
	if !p.OptionalToken("->") {
		return nil
	}
	if p.OptionalToken("(") {
		if s.Results, err = p.ParseTypeList(); err != nil {
			return err
		}
		return p.ParseToken(")")
	}
	t, err := p.ParseType()
	s.Results = []ir.Type{t}
	return err
}
