package torchscript

import "github.com/cladopt/cladopt/diag"

// File is one graph text: the main graph and the subgraphs its nodes refer to.
type File struct {
	Pos diag.Pos
	// Conventions are those of the LibTorch that was observed, from a comment before the graph.
	Conventions []Convention
	Graph       *Graph
	Subgraphs   []*Subgraph
}

// Subgraph is a "with prim::X_0 = graph(...)" after the main graph.
type Subgraph struct {
	Pos   diag.Pos
	Name  string // as the node that runs it is named: "prim::DifferentiableGraph_0"
	Graph *Graph
}

// Graph is a list of nodes between parameters and results.
type Graph struct {
	Pos     diag.Pos
	Params  []Param
	Nodes   []*Node
	Results []Var
}

// Var is a use of a value.
type Var struct {
	Pos  diag.Pos
	Name string // without the %
}

// Param is the definition of a value: a parameter of a graph or block, or an
// output of a node.
type Param struct {
	Pos  diag.Pos
	Name string // without the %
	// Type is nil where the text has none (PYTORCH_JIT_TYPE_VERBOSITY=0). Equal
	// texts share one Type within a graph: do not change it.
	Type    *Type
	TypePos diag.Pos
}

// Node is one operation.
type Node struct {
	Pos     diag.Pos
	Outputs []Param
	Op      string // "aten::mul", or "^Name" for a Python function
	OpPos   diag.Pos
	Scalars string // the text in the first parentheses of a Python op, "" elsewhere
	Attrs   []Attr
	Inputs  []Var
	Scope   string // the module path after ", scope: ", "" if none
	// Origin is the place in the user's program, from the comment; unknown if none.
	Origin diag.Pos
	Blocks []*Block
}

// Attr returns the value of the named attribute, nil if the node has none.
func (n *Node) Attr(name string) Value {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Value
		}
	}
	return nil
}

// Block is a nested body, as those of prim::If and prim::Loop.
type Block struct {
	Pos     diag.Pos
	Params  []Param
	Nodes   []*Node
	Results []Var
}

// Attr is a named value: an attribute of a node, or an argument of a [CallValue].
type Attr struct {
	Pos   diag.Pos
	Name  string // "" for a positional argument
	Value Value
}

// Value is a constant in an attribute: one of the pointer types below.
// String prints it as LibTorch does.
type Value interface {
	Position() diag.Pos
	String() string
	value()
}

type (
	// IntValue is an integer. A bool attribute prints as 0 or 1, and a float of
	// at least 1e10 without fraction prints without a point: the type of the
	// node's output says which of the three it is.
	IntValue struct {
		Pos   diag.Pos
		Value int64
	}

	// FloatValue is a floating-point number, inf and nan among them.
	FloatValue struct {
		Pos   diag.Pos
		Value float64
	}

	// ComplexValue is a complex number such as 0.+2.j.
	ComplexValue struct {
		Pos   diag.Pos
		Value complex128
	}

	// BoolValue is True or False, as printed inside tuples and dicts.
	BoolValue struct {
		Pos   diag.Pos
		Value bool
	}

	// NoneValue is None.
	NoneValue struct{ Pos diag.Pos }

	// StringValue is a string, with its escapes undone.
	StringValue struct {
		Pos   diag.Pos
		Value string
	}

	// ListValue is [a, b].
	ListValue struct {
		Pos   diag.Pos
		Elems []Value
	}

	// TupleValue is (a, b). A tuple type printed as an attribute reads as a tuple
	// of types, for the text does not tell the two apart.
	TupleValue struct {
		Pos   diag.Pos
		Elems []Value
	}

	// DictValue is {k: v}.
	DictValue struct {
		Pos     diag.Pos
		Entries []DictEntry
	}

	// DictEntry is one k: v of a DictValue.
	DictEntry struct{ Key, Value Value }

	// TypeValue is a type as an attribute.
	TypeValue struct {
		Pos  diag.Pos
		Type *Type
	}

	// NameValue is a name by itself: an enum member or a class type, which the
	// text does not tell apart.
	NameValue struct {
		Pos  diag.Pos
		Name string
	}

	// AnnotatedValue is annotate(T, v), which LibTorch prints where v alone does
	// not show its type: empty lists above all.
	AnnotatedValue struct {
		Pos   diag.Pos
		Type  *Type
		Value Value
	}

	// CallValue is a constructor call: torch.device("cpu").
	CallValue struct {
		Pos  diag.Pos
		Name string
		Args []Attr
	}

	// ScalarTensorValue is a tensor of one element: {3.5}, {1}, {(0,2)}. The rank
	// is that of the node's output type. Elem is an IntValue, FloatValue or
	// ComplexValue; LibTorch prints no more than six digits of it.
	ScalarTensorValue struct {
		Pos  diag.Pos
		Elem Value
	}

	// RawTensorValue is a tensor of at most ten elements in ATen's own format, of
	// which about five digits survive.
	RawTensorValue struct {
		Pos      diag.Pos
		Text     string
		TypeName string // "CPUFloatType"
		Dims     []int64
		// Values are the printed elements in row-major order; nil for sparse and
		// undefined tensors.
		Values []float64
	}

	// ElidedValue stands for data that the text does not hold: <Tensor>,
	// [<Tensors>], <Graph>, [<Graphs>], object(0x...).
	ElidedValue struct {
		Pos  diag.Pos
		Text string
	}
)

// Position is where the value stands in the text.
func (v *IntValue) Position() diag.Pos          { return v.Pos }
func (v *FloatValue) Position() diag.Pos        { return v.Pos }
func (v *ComplexValue) Position() diag.Pos      { return v.Pos }
func (v *BoolValue) Position() diag.Pos         { return v.Pos }
func (v *NoneValue) Position() diag.Pos         { return v.Pos }
func (v *StringValue) Position() diag.Pos       { return v.Pos }
func (v *ListValue) Position() diag.Pos         { return v.Pos }
func (v *TupleValue) Position() diag.Pos        { return v.Pos }
func (v *DictValue) Position() diag.Pos         { return v.Pos }
func (v *TypeValue) Position() diag.Pos         { return v.Pos }
func (v *NameValue) Position() diag.Pos         { return v.Pos }
func (v *AnnotatedValue) Position() diag.Pos    { return v.Pos }
func (v *CallValue) Position() diag.Pos         { return v.Pos }
func (v *ScalarTensorValue) Position() diag.Pos { return v.Pos }
func (v *RawTensorValue) Position() diag.Pos    { return v.Pos }
func (v *ElidedValue) Position() diag.Pos       { return v.Pos }

func (*IntValue) value()          {}
func (*FloatValue) value()        {}
func (*ComplexValue) value()      {}
func (*BoolValue) value()         {}
func (*NoneValue) value()         {}
func (*StringValue) value()       {}
func (*ListValue) value()         {}
func (*TupleValue) value()        {}
func (*DictValue) value()         {}
func (*TypeValue) value()         {}
func (*NameValue) value()         {}
func (*AnnotatedValue) value()    {}
func (*CallValue) value()         {}
func (*ScalarTensorValue) value() {}
func (*RawTensorValue) value()    {}
func (*ElidedValue) value()       {}
