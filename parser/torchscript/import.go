package torchscript

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// ImportOptions say how to import a graph.
type ImportOptions struct {
	// Generalize makes sizes symbolic: pairs of input and dimension.
	Generalize [][2]int
	// Used, if set, is told each schema that a node is imported by.
	Used func(*ir.Signature)
}

// Marks that the importer leaves on @graph.
const (
	requiresGradMark = "cladopt.requires_grad"
	mutationsMark    = "cladopt.mutations"
	// SizesMark names, on an argument, its symbolic sizes: one string a dimension, ""
	// where the size is known.
	SizesMark = "cladopt.sizes"
)

// Import reads an observed graph and makes the function @graph of it, at the aten
// level: constants are attributes, lists are gone, views and writes are functional.
// A write to an input becomes a further result; cladopt.mutations lists which inputs.
// The error lists everything that is unsupported, each with its op, line and reason.
func Import(ctx *ir.Context, file string, src []byte, o ImportOptions) (*ir.Module, error) {
	f, err := Parse(file, src)
	if err != nil {
		return nil, err
	}
	im := &importer{ctx: ctx, m: ir.NewModule(ctx), src: string(src), entries: map[string]*entry{}, types: map[string]*Type{}, users: map[string][]*Node{}, outputs: map[string]bool{}, used: o.Used}
	im.follow(f.Conventions)
	im.graph(f.Graph, o)
	if im.errs.Len() > 0 {
		return nil, im.errs.Err()
	}
	if err := ir.Verify(ctx, im.m.Op); err != nil {
		return nil, err
	}
	return im.m, nil
}

type importer struct {
	ctx       *ir.Context
	m         *ir.Module
	b         *ir.Builder
	src       string
	entries   map[string]*entry
	types     map[string]*Type   // as recorded
	constants map[string]bool    // variables that are constants
	users     map[string][]*Node // who reads a variable
	outputs   map[string]bool    // variables that the graph returns
	writes    bool               // some node writes in place
	inputs    []*storage
	params    []Param
	used      func(*ir.Signature)
	errs      diag.List
	failed    map[string]bool // variables of nodes that failed: their users say nothing more

	conventions map[ir.OpName][]string // attributes that ops of the name get
}

// entry is what a variable of the text stands for.
type entry struct {
	tensor *view
	attr   ir.Attr // a constant; nil is None if the others are nil too
	list   []*entry
	isList bool
}

func (im *importer) fail(pos diag.Pos, code diag.Code, op, format string, args ...any) {
	e := diag.Errorf(pos, format, args...)
	e.Code, e.Op = code, op
	im.errs.Add(e.WithSource(im.src))
}

// maxImportErrors bounds the errors that are gathered.
const maxImportErrors = 100

func (im *importer) graph(g *Graph, o ImportOptions) {
	im.failed = map[string]bool{}
	im.constants = map[string]bool{}
	off := map[string]bool{} // names of the constant false
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			im.users[v.Name] = append(im.users[v.Name], n)
		}
		for _, out := range n.Outputs {
			im.types[out.Name] = out.Type
		}
		if n.Op == "prim::Constant" && len(n.Outputs) == 1 {
			im.constants[n.Outputs[0].Name] = true
		}
		if v, ok := n.Attr("value").(*IntValue); ok && v.Value == 0 && n.Op == "prim::Constant" && len(n.Outputs) == 1 {
			off[n.Outputs[0].Name] = true
		}
		im.writes = im.writes || isInPlace(n.Op) || im.extraTensor(n) || im.writesSilently(n, off)
	}
	for _, v := range g.Results {
		im.outputs[v.Name] = true
	}
	f := funcs.NewFunc(im.m, "graph", ir.Func(nil, nil))
	f.Loc = ir.At(g.Pos)
	im.b = ir.NewBuilder(im.ctx, f.Body())
	im.arguments(f, g, o)
	if im.errs.Len() > 0 {
		return
	}
	for _, n := range g.Nodes {
		if im.errs.Len() >= maxImportErrors {
			return
		}
		im.b.Loc = ir.At(n.Pos)
		last := im.b.Block().Last()
		im.node(n)
		im.mark(last)
	}
	if im.errs.Len() > 0 {
		return
	}
	im.results(f, g)
}

