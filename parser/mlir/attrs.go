package mlir

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// ParseAttr reads an attribute.
func (p *parser) ParseAttr() (ir.Attr, error) { return p.ParseTypedAttr(nil) }

// ParseTypedAttr reads an attribute; a number without a type has type t, or i64 and
// f64 if t is nil.
func (p *parser) ParseTypedAttr(t ir.Type) (ir.Attr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch c := p.peek(); {
	case c == '"':
		s, err := p.ParseString()
		return ir.StringAttr(s), err
	case c == '[':
		return p.array()
	case c == '{':
		var s ir.State
		err := p.OptionalAttrDict(&s)
		return ir.Dict(s.Attrs...), err
	case c == '@':
		return p.symbol()
	case c == '#':
		return p.dialectAttr()
	case c == '-' || isDigit(c):
		return p.number(t)
	case c == '(' || c == '!':
		t, err := p.ParseType()
		return ir.TypeAttr{Type: t}, err
	}
	saved := p.scanner
	switch word := p.word(); word {
	case "true", "false":
		return ir.BoolAttr(word == "true"), nil
	case "unit":
		return ir.UnitAttr{}, nil
	case "array":
		return p.denseArray()
	case "dense":
		return p.dense()
	case "affine_map":
		if err := p.ParseToken("<"); err != nil {
			return nil, err
		}
		m, err := p.affineMap()
		if err != nil {
			return nil, err
		}
		return ir.AffineMapAttr{Map: m}, p.ParseToken(">")
	case "strided":
		if err := p.ParseToken("<"); err != nil {
			return nil, err
		}
		return p.strided()
	}
	p.scanner = saved
	ty, err := p.ParseType()
	if err != nil {
		return nil, p.fail("got %s, expected an attribute", p.got())
	}
	return ir.TypeAttr{Type: ty}, nil
}

// number reads an integer or float with its type.
func (p *parser) number(t ir.Type) (ir.Attr, error) {
	pos := p.here()
	text := p.numberText()
	if p.accept(":") {
		var err error
		if t, err = p.ParseType(); err != nil {
			return nil, err
		}
	}
	float := strings.ContainsAny(text, ".") || !strings.HasPrefix(text, "0x") && strings.ContainsAny(text, "eE")
	if t == nil {
		t = ir.I64
		if float {
			t = ir.F64
		}
	}
	v, ok := parseScalar(text, t)
	if !ok {
		return nil, p.Errorf(pos, "%.40s is not a number of type %s", text, t)
	}
	if ir.IsFloat(t) {
		return ir.FloatAttr{Value: v.F, Type: t}, nil
	}
	return ir.IntegerAttr{Value: v.I, Type: t}, nil
}

// numberText passes the text of a number.
func (p *parser) numberText() string {
	p.space()
	start := p.pos
	if p.pos < len(p.src) && p.src[p.pos] == '-' {
		p.pos++
	}
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		signed := (c == '-' || c == '+') && (p.src[p.pos-1] == 'e' || p.src[p.pos-1] == 'E') && !strings.HasPrefix(p.src[start:], "0x")
		if !isDigit(c) && !isLetter(c) && c != '.' && !signed {
			break
		}
		p.pos++
	}
	return p.src[start:p.pos]
}

// parseScalar reads a number of a type; a hexadecimal float is its bits.
func parseScalar(text string, t ir.Type) (ir.Scalar, bool) {
	if f, ok := t.(*ir.FloatType); ok {
		if strings.HasPrefix(text, "0x") {
			bits, err := strconv.ParseUint(text[2:], 16, f.Bits())
			if err != nil {
				return ir.Scalar{}, false
			}
			switch {
			case f.Bits() == 64:
				return ir.Scalar{F: math.Float64frombits(bits)}, true
			case f.Bits() == 32:
				return ir.Scalar{F: float64(math.Float32frombits(uint32(bits)))}, true
			case t == ir.Type(ir.BF16):
				return ir.Scalar{F: float64(math.Float32frombits(uint32(bits) << 16))}, true
			case t == ir.Type(ir.F16):
				return ir.Scalar{F: half(uint16(bits))}, true
			}
			return ir.Scalar{}, false
		}
		if !strings.Contains(text, ".") {
			return ir.Scalar{}, false // MLIR wants a point
		}
		precision := 64
		if f.Bits() <= 32 {
			precision = 32
		}
		v, err := strconv.ParseFloat(text, precision)
		return ir.Scalar{F: v}, err == nil
	}
	switch t := t.(type) {
	case *ir.IndexType:
		v, err := strconv.ParseInt(text, 0, 64)
		return ir.Scalar{I: v}, err == nil
	case *ir.IntegerType:
		bits := min(t.Bits(), 64)
		if v, err := strconv.ParseInt(text, 0, bits); err == nil {
			if bits == 1 {
				v &= 1
			}
			return ir.Scalar{I: v}, true
		}
		v, err := strconv.ParseUint(text, 0, bits)
		unused := 64 - bits
		return ir.Scalar{I: int64(v) << unused >> unused}, err == nil
	}
	return ir.Scalar{}, false
}

