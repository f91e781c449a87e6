package arith

import (
	"slices"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// noFastMath is the default of the fastmath attribute, which MLIR leaves out of
// the pretty form.
const noFastMath = "#arith.fastmath<none>"

// PrintSameType writes "name %a, %b fastmath<..> {attrs} : T" for ops whose operands
// and results have one type; math shares it.
func PrintSameType(p *ir.Printer, op *ir.Op) {
	p.Write(string(op.Name), " ")
	p.Operands(op.Operands())
	PrintFastMath(p, op)
	p.AttrDict(op, "fastmath")
	p.Write(" : ", op.Result(0).Type().String())
}

// PrintFastMath writes " fastmath<flags>" unless there are none.
func PrintFastMath(p *ir.Printer, op *ir.Op) {
	if a, ok := op.Attr("fastmath").(ir.OpaqueAttr); ok && a != noFastMath {
		p.Write(" ", string(a)[len("#arith."):])
	}
}

// ParseSameType reads what PrintSameType writes.
func ParseSameType(p ir.AsmParser, s *ir.State) error {
	operands, err := p.ParseOperandList()
	if err != nil {
		return err
	}
	if err := ParseFastMath(p, s); err != nil {
		return err
	}
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	t, err := p.ParseType()
	if err != nil {
		return err
	}
	s.Results = []ir.Type{t}
	return p.ResolveSame(operands, t, s)
}

// fastMathFlags are MLIR's.
var fastMathFlags = []string{"none", "reassoc", "nnan", "ninf", "nsz", "arcp", "contract", "afn", "fast"}

// ParseFastMath reads what PrintFastMath writes.
func ParseFastMath(p ir.AsmParser, s *ir.State) error {
	if !p.OptionalKeyword("fastmath") {
		return nil
	}
	if err := p.ParseToken("<"); err != nil {
		return err
	}
	flags := ""
	for {
		pos := p.Pos()
		flag, err := p.AnyKeyword()
		if err != nil {
			return err
		}
		if !slices.Contains(fastMathFlags, flag) {
			return p.Errorf(pos, "unknown fastmath flag %q, expected one of %s", flag, strings.Join(fastMathFlags, ", "))
		}
		flags += flag
		if !p.OptionalToken(",") {
			break
		}
		flags += ","
	}
	s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "fastmath", Attr: ir.OpaqueAttr("#arith.fastmath<" + flags + ">")})
	return p.ParseToken(">")
}