// elemTypes are the element types by LibTorch's name.
var elemTypes = map[string]ir.Type{"Float": ir.F32, "Double": ir.F64, "Long": ir.I64, "Int": ir.I32, "Short": ir.I16, "Char": ir.I8, "Bool": ir.I1}

// tensorType is the type of a tensor as recorded; the error says what is missing.
func tensorType(t *Type) (*ir.TensorType, error) {
	switch {
	case t == nil || t.Kind != KindTensor || t.DType == "" || t.Dims == nil:
		return nil, fmt.Errorf("has no tensor type with element type and sizes: capture the graph with complete types")
	case t.Device != "" && t.Device != "cpu":
		return nil, fmt.Errorf("is on device %s, only cpu is supported", t.Device)
	}
	elem := elemTypes[t.DType]
	if elem == nil {
		return nil, fmt.Errorf("has element type %s; supported are Float, Double, Long, Int, Short, Char and Bool", t.DType)
	}
	for _, n := range t.Dims {
		if n < 0 {
			return nil, fmt.Errorf("has a size that is not known: capture the graph with complete types")
		}
	}
	if n, ok := ir.NumElements(t.Dims); !ok || n > maxElements {
		return nil, fmt.Errorf("has sizes %v, whose product is beyond what fits in memory", t.Dims)
	}
	if t.Strides == nil {
		return ir.Tensor(t.Dims, elem), nil
	}
	if len(t.Strides) != len(t.Dims) {
		return nil, fmt.Errorf("has %d sizes and %d strides", len(t.Dims), len(t.Strides))
	}
	for i, s := range t.Strides {
		if s < 0 || s > maxElements || s > 0 && t.Dims[i] > maxElements/s {
			return nil, fmt.Errorf("has stride %d, expected one from 0 to what fits in memory", s)
		}
	}
	return ir.StridedTensor(t.Dims, elem, t.Strides), nil
}

// maxElements bounds the elements of one tensor: 2^48, with 8 bytes each more than
// any address space in use.
const maxElements = 1 << 48