// half is the f16 of these bits.
func half(bits uint16) float64 {
	fraction, exponent := float64(bits&0x3ff)/1024, int(bits>>10&0x1f)
	v := math.Ldexp(1+fraction, exponent-15)
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -14)
	case 0x1f:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	}
	if bits>>15 != 0 {
		v = -v
	}
	return v
}

func (p *parser) array() (ir.Attr, error) {
	p.pos++
	var elems []ir.Attr
	for !p.accept("]") {
		if len(elems) > 0 {
			if err := p.ParseToken(","); err != nil {
				return nil, err
			}
		}
		a, err := p.ParseAttr()
		if err != nil {
			return nil, err
		}
		elems = append(elems, a)
	}
	return ir.Array(elems...), nil
}

func (p *parser) symbol() (ir.Attr, error) {
	name, err := p.ParseSymbolName()
	if err != nil {
		return nil, err
	}
	for p.accept("::") {
		inner, err := p.ParseSymbolName()
		if err != nil {
			return nil, err
		}
		name += "::@" + inner
	}
	return ir.SymbolRefAttr{Path: name}, nil
}

// dialectAttr reads #alias or #dialect.name<..>.
func (p *parser) dialectAttr() (ir.Attr, error) {
	saved := p.scanner
	p.pos++
	name := p.suffix()
	if _, ok := p.aliases["#"+name]; ok {
		p.scanner = saved
		return readAlias(p, p.ParseAttr)
	}
	if !strings.Contains(name, ".") {
		p.scanner = saved
		return nil, p.fail("%s is not defined", p.got())
	}
	if p.pos < len(p.src) && p.src[p.pos] == '<' && !p.balanced() {
		p.scanner = saved
		return nil, p.fail("an attribute does not end")
	}
	return ir.OpaqueAttr(p.src[saved.pos:p.pos]), nil
}

// denseArray reads array<i64: 1, 2>.
func (p *parser) denseArray() (ir.Attr, error) {
	if err := p.ParseToken("<"); err != nil {
		return nil, err
	}
	elem, err := p.ParseType()
	if err != nil {
		return nil, err
	}
	a := &ir.DenseArrayAttr{Elem: elem, Values: []ir.Scalar{}}
	if p.accept(":") {
		for {
			v, err := p.element(elem)
			if err != nil {
				return nil, err
			}
			a.Values = append(a.Values, v)
			if !p.accept(",") {
				break
			}
		}
	}
	return a, p.ParseToken(">")
}

// element reads one number, true or false.
func (p *parser) element(t ir.Type) (ir.Scalar, error) {
	pos := p.here()
	if ir.IsBool(t) {
		if w := p.word(); w == "true" || w == "false" {
			if w == "true" {
				return ir.Scalar{I: 1}, nil
			}
			return ir.Scalar{}, nil
		}
	}
	text := p.numberText()
	v, ok := parseScalar(text, t)
	if !ok {
		return v, p.Errorf(pos, "%.40q is not a number of type %s", text, t)
	}
	return v, nil
}

// dense reads dense<..> : tensor<..>. The elements come before their type, so they
// are read twice.
func (p *parser) dense() (ir.Attr, error) {
	p.space()
	body := p.scanner
	if p.peek() != '<' || !p.balanced() {
		p.scanner = body
		return nil, p.fail("got %s, expected dense<..>", p.got())
	}
	if err := p.ParseToken(":"); err != nil {
		return nil, err
	}
	pos := p.here()
	t, err := p.ParseType()
	if err != nil {
		return nil, err
	}
	tt, ok := t.(*ir.TensorType)
	if !ok || !ir.Static(tt.Shape()) {
		return nil, p.Errorf(pos, "dense wants a tensor type of known shape, got %s", t)
	}
	end := p.scanner
	p.scanner = body
	p.pos++
	a := &ir.DenseAttr{Type: tt}
	switch p.peek() {
	case '>':
	case '"':
		if a.Values, err = p.hexElements(tt); err != nil {
			return nil, err
		}
	default:
		if err := p.nested(tt.Elem(), &a.Values); err != nil {
			return nil, err
		}
	}
	if err := p.ParseToken(">"); err != nil {
		return nil, err
	}
	p.scanner = end
	if n, ok := ir.NumElements(tt.Shape()); !ok || int64(len(a.Values)) != n && len(a.Values) != 1 {
		return nil, p.Errorf(pos, "dense has %d elements, the type %s wants %d", len(a.Values), t, n)
	}
	return a, nil
}

