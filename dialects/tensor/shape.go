package tensor

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Cast is t with sizes forgotten or claimed to be known.
func Cast(b *ir.Builder, t *ir.Value, to *ir.TensorType) *ir.Value {
	return b.Insert(ir.State{Name: OpCast, Operands: []*ir.Value{t}, Results: []ir.Type{to}}).Result(0)
}

// Dim is a size of t.
func Dim(b *ir.Builder, t, dim *ir.Value) *ir.Value {
	return b.Insert(ir.State{Name: OpDim, Operands: []*ir.Value{t, dim}, Results: []ir.Type{ir.Index}}).Result(0)
}

// CollapseShape joins each group of neighbouring dimensions of t to one.
func CollapseShape(b *ir.Builder, t *ir.Value, groups [][]int64) *ir.Value {
	var sizes *ir.Sizes
	shape := ir.ShapeOf(t.Type())
	out := make([]int64, len(groups))
	for i, g := range groups {
		out[i] = 1
		for _, d := range g {
			out[i] = sizes.Mul(out[i], shape[d])
		}
	}
	return b.Insert(ir.State{Name: OpCollapseShape, Operands: []*ir.Value{t}, Results: []ir.Type{ir.Tensor(out, ir.ElemType(t.Type()))},
		Attrs: []ir.NamedAttr{reassociation(groups)}}).Result(0)
}

// ExpandShape splits dimension i of t into the dimensions that group i lists of shape.
func ExpandShape(b *ir.Builder, t *ir.Value, shape []int64, groups [][]int64) *ir.Value {
	return b.Insert(ir.State{Name: OpExpandShape, Operands: []*ir.Value{t}, Results: []ir.Type{ir.Tensor(shape, ir.ElemType(t.Type()))},
		Attrs: []ir.NamedAttr{reassociation(groups)}}).Result(0)
}

func reassociation(groups [][]int64) ir.NamedAttr {
	outer := make([]ir.Attr, len(groups))
	for i, g := range groups {
		inner := make([]ir.Attr, len(g))
		for k, d := range g {
			inner[k] = ir.I64Attr(d)
		}
		outer[i] = ir.Array(inner...)
	}
	return ir.NamedAttr{Name: "reassociation", Attr: ir.Array(outer...)}
}

// Groups is the reassociation of a collapse_shape or expand_shape.
func Groups(op *ir.Op) [][]int64 {
	groups, _ := groupsOf(op.Attr("reassociation"))
	return groups
}

func groupsOf(a ir.Attr) ([][]int64, bool) {
	outer, ok := a.(*ir.ArrayAttr)
	if !ok {
		return nil, false
	}
	groups := make([][]int64, len(outer.Elems))
	for i, e := range outer.Elems {
		inner, ok := e.(*ir.ArrayAttr)
		if !ok {
			return nil, false
		}
		for _, d := range inner.Elems {
			n, ok := d.(ir.IntegerAttr)
			if !ok {
				return nil, false
			}
			groups[i] = append(groups[i], n.Value)
		}
	}
	return groups, true
}