func (im *importer) arguments(f *ir.Op, g *Graph, o ImportOptions) {
	im.params = g.Params
	type attrs struct {
		grad  bool
		sizes []ir.Attr
	}
	var extra []attrs
	symbols := 0
	var inputs []ir.Type
	for i, p := range g.Params {
		im.types[p.Name] = p.Type
		t, err := tensorType(p.Type)
		if err != nil {
			code := diag.Unsupported
			if p.Type == nil || p.Type.Kind != KindTensor || strings.Contains(err.Error(), "strides") || strings.Contains(err.Error(), "beyond") {
				code = diag.Invalid
			}
			im.fail(p.Pos, code, "", "input %%%s %v", p.Name, err)
			continue
		}
		var a attrs
		a.grad = p.Type.RequiresGrad != nil && *p.Type.RequiresGrad
		shape := append([]int64{}, t.Shape()...)
		for _, gen := range o.Generalize {
			if gen[0] != i {
				continue
			}
			if gen[1] >= len(shape) {
				im.fail(p.Pos, diag.Invalid, "", "--generalize=%d:%d: input %d has %d dimensions", gen[0], gen[1], i, len(shape))
				continue
			}
			if t.Encoding() != nil {
				im.fail(p.Pos, diag.Unsupported, "", "--generalize=%d:%d: input %d has strides %v, which depend on its sizes", gen[0], gen[1], i, p.Type.Strides)
				continue
			}
			if a.sizes == nil {
				for range shape {
					a.sizes = append(a.sizes, ir.StringAttr(""))
				}
			}
			if shape[gen[1]] != ir.Dynamic {
				a.sizes[gen[1]] = ir.StringAttr(fmt.Sprintf("s%d", symbols))
				symbols++
			}
			shape[gen[1]] = ir.Dynamic
		}
		if a.sizes != nil {
			t = ir.Tensor(shape, t.Elem())
		}
		inputs = append(inputs, t)
		extra = append(extra, a)
		arg := f.Body().AddArg(t)
		arg.SetLoc(ir.At(p.Pos))
		st := &storage{base: arg, input: i, grad: a.grad && ir.IsFloat(t)}
		im.inputs = append(im.inputs, st)
		if im.entries[p.Name] != nil {
			im.fail(p.Pos, diag.Invalid, "", "%%%s is defined twice", p.Name)
		}
		im.entries[p.Name] = &entry{tensor: &view{st: st, value: arg}}
	}
	for _, gen := range o.Generalize {
		if gen[0] >= len(g.Params) {
			im.fail(g.Pos, diag.Invalid, "", "--generalize=%d:%d: the graph has %d inputs", gen[0], gen[1], len(g.Params))
		}
	}
	funcs.SetType(f, ir.Func(inputs, nil))
	for i, a := range extra {
		if a.grad {
			funcs.SetArgAttr(f, i, requiresGradMark, ir.UnitAttr{})
		}
		if a.sizes != nil {
			funcs.SetArgAttr(f, i, SizesMark, ir.Array(a.sizes...))
		}
	}
}

// results ends the function: the values returned, then those of inputs written to.
func (im *importer) results(f *ir.Op, g *Graph) {
	im.b.Loc = ir.At(g.Pos)
	var values []*ir.Value
	for _, v := range g.Results {
		e := im.lookup(v, "return")
		if e == nil {
			return
		}
		list := []*entry{e}
		if e.isList {
			list = e.list
		}
		for _, e := range list {
			if e.tensor == nil {
				im.fail(v.Pos, diag.Unsupported, "return", "returns %%%s, which is not a tensor", v.Name)
				return
			}
			if op := e.clobbered(); op != "" {
				im.fail(v.Pos, diag.Unsupported, "return", "returns %%%s, "+clobberedText, v.Name, op)
				return
			}
			values = append(values, e.tensor.read(im.b))
		}
	}
	var mutated []int64
	for i, st := range im.inputs {
		if st.version > 0 {
			values = append(values, st.base)
			mutated = append(mutated, int64(i))
		}
	}
	if len(mutated) > 0 {
		f.SetAttr(mutationsMark, ir.I64Array(mutated...))
	}
	for i, v := range values {
		// Results have plain types; an argument with strides is returned as a copy.
		if t, ok := v.Type().(*ir.TensorType); ok && t.Encoding() != nil {
			values[i] = aten.Clone(im.b, v)
		}
	}
	funcs.Return(im.b, values...)
	funcs.SetType(f, ir.Func(funcs.Type(f).Inputs(), ir.TypesOf(values)))
}

// lookup finds what a variable stands for; nil, and an error unless its definition
// failed already, if nothing.
func (im *importer) lookup(v Var, op string) *entry {
	if e := im.entries[v.Name]; e != nil {
		return e
	}
	if !im.failed[v.Name] {
		im.fail(v.Pos, diag.Invalid, op, "%%%s is used before it is defined", v.Name)
		im.failed[v.Name] = true
	}
	return nil
}

// define binds the outputs of a node.
func (im *importer) define(n *Node, values ...*entry) {
	if len(values) != len(n.Outputs) {
		im.fail(n.Pos, diag.Invalid, n.Op, "has %d outputs, expected %d", len(n.Outputs), len(values))
		im.giveUp(n)
		return
	}
	for i, out := range n.Outputs {
		if im.entries[out.Name] != nil {
			im.fail(out.Pos, diag.Invalid, n.Op, "%%%s is defined twice", out.Name)
			continue
		}
		im.entries[out.Name] = values[i]
	}
}

