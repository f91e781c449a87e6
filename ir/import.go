package ir

import (
	"fmt"
	"strings"
)

// An Import builds an ATen op that has no op of its own here from others: chunk
// from slices, t from permute.
type Import struct {
	Schema string
	// WritesIf names the bool parameter without which the parameters that the schema
	// marks as written, Tensor(a!), are not; "" if they always are.
	WritesIf string
	Build    func(c *ImportCall) ([]*Value, error)
}

// ImportCall is one node of an observed graph on its way in.
type ImportCall struct {
	*Builder
	// Args by the schema's parameter names; parameters that were not given have
	// their default.
	Args map[string]ImportArg
	// Results are the types that were recorded for the node, nil where the text does
	// not tell.
	Results []Type
	// Written is what the parameters that the schema marks as written hold afterwards.
	Written map[string]*Value
	// Conventions are the attributes that the graph declares (AttrParam.Convention).
	// They are set on the ops that are made here; only other ways to build need to ask.
	Conventions map[OpName][]string
}

// Write makes v what a parameter that the schema marks as written holds afterwards.
func (c *ImportCall) Write(param string, v *Value) {
	if c.Written == nil {
		c.Written = map[string]*Value{}
	}
	c.Written[param] = v
}

// ImportArg is an argument: a tensor, a list of tensors, or a constant.
type ImportArg struct {
	Value  *Value
	Values []*Value
	// Attr is the constant; lists of numbers are a DenseArrayAttr. Nil is None.
	Attr Attr
}

// IsNone reports whether the argument is absent or None.
func (a ImportArg) IsNone() bool { return a.Value == nil && a.Values == nil && a.Attr == nil }

// Signature is a parsed ATen schema and what it imports as: Def, whose operands
// and attributes bear the names of the parameters, or Import.
//
// A Tensor parameter that is an operand of Def becomes that operand. A Scalar
// parameter that is an operand becomes a 0-d constant. A parameter that is an
// attribute becomes that attribute. Any other must have its default value or be
// None, else the node is unsupported.
type Signature struct {
	Name     string // "aten::add"
	Overload string // "Tensor", or ""
	Params   []SchemaParam
	Def      *OpDef
	Import   *Import
}

// SchemaParam is one parameter of a schema.
type SchemaParam struct {
	Type        string // "Tensor", "Tensor?", "Tensor[]", "Scalar", "int[1]", "ScalarType?", ...
	Name        string
	Default     string // source text, "" if none
	KeywordOnly bool
	Written     bool // Tensor(a!): the op writes to it
	Shared      bool // Tensor(a): results may lie in its memory
}

// ParseSchema reads a schema as native_functions.yaml spells it, with the
// namespace: "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor".
func ParseSchema(text string) (*Signature, error) {
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return nil, fmt.Errorf("schema %q has no parameter list", text)
	}
	s := &Signature{}
	s.Name, s.Overload, _ = strings.Cut(text[:open], ".")
	depth, start, keyword := 0, open+1, false
	for i := open; i < len(text); i++ {
		switch c := text[i]; {
		case c == '(' || c == '[':
			depth++
			continue
		case c == ')' || c == ']':
			depth--
			if depth > 0 {
				continue
			}
		case c != ',' || depth != 1:
			continue
		}
		field := strings.TrimSpace(text[start:i])
		start = i + 1
		switch {
		case field == "*":
			keyword = true
		case field != "":
			decl, def, _ := strings.Cut(field, "=")
			j := strings.LastIndexByte(decl, ' ')
			if j < 0 {
				return nil, fmt.Errorf("schema %q: parameter %q has no name", text, field)
			}
			typ, alias, _ := strings.Cut(decl[:j], "(")
			alias, suffix, _ := strings.Cut(alias, ")")
			s.Params = append(s.Params, SchemaParam{Type: typ + suffix, Name: decl[j+1:], Default: def, KeywordOnly: keyword, Written: strings.HasSuffix(alias, "!"), Shared: alias != "" && !strings.HasSuffix(alias, "!")})
		}
		if depth == 0 {
			return s, nil
		}
	}
	return nil, fmt.Errorf("schema %q does not end", text)
}

func (c *Context) addImport(schema string, def *OpDef, imp *Import) error {
	s, err := ParseSchema(schema)
	if err != nil {
		return err
	}
	s.Def, s.Import = def, imp
	c.imports[s.Name] = append(c.imports[s.Name], s)
	return nil
}

// Signatures lists the schemas known for an ATen name such as "aten::add", in the
// order of their definition.
func (c *Context) Signatures(torch string) []*Signature { return c.imports[torch] }