// hexElements reads "0x..", the bytes of all elements or of one, each with its lowest
// byte first; booleans are bits. mlir-opt prints large ones so.
func (p *parser) hexElements(t *ir.TensorType) ([]ir.Scalar, error) {
	pos := p.here()
	text, err := p.ParseString()
	if err != nil {
		return nil, err
	}
	digits, ok := strings.CutPrefix(text, "0x")
	data, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return nil, p.Errorf(pos, "dense has the text %.40q, expected 0x and bytes of two digits", text)
	}
	elem := t.Elem()
	if ir.IsBool(elem) {
		return bits(data, t.Shape()), nil
	}
	if elem == ir.Type(ir.Index) {
		elem = ir.I64
	}
	size := int(ir.ByteSize(elem))
	if size == 0 || size > 8 || len(data)%size != 0 {
		return nil, p.Errorf(pos, "dense has %d bytes, which are no elements of type %s", len(data), elem)
	}
	var out []ir.Scalar
	for ; len(data) > 0; data = data[size:] {
		var wide [8]byte
		copy(wide[:], data[:size])
		v, ok := parseScalar(fmt.Sprintf("0x%x", binary.LittleEndian.Uint64(wide[:])), elem)
		if !ok {
			return nil, p.Errorf(pos, "the bytes %x are no number of type %s", data[:size], elem)
		}
		out = append(out, v)
	}
	return out, nil
}

// bits are the booleans of a dense attribute; one byte may stand for all elements.
func bits(data []byte, shape []int64) []ir.Scalar {
	n, _ := ir.NumElements(shape)
	if len(data) == 1 && (data[0] == 0 || data[0] == 0xff) {
		return []ir.Scalar{{I: int64(data[0] & 1)}}
	}
	if int64(len(data)) != (n+7)/8 {
		return make([]ir.Scalar, 8*len(data)) // too few or too many, as the caller says
	}
	var out []ir.Scalar
	for i := int64(0); i < n; i++ {
		out = append(out, ir.Scalar{I: int64(data[i/8] >> (i % 8) & 1)})
	}
	return out
}

func (p *parser) nested(elem ir.Type, out *[]ir.Scalar) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	if !p.accept("[") {
		v, err := p.element(elem)
		*out = append(*out, v)
		return err
	}
	for first := true; !p.accept("]"); first = false {
		if !first {
			if err := p.ParseToken(","); err != nil {
				return err
			}
		}
		if err := p.nested(elem, out); err != nil {
			return err
		}
	}
	return nil
}

// OptionalAttrDict reads { k = v, .. } into s if it is there.
func (p *parser) OptionalAttrDict(s *ir.State) error {
	if !p.accept("{") {
		return nil
	}
	for first := true; !p.accept("}"); first = false {
		if !first {
			if err := p.ParseToken(","); err != nil {
				return err
			}
		}
		pos := p.here()
		name := p.word()
		if name == "" && p.peek() == '"' {
			var err error
			if name, err = p.ParseString(); err != nil {
				return err
			}
		}
		if name == "" {
			return p.fail("got %s, expected an attribute name", p.got())
		}
		var a ir.Attr = ir.UnitAttr{}
		if p.accept("=") {
			var err error
			if a, err = p.ParseAttr(); err != nil {
				return err
			}
		}
		for _, other := range s.Attrs {
			if other.Name == name {
				return p.Errorf(pos, "attribute %q is given twice", name)
			}
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: name, Attr: a})
	}
	return nil
}

// OptionalAttrDictWithKeyword reads attributes { .. } if it is there.
func (p *parser) OptionalAttrDictWithKeyword(s *ir.State) error {
	if !p.OptionalKeyword("attributes") {
		return nil
	}
	return p.OptionalAttrDict(s)
}

