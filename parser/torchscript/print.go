package torchscript

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/diag"
)

// String prints the file as LibTorch lays it out.
func (f *File) String() string {
	var b strings.Builder
	if len(f.Conventions) > 0 {
		b.WriteString(conventionsMark)
		for _, c := range f.Conventions {
			b.WriteString(" " + c.String())
		}
		b.WriteByte('\n')
	}
	f.Graph.print(&b)
	for _, s := range f.Subgraphs {
		b.WriteString("with " + s.Name + " = ")
		s.Graph.print(&b)
	}
	return b.String()
}

// String prints the graph as LibTorch lays it out.
func (g *Graph) String() string {
	var b strings.Builder
	g.print(&b)
	return b.String()
}

// String prints the node and its blocks, with a newline at the end.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b, 0)
	return b.String()
}

func (g *Graph) print(b *strings.Builder) {
	if g == nil {
		return
	}
	b.WriteString("graph(")
	printParams(b, g.Params, ",\n      ")
	b.WriteString("):\n")
	for _, n := range g.Nodes {
		n.print(b, 1)
	}
	b.WriteString("  return (")
	printVars(b, g.Results)
	b.WriteString(")\n")
}

func (n *Node) print(b *strings.Builder, level int) {
	indent(b, level)
	printParams(b, n.Outputs, ", ")
	b.WriteString(" = " + n.Op)
	if n.Scalars != "" || strings.HasPrefix(n.Op, "^") {
		b.WriteString("(" + n.Scalars + ")")
	}
	if len(n.Attrs) > 0 {
		b.WriteByte('[')
		printAttrs(b, n.Attrs)
		b.WriteByte(']')
	}
	b.WriteByte('(')
	printVars(b, n.Inputs)
	b.WriteByte(')')
	if n.Scope != "" {
		b.WriteString(", scope: " + n.Scope)
	}
	if n.Origin != (diag.Pos{}) {
		fmt.Fprintf(b, " # %s:%d:%d", n.Origin.File, n.Origin.Line, n.Origin.Col)
	}
	b.WriteByte('\n')
	for i, blk := range n.Blocks {
		indent(b, level+1)
		fmt.Fprintf(b, "block%d(", i)
		printParams(b, blk.Params, ", ")
		b.WriteString("):\n")
		for _, inner := range blk.Nodes {
			inner.print(b, level+2)
		}
		indent(b, level+2)
		b.WriteString("-> (")
		printVars(b, blk.Results)
		b.WriteString(")\n")
	}
}

func indent(b *strings.Builder, level int) {
	for ; level > 0; level-- {
		b.WriteString("  ")
	}
}

func printParams(b *strings.Builder, params []Param, sep string) {
	for i, p := range params {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString("%" + p.Name)
		if p.Type != nil {
			b.WriteString(" : ")
			p.Type.write(b)
		}
	}
}

func printVars(b *strings.Builder, vars []Var) {
	for i, v := range vars {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("%" + v.Name)
	}
}

func printAttrs(b *strings.Builder, attrs []Attr) {
	for i, a := range attrs {
		if i > 0 {
			b.WriteString(", ")
		}
		if a.Name != "" {
			b.WriteString(a.Name + "=")
		}
		b.WriteString(a.Value.String())
	}
}

func (v *IntValue) String() string       { return strconv.FormatInt(v.Value, 10) }
func (v *FloatValue) String() string     { return formatFloat(v.Value) }
func (v *NoneValue) String() string      { return "None" }
func (v *StringValue) String() string    { return quote(v.Value) }
func (v *ListValue) String() string      { return "[" + joinValues(v.Elems) + "]" }
func (v *TypeValue) String() string      { return v.Type.String() }
func (v *NameValue) String() string      { return v.Name }
func (v *RawTensorValue) String() string { return v.Text }
func (v *ElidedValue) String() string    { return v.Text }

func (v *BoolValue) String() string {
	if v.Value {
		return "True"
	}
	return "False"
}

func (v *ComplexValue) String() string {
	sign := "+"
	if !(imag(v.Value) >= 0) { // nan prints with a minus
		sign = "-"
	}
	return formatFloat(real(v.Value)) + sign + formatFloat(math.Abs(imag(v.Value))) + "j"
}

func (v *TupleValue) String() string {
	if len(v.Elems) == 1 {
		return "(" + v.Elems[0].String() + ",)"
	}
	return "(" + joinValues(v.Elems) + ")"
}

func (v *DictValue) String() string {
	parts := make([]string, len(v.Entries))
	for i, e := range v.Entries {
		parts[i] = e.Key.String() + ": " + e.Value.String()
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (v *AnnotatedValue) String() string {
	return "annotate(" + v.Type.String() + ", " + v.Value.String() + ")"
}

func (v *CallValue) String() string {
	var b strings.Builder
	b.WriteString(v.Name + "(")
	printAttrs(&b, v.Args)
	b.WriteByte(')')
	return b.String()
}

func (v *ScalarTensorValue) String() string {
	switch e := v.Elem.(type) {
	case *ComplexValue:
		return fmt.Sprintf("{(%s,%s)}", shortFloat(real(e.Value)), shortFloat(imag(e.Value)))
	case *FloatValue:
		s := shortFloat(e.Value)
		if !strings.ContainsAny(s, ".en") {
			s += "." // it was written as a float
		}
		return "{" + s + "}"
	}
	return "{" + v.Elem.String() + "}"
}

func joinValues(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// formatFloat prints as IValue::repr does: small integral values with a point
// behind them, the others with 17 digits.
func formatFloat(x float64) string {
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return shortFloat(x)
	case x == math.Trunc(x) && math.Abs(x) < 1e10:
		return strconv.FormatFloat(x, 'f', 0, 64) + "."
	}
	return strconv.FormatFloat(x, 'g', 17, 64)
}

// shortFloat prints as a C++ stream does by default, but with the digits that
// tell x from its neighbours.
func shortFloat(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	case math.IsNaN(x):
		return "nan"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// quote escapes s as LibTorch means to: bytes that are not printable ASCII, UTF-8
// among them, in octal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if e := strings.LastIndexByte(escapes, c); e%2 == 1 && c != '?' {
			b.WriteByte('\\')
			b.WriteByte(escapes[e-1])
		} else if c < ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "\\%03o", c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