// giveUp keeps the users of a node that failed from failing for want of it.
func (im *importer) giveUp(n *Node) {
	for _, out := range n.Outputs {
		im.failed[out.Name] = true
	}
}

func (im *importer) node(n *Node) {
	for _, v := range n.Inputs {
		if im.lookup(v, n.Op) == nil {
			im.giveUp(n)
			return
		}
	}
	switch n.Op {
	case "prim::Constant":
		im.constant(n)
	case "prim::ListConstruct", "prim::TupleConstruct":
		e := &entry{isList: true}
		for _, v := range n.Inputs {
			e.list = append(e.list, im.entries[v.Name])
		}
		im.define(n, e)
	case "prim::ListUnpack", "prim::TupleUnpack":
		if len(n.Inputs) != 1 || !im.entries[n.Inputs[0].Name].isList {
			im.fail(n.Pos, diag.Invalid, n.Op, "unpacks something that is not a list")
			im.giveUp(n)
			return
		}
		list := im.entries[n.Inputs[0].Name].list
		for i, e := range list {
			if i < len(n.Outputs) && e.tensor != nil && !im.gradient(n, n.Outputs[i], nil, e.tensor) {
				im.giveUp(n)
				return
			}
		}
		im.define(n, list...)
	default:
		im.operator(n)
	}
}

// constant reads a prim::Constant.
func (im *importer) constant(n *Node) {
	if len(n.Outputs) != 1 {
		im.fail(n.Pos, diag.Invalid, n.Op, "has %d outputs, expected 1", len(n.Outputs))
		im.giveUp(n)
		return
	}
	attr, err := constantAttr(n.Attr("value"), n.Outputs[0].Type)
	if err != nil {
		im.fail(n.Pos, diag.Invalid, n.Op, "%%%s: %v", n.Outputs[0].Name, err)
		im.giveUp(n)
		return
	}
	im.define(n, &entry{attr: attr})
}

// constantAttr is a constant of the text; None is nil.
func constantAttr(v Value, t *Type) (ir.Attr, error) {
	name := ""
	if t != nil && t.Kind == KindSimple {
		name = t.Name
	}
	switch v := v.(type) {
	case nil, *NoneValue:
		return nil, nil
	case *IntValue:
		switch {
		case name == "bool":
			return ir.BoolAttr(v.Value != 0), nil
		case name == "float":
			return ir.F64Attr(float64(v.Value)), nil
		}
		return ir.I64Attr(v.Value), nil
	case *FloatValue:
		return ir.F64Attr(v.Value), nil
	case *BoolValue:
		return ir.BoolAttr(v.Value), nil
	case *StringValue:
		return ir.StringAttr(v.Value), nil
	case *ListValue:
		var ints []int64
		for _, e := range v.Elems {
			i, ok := e.(*IntValue)
			if !ok {
				return nil, fmt.Errorf("the constant list %s holds something other than integers", v)
			}
			ints = append(ints, i.Value)
		}
		return ir.I64Array(ints...), nil
	case *ScalarTensorValue:
		if i, ok := v.Elem.(*IntValue); ok {
			if isTensorType(t) && ir.IsFloat(elemTypes[t.DType]) {
				return ir.F64Attr(float64(i.Value)), nil
			}
			return ir.I64Attr(i.Value), nil
		}
		return nil, fmt.Errorf("the text holds no more than six digits of this tensor: make it an input of the graph")
	case *RawTensorValue:
		return nil, fmt.Errorf("the text holds about five digits of this tensor's elements: make it an input of the graph")
	case *ElidedValue:
		return nil, fmt.Errorf("the value is hidden as %s: make the tensor an input of the graph", v.Text)
	}
	return nil, fmt.Errorf("the constant %s is of a kind that is not supported", v)
}