var castDef = ir.OpDef{
	Name: OpCast, Summary: "a tensor whose sizes are forgotten or claimed to be known",
	Example:  "%r = tensor.cast %t : tensor<4x8xf32> to tensor<?x8xf32>",
	Operands: ir.Params(ir.P("source", ranked)),
	Results:  ir.Params(ir.P("dest", ranked)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		if from, to := op.Operand(0).Type(), op.Result(0).Type(); !ir.Compatible(from, to) {
			return op.Errorf("a %s cannot be a %s", from, to)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.cast ", p.ValueName(op.Operand(0)))
		p.AttrDict(op)
		p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		t, err := p.ParseOperand()
		if err != nil {
			return err
		}
		from, to, err := parseTypes(p, s, "to")
		if err != nil {
			return err
		}
		s.Results = []ir.Type{to}
		return p.ResolveAll([]ir.UnresolvedOperand{t}, []ir.Type{from}, pos, s)
	},
}

// CheckDim verifies the dimension number of a dim op, where it is a constant.
func CheckDim(op *ir.Op) error {
	rank := int64(len(ir.ShapeOf(op.Operand(0).Type())))
	if rank == 0 {
		return op.Errorf("%s has no dimensions", op.Operand(0).Type())
	}
	if d, ok := arith.ConstantValue(op.Operand(1)); ok && (d.I < 0 || d.I >= rank) {
		return op.Errorf("dimension %d is out of range: %s has %d", d.I, op.Operand(0).Type(), rank)
	}
	return nil
}

// PrintDim writes "name %t, %i : T"; memref.dim shares it.
func PrintDim(p *ir.Printer, op *ir.Op) {
	p.Write(string(op.Name))
	p.AttrDict(op)
	p.Write(" ")
	p.Operands(op.Operands())
	p.Write(" : ", op.Operand(0).Type().String())
}

// ParseDim reads what PrintDim writes.
func ParseDim(p ir.AsmParser, s *ir.State) error {
	if err := p.OptionalAttrDict(s); err != nil {
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
	t, err := p.ParseType()
	if err != nil {
		return err
	}
	s.Results = []ir.Type{ir.Index}
	return p.ResolveAll(operands, []ir.Type{t, ir.Index}, pos, s)
}

var dimDef = ir.OpDef{
	Name: OpDim, Summary: "a size of a tensor",
	Example:  "%r = tensor.dim %t, %i : tensor<?x8xf32>",
	Operands: ir.Params(ir.P("source", ranked), ir.P("index", index)),
	Results:  ir.Params(ir.P("result", index)),
	Traits:   ir.Pure,
	Verify:   CheckDim, Print: PrintDim, Parse: ParseDim,
}

var collapseShapeDef = ir.OpDef{
	Name: OpCollapseShape, Summary: "a tensor with neighbouring dimensions joined",
	Example:  "%r = tensor.collapse_shape %t [[0, 1], [2]] : tensor<4x8x2xf32> into tensor<32x2xf32>",
	Operands: ir.Params(ir.P("src", ranked)),
	Results:  ir.Params(ir.P("result", ranked)),
	Attrs:    groupsParam(),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		return checkGroups(op, op.Operand(0).Type().(*ir.TensorType), op.Result(0).Type().(*ir.TensorType))
	},
	Print: printReshape, Parse: parseReshape,
}

var expandShapeDef = ir.OpDef{
	Name: OpExpandShape, Summary: "a tensor with dimensions split",
	Example:  "%r = tensor.expand_shape %t [[0, 1], [2]] : tensor<32x2xf32> into tensor<4x8x2xf32>",
	Operands: ir.Params(ir.P("src", ranked)),
	Results:  ir.Params(ir.P("result", ranked)),
	Attrs:    groupsParam(),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		expanded := op.Result(0).Type().(*ir.TensorType)
		for i, g := range Groups(op) {
			dynamic := 0
			for _, d := range g {
				if d >= 0 && d < int64(expanded.Rank()) && expanded.Shape()[d] == ir.Dynamic {
					dynamic++
				}
			}
			if dynamic > 1 {
				return op.Errorf("group %d leaves %d sizes open, at most one can be", i, dynamic)
			}
		}
		return checkGroups(op, expanded, op.Operand(0).Type().(*ir.TensorType))
	},
	Print: printReshape, Parse: parseReshape,
}

func groupsParam() []ir.AttrParam {
	return []ir.AttrParam{{Name: "reassociation", Required: true, Doc: "which dimensions belong together",
		Kind: ir.AttrKind{Name: "an array of arrays of dimensions", Holds: func(a ir.Attr) bool { _, ok := groupsOf(a); return ok }}}}
}

// checkGroups verifies that each dimension of collapsed is the product of its group
// in expanded, and that the groups are all dimensions in order.
func checkGroups(op *ir.Op, expanded, collapsed *ir.TensorType) error {
	groups := Groups(op)
	if expanded.Elem() != collapsed.Elem() {
		return op.Errorf("element types %s and %s differ", expanded.Elem(), collapsed.Elem())
	}
	if len(groups) != collapsed.Rank() {
		return op.Errorf("got %d groups, expected %d, one for each dimension of %s", len(groups), collapsed.Rank(), collapsed)
	}
	var sizes *ir.Sizes
	next := int64(0)
	for i, g := range groups {
		product := int64(1)
		for _, d := range g {
			if d != next || d >= int64(expanded.Rank()) {
				return op.Errorf("the groups %s are not the dimensions of %s in order", groupText(groups), expanded)
			}
			product = sizes.Mul(product, expanded.Shape()[d])
			next++
		}
		if len(g) == 0 {
			return op.Errorf("group %d is empty", i)
		}
		if product != collapsed.Shape()[i] {
			return op.Errorf("dimension %d of %s must be the product of dimensions %v of %s", i, collapsed, g, expanded)
		}
	}
	if len(groups) == 0 { // a tensor without dimensions has one element
		for _, n := range expanded.Shape() {
			if n != 1 {
				return op.Errorf("%s does not have the one element of %s", expanded, collapsed)
			}
		}
		return nil
	}
	if next != int64(expanded.Rank()) {
		return op.Errorf("the groups %s are not all dimensions of %s", groupText(groups), expanded)
	}
	return nil
}

func printReshape(p *ir.Printer, op *ir.Op) {
	p.Write(string(op.Name), " ", p.ValueName(op.Operand(0)), " ", groupText(Groups(op)))
	p.AttrDict(op, "reassociation")
	p.Write(" : ", op.Operand(0).Type().String(), " into ", op.Result(0).Type().String())
}

func parseReshape(p ir.AsmParser, s *ir.State) error {
	pos := p.Pos()
	t, err := p.ParseOperand()
	if err != nil {
		return err
	}
	a, err := p.ParseAttr()
	if err != nil {
		return err
	}
	s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "reassociation", Attr: a})
	from, into, err := parseTypes(p, s, "into")
	if err != nil {
		return err
	}
	s.Results = []ir.Type{into}
	return p.ResolveAll([]ir.UnresolvedOperand{t}, []ir.Type{from}, pos, s)
}