// affineMap reads (d0, d1)[s0] -> (exprs).
func (p *parser) affineMap() (*ir.AffineMap, error) {
	m := &ir.AffineMap{}
	names := map[string]ir.AffineExpr{}
	list := func(open, end string, make func(i int) ir.AffineExpr) (int, error) {
		if err := p.ParseToken(open); err != nil {
			return 0, err
		}
		n := 0
		for !p.accept(end) {
			if n > 0 {
				if err := p.ParseToken(","); err != nil {
					return 0, err
				}
			}
			name, err := p.AnyKeyword()
			if err != nil {
				return 0, err
			}
			if names[name] != nil {
				return 0, p.fail("%s is listed twice", name)
			}
			names[name] = make(n)
			n++
		}
		return n, nil
	}
	var err error
	if m.Dims, err = list("(", ")", func(i int) ir.AffineExpr { return ir.AffineDim(i) }); err != nil {
		return nil, err
	}
	if p.peek() == '[' {
		if m.Syms, err = list("[", "]", func(i int) ir.AffineExpr { return ir.AffineSym(i) }); err != nil {
			return nil, err
		}
	}
	for _, tok := range []string{"->", "("} {
		if err := p.ParseToken(tok); err != nil {
			return nil, err
		}
	}
	for !p.accept(")") {
		if len(m.Results) > 0 {
			if err := p.ParseToken(","); err != nil {
				return nil, err
			}
		}
		e, err := p.affineSum(names)
		if err != nil {
			return nil, err
		}
		m.Results = append(m.Results, e)
	}
	return m, nil
}

func (p *parser) affineSum(names map[string]ir.AffineExpr) (ir.AffineExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.affineProduct(names)
	for err == nil {
		minus := false
		switch c := p.peek(); {
		case c == '+':
			p.pos++
		case c == '-' && !strings.HasPrefix(p.src[p.pos:], "->"):
			p.pos++
			minus = true
		default:
			return l, nil
		}
		var r ir.AffineExpr
		if r, err = p.affineProduct(names); err == nil {
			if minus {
				r = ir.ScaleExpr(r, -1)
			}
			l = ir.AddExpr(l, r)
		}
	}
	return nil, err
}

func (p *parser) affineProduct(names map[string]ir.AffineExpr) (ir.AffineExpr, error) {
	l, err := p.affineFactor(names)
	for err == nil {
		op := ir.AffineMul
		switch {
		case p.accept("*"):
		case p.OptionalKeyword("floordiv"):
			op = ir.AffineFloorDiv
		case p.OptionalKeyword("ceildiv"):
			op = ir.AffineCeilDiv
		case p.OptionalKeyword("mod"):
			op = ir.AffineMod
		default:
			return l, nil
		}
		var r ir.AffineExpr
		if r, err = p.affineFactor(names); err != nil {
			break
		}
		rc, rConst := r.(ir.AffineConst)
		lc, lConst := l.(ir.AffineConst)
		switch {
		case op == ir.AffineMul && rConst:
			l = ir.ScaleExpr(l, int64(rc))
		case op == ir.AffineMul && lConst:
			l = ir.ScaleExpr(r, int64(lc))
		case op == ir.AffineMul:
			return nil, p.fail("a product of two dimensions is not affine")
		case rConst && rc <= 0:
			return nil, p.fail("%s by %d, expected a positive number", op, rc)
		default:
			l = &ir.AffineBinary{Op: op, Lhs: l, Rhs: r}
		}
	}
	return nil, err
}

func (p *parser) affineFactor(names map[string]ir.AffineExpr) (ir.AffineExpr, error) {
	switch c := p.peek(); {
	case c == '(':
		p.pos++
		e, err := p.affineSum(names)
		if err != nil {
			return nil, err
		}
		return e, p.ParseToken(")")
	case c == '-' && p.pos+1 < len(p.src) && !isDigit(p.src[p.pos+1]):
		p.pos++
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		e, err := p.affineFactor(names)
		if err != nil {
			return nil, err
		}
		return ir.ScaleExpr(e, -1), nil
	case c == '-' || isDigit(c):
		n, err := p.ParseInteger()
		return ir.AffineConst(n), err
	}
	pos := p.here()
	name, err := p.AnyKeyword()
	if err != nil {
		return nil, err
	}
	if e := names[name]; e != nil {
		return e, nil
	}
	return nil, p.Errorf(pos, "%s is not a dimension or symbol of this map", name)
}
