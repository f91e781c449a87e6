package torchscript

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds how deep types, values and blocks may nest. LibTorch prints
// nothing near it; without it hostile text overflows the stack.
const maxDepth = 256

// typeError is a fault at an offset of a type's text.
type typeError struct {
	offset  int
	message string
}

// typeParser reads the text of one type token.
type typeParser struct {
	text  string
	pos   int
	depth int
}

// parseType reads all of text as one type.
func parseType(text string) (*Type, *typeError) {
	p := &typeParser{text: text}
	t, err := p.typ()
	if err == nil && p.pos < len(p.text) {
		err = p.errorf("got %q after the type %s", p.rest(), t)
	}
	return t, err
}

func (p *typeParser) errorf(format string, args ...any) *typeError {
	return &typeError{p.pos, fmt.Sprintf(format, args...)}
}

// rest is what stands at the position, shortened for a message.
func (p *typeParser) rest() string {
	rest := p.text[p.pos:]
	if len(rest) > 20 {
		return rest[:20] + "..."
	}
	return rest
}

func (p *typeParser) space() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
}

// accept skips space and then s, if it is there.
func (p *typeParser) accept(s string) bool {
	start := p.pos
	p.space()
	if strings.HasPrefix(p.text[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	p.pos = start
	return false
}

func (p *typeParser) expect(s string) *typeError {
	if p.accept(s) {
		return nil
	}
	p.space()
	if p.pos == len(p.text) {
		return p.errorf("type ends where %q is expected", s)
	}
	return p.errorf("got %q in a type, expected %q", p.rest(), s)
}

func (p *typeParser) word() string {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && (isWord(p.text[p.pos]) || p.text[p.pos] == '.') {
		p.pos++
	}
	return p.text[start:p.pos]
}

// typ reads a base type and its suffixes.
func (p *typeParser) typ() (*Type, *typeError) {
	if p.depth >= maxDepth {
		return nil, p.errorf("types nest deeper than %d", maxDepth)
	}
	p.depth++
	defer func() { p.depth-- }()
	t, err := p.base()
	for suffixes := 1; err == nil; suffixes++ {
		switch {
		case p.accept("[]"):
			t = &Type{Kind: KindList, Elems: []*Type{t}}
		case p.accept("?"):
			t = &Type{Kind: KindOptional, Elems: []*Type{t}}
		default:
			return t, nil
		}
		if p.depth+suffixes > maxDepth {
			return nil, p.errorf("types nest deeper than %d", maxDepth)
		}
	}
	return nil, err
}

func (p *typeParser) base() (*Type, *typeError) {
	if p.accept("(") {
		elems, err := p.list(")")
		return &Type{Kind: KindTuple, Elems: elems}, err
	}
	word := p.word()
	start := p.pos - len(word)
	if word == "" {
		if p.pos == len(p.text) {
			return nil, p.errorf("type is missing")
		}
		return nil, p.errorf("got %q, expected a type", p.rest())
	}
	if dtype, suffixed, ok := tensorWord(word); ok {
		return p.tensor(dtype, suffixed)
	}
	kind, constructor := typeConstructors[word]
	switch {
	case constructor && p.opens():
		return p.constructed(kind)
	case simpleTypes[word]:
		return &Type{Kind: KindSimple, Name: word}, nil
	case p.opens() && p.text[p.pos] == '(':
		return nil, &typeError{start, fmt.Sprintf("unknown scalar type %q", word)}
	case word[0] == '.' || word[0] >= '0' && word[0] <= '9':
		return nil, &typeError{start, fmt.Sprintf("got %q, expected a type", word)}
	}
	return &Type{Kind: KindClass, Name: word}, nil
}

// opens reports whether a bracket follows that is not the suffix [].
func (p *typeParser) opens() bool {
	rest := p.text[p.pos:]
	return rest != "" && strings.IndexByte("([<", rest[0]) >= 0 && !strings.HasPrefix(rest, "[]")
}

// constructed reads the arguments of a type constructor.
func (p *typeParser) constructed(kind Kind) (*Type, *typeError) {
	t := &Type{Kind: kind}
	at := p.pos
	open := p.text[at]
	p.pos++
	if kind == KindEnum || kind == KindInterface {
		if open != '<' {
			p.pos = at
			return nil, p.expect("<")
		}
		if t.Name = p.word(); t.Name == "" {
			return nil, p.errorf("got %q, expected a name", p.rest())
		}
		return t, p.expect(">")
	}
	closing := map[byte]string{'(': ")", '[': "]", '<': ">"}[open]
	if open == '<' {
		p.pos = at
		return nil, p.errorf("got %q in a type, expected %q", p.rest(), "[")
	}
	var err *typeError
	switch {
	case kind == KindNamedTuple:
		err = p.fields(t, closing)
	case kind == KindTuple && p.accept("()"): // Tuple[()] is the empty tuple
		err = p.expect(closing)
	default:
		t.Elems, err = p.list(closing)
	}
	if err != nil {
		return nil, err
	}
	want := map[Kind]int{KindList: 1, KindOptional: 1, KindFuture: 1, KindRRef: 1, KindAwait: 1, KindDict: 2}[kind]
	if want != 0 && len(t.Elems) != want {
		return nil, &typeError{at, fmt.Sprintf("got %d types in the brackets, expected %d", len(t.Elems), want)}
	}
	return t, nil
}

// list reads types up to closing.
func (p *typeParser) list(closing string) ([]*Type, *typeError) {
	var elems []*Type
	if p.accept(closing) {
		return elems, nil
	}
	for {
		t, err := p.typ()
		if err != nil {
			return nil, err
		}
		elems = append(elems, t)
		if !p.accept(",") {
			return elems, p.expect(closing)
		}
	}
}

// fields reads the name : type pairs of a NamedTuple.
func (p *typeParser) fields(t *Type, closing string) *typeError {
	if p.accept(closing) {
		return nil
	}
	for {
		name := p.word()
		if name == "" {
			return p.errorf("got %q, expected a field name", p.rest())
		}
		if err := p.expect(":"); err != nil {
			return err
		}
		elem, err := p.typ()
		if err != nil {
			return err
		}
		t.Fields, t.Elems = append(t.Fields, name), append(t.Elems, elem)
		if !p.accept(",") {
			return p.expect(closing)
		}
	}
}

// tensor reads what follows the word of a tensor type.
func (p *typeParser) tensor(dtype string, suffixed bool) (*Type, *typeError) {
	t := &Type{Kind: KindTensor, DType: dtype}
	if p.pos < len(p.text) && p.text[p.pos] == '(' {
		p.pos++
		// Float(...) and Tensor() tell the rank, Tensor(requires_grad=1) does not.
		if !suffixed || dtype == "" && strings.HasPrefix(p.text[p.pos:], ")") {
			t.Dims = []int64{}
		}
		if err := p.tensorFields(t); err != nil {
			return nil, err
		}
	}
	t.Undefined = p.accept("[Undefined]")
	return t, nil
}

// tensorFields reads dims and named fields up to the closing parenthesis.
func (p *typeParser) tensorFields(t *Type) *typeError {
	if p.accept(")") {
		return nil
	}
	seen := map[string]bool{}
	for {
		p.space()
		start := p.pos
		var err *typeError
		switch word := p.word(); {
		case word == "SS" && p.accept("("):
			err = p.symbol(t)
		case p.accept("="):
			if seen[word] {
				return &typeError{start, fmt.Sprintf("%s stands twice in a type", word)}
			}
			seen[word] = true
			err = p.field(t, word, start)
		default:
			p.pos = start
			if len(seen) > 0 {
				return p.errorf("got %q after a named field, expected strides=, requires_grad= or device=", p.rest())
			}
			var dim int64
			dim, err = p.extent("a dimension")
			t.Dims = append(t.Dims, dim)
			if t.Symbols != nil {
				t.Symbols = append(t.Symbols, 0)
			}
		}
		if err != nil {
			return err
		}
		if !p.accept(",") {
			break
		}
	}
	if t.Strides != nil && len(t.Strides) != len(t.Dims) {
		return &typeError{0, fmt.Sprintf("type has %d dimensions and %d strides", len(t.Dims), len(t.Strides))}
	}
	return p.expect(")")
}

// symbol reads the rest of SS(-n).
func (p *typeParser) symbol(t *Type) *typeError {
	start := p.pos
	p.accept("-")
	p.word()
	n, err := strconv.ParseInt(p.text[start:p.pos], 10, 64)
	if err != nil || n >= 0 {
		p.pos = start
		return p.errorf("got %q, expected a negative symbol number", p.rest())
	}
	for len(t.Symbols) < len(t.Dims) {
		t.Symbols = append(t.Symbols, 0)
	}
	t.Dims, t.Symbols = append(t.Dims, -1), append(t.Symbols, n)
	return p.expect(")")
}

// field reads the value of a named field whose name stands at start.
func (p *typeParser) field(t *Type, name string, start int) *typeError {
	switch name {
	case "strides":
		if err := p.expect("["); err != nil {
			return err
		}
		t.Strides = []int64{}
		for !p.accept("]") {
			if len(t.Strides) > 0 {
				if err := p.expect(","); err != nil {
					return err
				}
			}
			s, err := p.extent("a stride")
			if err != nil {
				return err
			}
			t.Strides = append(t.Strides, s)
		}
	case "requires_grad":
		at := p.pos
		v := p.word()
		if v != "0" && v != "1" {
			p.pos = at
			return p.errorf("got %q, expected requires_grad=0 or requires_grad=1", p.rest())
		}
		grad := v == "1"
		t.RequiresGrad = &grad
	case "device":
		if t.Device = p.word(); t.Device == "" {
			return p.errorf("got %q, expected a device", p.rest())
		}
		if p.accept(":") {
			t.Device += ":" + p.word()
		}
	default:
		return &typeError{start, fmt.Sprintf("got %q in a type, expected strides, requires_grad or device", name)}
	}
	return nil
}

// extent reads a dimension or stride: a number, or * for -1.
func (p *typeParser) extent(what string) (int64, *typeError) {
	if p.accept("*") {
		return -1, nil
	}
	p.space()
	start := p.pos
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		p.pos++
	}
	if digits := p.text[start:p.pos]; digits != "" {
		n, err := strconv.ParseInt(digits, 10, 64)
		if err == nil {
			return n, nil
		}
		p.pos = start
		return 0, p.errorf("%s is too large for a signed 64-bit integer", digits)
	}
	if p.pos == len(p.text) {
		return 0, p.errorf("type ends where %s is expected", what)
	}
	return 0, p.errorf("got %q, expected %s or *", p.rest(), what)
}
