package torchscript

import (
	"errors"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// attrs reads the attributes of a node, behind their "[".
func (b *body) attrs() ([]Attr, *diag.Error) {
	if b.accept("]") {
		return nil, nil
	}
	attrs := make([]Attr, 0, 1)
	for {
		a, err := b.attr(0)
		if err != nil {
			return attrs, err
		}
		attrs = append(attrs, a)
		if b.accept("]") {
			return attrs, nil
		}
		if !b.accept(",") {
			return attrs, b.unexpected(`"," or "]"`)
		}
	}
}

// attr reads name=value.
func (b *body) attr(depth int) (a Attr, err *diag.Error) {
	t := b.peek()
	if t.Type != tokIdent {
		return a, b.unexpected("an attribute's name")
	}
	b.next()
	a.Pos, a.Name = position(t.Pos), t.Value
	if err = b.expect("="); err != nil {
		return a, err
	}
	a.Value, err = b.value(depth)
	return a, err
}

// value reads a constant inside of depth others.
func (b *body) value(depth int) (Value, *diag.Error) {
	t := b.peek()
	pos := position(t.Pos)
	if depth > maxDepth {
		e := diag.Errorf(pos, "values nest deeper than %d", maxDepth)
		e.Op = b.op
		return nil, e
	}
	switch t.Type {
	case tokInt, tokFloat, tokComplex:
		b.next()
		return b.number(t.Value, pos), nil
	case tokString:
		b.next()
		return b.str(t.Value, pos), nil
	case tokType:
		b.next()
		return &TypeValue{pos, b.typ(t.Value, t.Pos)}, nil
	case tokElided:
		b.next()
		return &ElidedValue{pos, t.Value}, nil
	case tokRawTensor:
		b.next()
		v := &RawTensorValue{Pos: pos, Text: t.Value}
		if err := decodeRawTensor(v); err != nil {
			b.faultAt(pos, "%s", err)
		}
		return v, nil
	case tokIdent:
		b.next()
		return b.named(t.Value, pos, depth)
	}
	switch {
	case b.accept("["):
		elems, err := b.elems("]", depth)
		return &ListValue{pos, elems}, err
	case b.accept("("):
		elems, err := b.elems(")", depth)
		if err == nil && b.peek().Type == tokSuffix {
			return b.tupleType(elems, pos)
		}
		return &TupleValue{pos, elems}, err
	case b.accept("{"):
		return b.braced(pos, depth)
	}
	return nil, b.unexpected("a value")
}

// elems reads the elements of a list or tuple, and its end.
func (b *body) elems(closing string, depth int) ([]Value, *diag.Error) {
	var elems []Value
	for !b.accept(closing) {
		if len(elems) > 0 {
			if !b.accept(",") {
				return elems, b.unexpected(`"," or ` + strconv.Quote(closing))
			}
			if closing == ")" && b.accept(closing) { // (1,)
				return elems, nil
			}
		}
		v, err := b.value(depth + 1)
		if err != nil {
			return elems, err
		}
		elems = append(elems, v)
	}
	return elems, nil
}

// tupleType makes a type of a tuple that turned out to be one: (int, str)[].
func (b *body) tupleType(elems []Value, pos diag.Pos) (Value, *diag.Error) {
	typ := &Type{Kind: KindTuple}
	for _, e := range elems {
		switch e := e.(type) {
		case *TypeValue:
			typ.Elems = append(typ.Elems, e.Type)
		case *NameValue:
			typ.Elems = append(typ.Elems, &Type{Kind: KindClass, Name: e.Name})
		case *NoneValue:
			typ.Elems = append(typ.Elems, &Type{Kind: KindSimple, Name: "None"})
		default:
			b.faultAt(e.Position(), "got %s in a tuple type, expected a type", e)
		}
	}
	for suffixes := 0; b.peek().Type == tokSuffix; suffixes++ {
		if suffixes >= maxDepth {
			return nil, b.unexpected(`"," or "]"`)
		}
		kind := KindList
		if b.next().Value == "?" {
			kind = KindOptional
		}
		typ = &Type{Kind: kind, Elems: []*Type{typ}}
	}
	return &TypeValue{pos, typ}, nil
}

// braced reads a dict or a tensor of one element, behind the "{".
func (b *body) braced(pos diag.Pos, depth int) (Value, *diag.Error) {
	dict := &DictValue{Pos: pos}
	if b.accept("}") {
		return dict, nil
	}
	for {
		key, err := b.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if len(dict.Entries) == 0 && b.accept("}") {
			return b.scalarTensor(key, pos), nil
		}
		if err := b.expect(":"); err != nil {
			return nil, err
		}
		val, err := b.value(depth + 1)
		if err != nil {
			return nil, err
		}
		dict.Entries = append(dict.Entries, DictEntry{key, val})
		if b.accept("}") {
			return dict, nil
		}
		if !b.accept(",") {
			return nil, b.unexpected(`"," or "}"`)
		}
	}
}

// scalarTensor is {elem}; a complex element is printed (re,im).
func (b *body) scalarTensor(elem Value, pos diag.Pos) Value {
	switch e := elem.(type) {
	case *IntValue, *FloatValue:
		return &ScalarTensorValue{pos, elem}
	case *TupleValue:
		if len(e.Elems) == 2 {
			re, ok := real64(e.Elems[0])
			im, ok2 := real64(e.Elems[1])
			if ok && ok2 {
				return &ScalarTensorValue{pos, &ComplexValue{e.Pos, complex(re, im)}}
			}
		}
	}
	b.faultAt(elem.Position(), "got %s in a tensor of one element, expected a number", elem)
	return &ScalarTensorValue{pos, elem}
}

// real64 is the value of an int or float.
func real64(v Value) (float64, bool) {
	switch v := v.(type) {
	case *IntValue:
		return float64(v.Value), true
	case *FloatValue:
		return v.Value, true
	}
	return 0, false
}

// named reads what begins with a word: True, annotate(...), torch.device(...).
func (b *body) named(word string, pos diag.Pos, depth int) (Value, *diag.Error) {
	if b.accept("(") {
		if word == "annotate" {
			return b.annotated(pos, depth)
		}
		return b.call(word, pos, depth)
	}
	switch word {
	case "True", "False":
		return &BoolValue{pos, word == "True"}, nil
	case "None":
		return &NoneValue{pos}, nil
	}
	return &NameValue{pos, word}, nil
}

func (b *body) annotated(pos diag.Pos, depth int) (Value, *diag.Error) {
	t := b.peek()
	if t.Type != tokType {
		return nil, b.unexpected("a type")
	}
	b.next()
	v := &AnnotatedValue{Pos: pos, Type: b.typ(t.Value, t.Pos)}
	err := b.expect(",")
	if err == nil {
		v.Value, err = b.value(depth + 1)
	}
	if err == nil {
		err = b.expect(")")
	}
	return v, err
}

func (b *body) call(name string, pos diag.Pos, depth int) (Value, *diag.Error) {
	v := &CallValue{Pos: pos, Name: name}
	for !b.accept(")") {
		if len(v.Args) > 0 && !b.accept(",") {
			return nil, b.unexpected(`"," or ")"`)
		}
		arg, err := b.arg(depth + 1)
		if err != nil {
			return nil, err
		}
		v.Args = append(v.Args, arg)
	}
	return v, nil
}

// arg reads value or name=value.
func (b *body) arg(depth int) (Attr, *diag.Error) {
	start := b.lex.MakeCheckpoint()
	if b.next().Type == tokIdent && b.is("=") {
		b.lex.LoadCheckpoint(start)
		return b.attr(depth)
	}
	b.lex.LoadCheckpoint(start)
	pos := position(b.peek().Pos)
	v, err := b.value(depth)
	return Attr{Pos: pos, Value: v}, err
}

// number reads the text of an Int, Float or Complex token.
func (b *body) number(text string, pos diag.Pos) Value {
	if imag, ok := strings.CutSuffix(text, "j"); ok {
		re := 0.0
		// The imaginary part begins at the last sign that is not an exponent's.
		for i := len(imag) - 1; i > 0; i-- {
			if (imag[i] == '+' || imag[i] == '-') && imag[i-1] != 'e' && imag[i-1] != 'E' {
				re, imag = b.float(imag[:i], pos), imag[i:]
				break
			}
		}
		return &ComplexValue{pos, complex(re, b.float(imag, pos))}
	}
	if strings.ContainsAny(text, ".eEn") { // the n of inf and nan
		return &FloatValue{pos, b.float(text, pos)}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b.faultAt(pos, "%s is too large for a signed 64-bit integer", text)
	}
	return &IntValue{pos, n}
}

func (b *body) float(text string, pos diag.Pos) float64 {
	x, err := strconv.ParseFloat(strings.Replace(text, "-nan", "nan", 1), 64)
	if err != nil {
		b.faultAt(pos, "%s is too large for a 64-bit float", text)
	}
	return x
}

// str reads the text of a String token.
func (b *body) str(text string, pos diag.Pos) Value {
	s, offset, err := unquote(text[1 : len(text)-1])
	if err != nil {
		pos := pos
		pos.Col += 1 + offset
		b.faultAt(pos, "%s", err)
	}
	return &StringValue{pos, s}
}

// escapes are the letters after a backslash that stand for another byte.
const escapes = "a\ab\bf\fn\nr\rt\tv\v\\\\''\"\"??"

// unquote undoes LibTorch's escapes. A fault comes with its offset.
//
// A byte that is not printable is a backslash and three octal digits. For bytes
// of 0x80 and above LibTorch divides a signed char, so that its digits are
// negative and come out as the characters before '0': é, C3 A9, is \0)+\/.)
// which says 0*64-7*8-5 = -61 and -1*64-2*8-7 = -87.
func unquote(s string) (string, int, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, 0, nil
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			continue
		}
		rest := s[i+1:]
		if rest != "" {
			if e := strings.IndexByte(escapes, rest[0]); e >= 0 && e%2 == 0 {
				out.WriteByte(escapes[e+1])
				i++
				continue
			}
		}
		c, ok := octal(rest)
		if !ok {
			return out.String(), i, errors.New("unknown escape in a string, expected one of \\abfnrtv\"'?\\ or three octal digits")
		}
		out.WriteByte(c)
		i += 3
	}
	return out.String(), 0, nil
}

// octal reads the three digits of an escaped byte, all positive or all negative.
func octal(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	n, positive, negative := 0, true, true
	for i := 0; i < 3; i++ {
		d := int(s[i]) - '0'
		positive = positive && 0 <= d && d <= 7
		negative = negative && -7 <= d && d <= 0
		n = n*8 + d
	}
	return byte(n), positive && n <= 0xff || negative && n >= -0x80
}
