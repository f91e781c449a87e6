package mlir

import (
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// ParseType reads a type.
func (p *parser) ParseType() (ir.Type, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch c := p.peek(); {
	case c == '(':
		return p.ParseFunctionType()
	case c == '!':
		return p.dialectType()
	}
	saved := p.scanner
	start := p.pos
	word := p.word()
	if p.pos < len(p.src) && p.src[p.pos] == '<' {
		if !p.balanced() {
			p.scanner = saved
			return nil, p.fail("a type does not end")
		}
		text := p.src[start:p.pos]
		if t := p.types[text]; t != nil {
			return t, nil
		}
		end := p.scanner
		p.scanner = saved
		t, err := p.shaped(word)
		if err != nil {
			return nil, err
		}
		if p.pos != end.pos {
			return nil, p.fail("got %s, expected the end of the type", p.got())
		}
		if !strings.ContainsAny(text, "#!") {
			p.types[text] = t // an alias may mean something else elsewhere
		}
		return t, nil
	}
	if t := scalarType(word); t != nil {
		return t, nil
	}
	p.scanner = saved
	return nil, p.fail("got %s, expected a type", p.got())
}

// scalarType is the type of that name, or nil.
func scalarType(word string) ir.Type {
	switch word {
	case "f16":
		return ir.F16
	case "bf16":
		return ir.BF16
	case "f32":
		return ir.F32
	case "f64":
		return ir.F64
	case "index":
		return ir.Index
	case "none":
		return ir.None
	}
	digits, sign := "", ir.Signless
	switch {
	case strings.HasPrefix(word, "si"):
		digits, sign = word[2:], ir.Signed
	case strings.HasPrefix(word, "ui"):
		digits, sign = word[2:], ir.Unsigned
	case strings.HasPrefix(word, "i"):
		digits = word[1:]
	}
	if n, err := strconv.Atoi(digits); err == nil && n > 0 && n < 1<<24 && digits[0] != '0' {
		return ir.IntOf(n, sign)
	}
	return nil
}

// dialectType reads !alias or !dialect.name<..>.
func (p *parser) dialectType() (ir.Type, error) {
	saved := p.scanner
	p.pos++
	name := p.suffix()
	if _, ok := p.aliases["!"+name]; ok {
		p.scanner = saved
		return readAlias(p, p.ParseType)
	}
	if name == "" || !strings.Contains(name, ".") {
		p.scanner = saved
		return nil, p.fail("got %s, expected a type such as !dialect.name", p.got())
	}
	if p.pos < len(p.src) && p.src[p.pos] == '<' && !p.balanced() {
		p.scanner = saved
		return nil, p.fail("a type does not end")
	}
	return ir.Opaque(p.src[saved.pos:p.pos]), nil
}

// shaped reads tensor<..>, memref<..>, vector<..> and tuple<..>.
func (p *parser) shaped(word string) (ir.Type, error) {
	start := p.pos
	p.word()
	if err := p.ParseToken("<"); err != nil {
		return nil, err
	}
	switch word {
	case "tuple":
		var elems []ir.Type
		if p.peek() != '>' {
			var err error
			if elems, err = p.ParseTypeList(); err != nil {
				return nil, err
			}
		}
		return ir.Tuple(elems), p.ParseToken(">")
	case "tensor", "memref", "vector":
	default:
		return nil, p.fail("unknown type %s", word)
	}
	if p.accept("*x") {
		if _, err := p.ParseType(); err != nil {
			return nil, err
		}
		if err := p.ParseToken(">"); err != nil {
			return nil, err
		}
		return ir.Opaque(p.src[start:p.pos]), nil
	}
	shape, err := p.dimensions()
	if err != nil {
		return nil, err
	}
	elem, err := p.ParseType()
	if err != nil {
		return nil, err
	}
	var extra []ir.Attr
	for p.accept(",") {
		a, err := p.layout()
		if err != nil {
			return nil, err
		}
		extra = append(extra, a)
	}
	if err := p.ParseToken(">"); err != nil {
		return nil, err
	}
	get := func(i int) ir.Attr {
		if i < len(extra) {
			return extra[i]
		}
		return nil
	}
	switch {
	case word == "vector" && len(extra) == 0:
		return ir.Vector(shape, elem), nil
	case word == "tensor" && len(extra) <= 1:
		return ir.EncodedTensor(shape, elem, get(0)), nil
	case word == "memref" && len(extra) <= 2:
		layout, space := get(0), get(1)
		if _, number := layout.(ir.IntegerAttr); number && space == nil {
			layout, space = nil, layout
		}
		if m, ok := layout.(ir.AffineMapAttr); ok && m.Map.IsIdentity() && m.Map.Dims == len(shape) {
			layout = nil
		}
		if s, ok := layout.(*ir.StridedAttr); ok && len(s.Strides) != len(shape) {
			return nil, p.fail("the layout has %d strides, the memref %d dimensions", len(s.Strides), len(shape))
		}
		return ir.MemRefOf(shape, elem, layout, space), nil
	}
	return nil, p.fail("got %d attributes in a %s type", len(extra), word)
}

// layout reads strided<..> or an attribute.
func (p *parser) layout() (ir.Attr, error) {
	saved := p.scanner
	if p.word() == "strided" && p.accept("<") {
		return p.strided()
	}
	p.scanner = saved
	return p.ParseAttr()
}

func (p *parser) strided() (ir.Attr, error) {
	if err := p.ParseToken("["); err != nil {
		return nil, err
	}
	a := &ir.StridedAttr{}
	size := func() (int64, error) {
		if p.accept("?") {
			return ir.Dynamic, nil
		}
		return p.ParseInteger()
	}
	for !p.accept("]") {
		if len(a.Strides) > 0 {
			if err := p.ParseToken(","); err != nil {
				return nil, err
			}
		}
		n, err := size()
		if err != nil {
			return nil, err
		}
		a.Strides = append(a.Strides, n)
	}
	if p.accept(",") {
		if err := p.ParseKeyword("offset"); err != nil {
			return nil, err
		}
		if err := p.ParseToken(":"); err != nil {
			return nil, err
		}
		var err error
		if a.Offset, err = size(); err != nil {
			return nil, err
		}
	}
	return a, p.ParseToken(">")
}

// dimensions reads 4x?x up to the element type.
func (p *parser) dimensions() ([]int64, error) {
	var shape []int64
	for {
		p.space()
		start := p.pos
		switch {
		case p.pos < len(p.src) && p.src[p.pos] == '?':
			p.pos++
			shape = append(shape, ir.Dynamic)
		case p.pos < len(p.src) && isDigit(p.src[p.pos]):
			for p.pos < len(p.src) && isDigit(p.src[p.pos]) {
				p.pos++
			}
			n, err := strconv.ParseInt(p.src[start:p.pos], 10, 64)
			if err != nil {
				text := p.src[start:p.pos]
				p.pos = start
				return nil, p.fail("the size %.40s does not fit 64 bits", text)
			}
			shape = append(shape, n)
		default:
			return shape, nil
		}
		if p.pos >= len(p.src) || p.src[p.pos] != 'x' {
			return nil, p.fail("got %s, expected x after a size", p.got())
		}
		p.pos++
	}
}

// ParseTypeList reads types separated by commas, at least one.
func (p *parser) ParseTypeList() ([]ir.Type, error) {
	var out []ir.Type
	for {
		t, err := p.ParseType()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if !p.accept(",") {
			return out, nil
		}
	}
}

// ParseFunctionType reads (types) -> types.
func (p *parser) ParseFunctionType() (*ir.FunctionType, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	inputs, err := p.typesInParentheses()
	if err != nil {
		return nil, err
	}
	if err := p.ParseToken("->"); err != nil {
		return nil, err
	}
	if p.peek() == '(' {
		results, err := p.typesInParentheses()
		if err != nil {
			return nil, err
		}
		return ir.Func(inputs, results), nil
	}
	t, err := p.ParseType()
	if err != nil {
		return nil, err
	}
	return ir.Func(inputs, []ir.Type{t}), nil
}

func (p *parser) typesInParentheses() ([]ir.Type, error) {
	if err := p.ParseToken("("); err != nil {
		return nil, err
	}
	if p.accept(")") {
		return nil, nil
	}
	types, err := p.ParseTypeList()
	if err != nil {
		return nil, err
	}
	return types, p.ParseToken(")")
}
