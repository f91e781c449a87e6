package torchscript

import (
	"slices"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
)

// bind makes the outputs of a node stand for values, which are held against the
// recorded types; values that no gradient flowed through are detached.
func (im *importer) bind(n *Node, s *ir.Signature, args []*entry, values []*ir.Value) {
	if len(n.Outputs) == 1 && n.Outputs[0].Type != nil && n.Outputs[0].Type.Kind == KindList {
		e := &entry{isList: true}
		for _, v := range values {
			t := im.track(s, args, v, n)
			e.list = append(e.list, &entry{tensor: t})
		}
		im.define(n, e)
		return
	}
	if len(values) > len(n.Outputs) && len(n.Outputs) > 0 {
		values = values[:len(n.Outputs)] // outputs that LibTorch made and the text leaves out
	}
	entries := make([]*entry, len(values))
	for i, v := range values {
		t := im.track(s, args, v, n)
		if i < len(n.Outputs) {
			if !im.agrees(n, n.Outputs[i], v) || !im.gradient(n, n.Outputs[i], args, t) {
				im.giveUp(n)
				return
			}
		}
		entries[i] = &entry{tensor: t}
	}
	im.define(n, entries...)
}

// inPlace writes values[0] to target and makes the node's output another name of it.
func (im *importer) inPlace(n *Node, target *view, values []*ir.Value) {
	have := target.read(im.b).Type().(*ir.TensorType).Plain()
	v := values[0]
	if v == target.read(im.b) && len(n.Outputs) == 1 { // as of dropout_ in evaluation: nothing is written
		im.define(n, &entry{tensor: target})
		return
	}
	if ir.ElemType(v.Type()) != have.Elem() {
		v = aten.To(im.b, v, have.Elem())
	}
	if v.Type() != ir.Type(have) {
		expanded, err := im.b.Try(ir.State{Name: aten.OpExpand, Operands: []*ir.Value{v},
			Attrs: []ir.NamedAttr{{Name: "shape", Attr: ir.I64Array(have.Shape()...)}}})
		if err != nil {
			im.fail(n.Pos, diag.Invalid, n.Op, "writes %s to a tensor of type %s: %v", v.Type(), have, err)
			im.giveUp(n)
			return
		}
		v = expanded.Result(0)
	}
	grad := target.grad()
	if grad && ungraded[n.Op] {
		im.fail(n.Pos, diag.Unsupported, n.Op, "writes to a tensor with a gradient, which LibTorch leaves as it was before the write: write to a detach().clone(), or use the op without _")
		im.giveUp(n)
		return
	}
	for _, name := range n.Inputs {
		if e := im.entries[name.Name]; e != nil && e.tensor != nil {
			grad = grad || e.tensor.grad()
		}
	}
	if len(n.Outputs) == 1 && recordedGrad(n.Outputs[0].Type) == no && grad && ir.IsFloat(v.Type()) {
		v, grad = aten.Detach(im.b, v), false
	}
	if err := target.write(im.b, v); err != nil {
		im.fail(n.Pos, diag.Unsupported, n.Op, "%v", err)
		im.giveUp(n)
		return
	}
	target.st.grad = grad
	if len(n.Outputs) == 1 {
		if !im.agrees(n, n.Outputs[0], v) {
			im.giveUp(n)
			return
		}
		im.define(n, &entry{tensor: target})
	}
}

// ungraded are writes that autograd takes no notice of.
var ungraded = map[string]bool{"aten::logical_and_": true, "aten::logical_or_": true, "aten::logical_xor_": true, "aten::logical_not_": true}

// rename makes target another name of its memory: of value, which is a view of it.
func (im *importer) rename(n *Node, target *view, value *ir.Value) {
	for _, p := range im.params {
		if im.entries[p.Name].tensor == target {
			im.fail(n.Pos, diag.Unsupported, n.Op, "changes the shape or the gradient of input %%%s itself, which is the caller's: use the op without _", p.Name)
			im.giveUp(n)
			return
		}
	}
	_, path, _ := viewPath(value, []*view{target})
	target.path = append(slices.Clone(target.path), path...)
	target.value, target.shared = value, true
	if len(n.Outputs) == 1 {
		if !im.agrees(n, n.Outputs[0], value) || !im.gradient(n, n.Outputs[0], nil, target) {
			im.giveUp(n)
			return
		}
		im.define(n, &entry{tensor: target})
	}
}

// track finds out whether a result shares memory with an argument: one that the schema
// says so of, and of which the result is a view.
func (im *importer) track(s *ir.Signature, args []*entry, v *ir.Value, n *Node) *view {
	grad := false
	var tensors []*view
	for i, a := range args {
		for _, t := range a.views() {
			t.read(im.b)
			grad = grad || t.grad()
			if s.Params[i].Shared {
				tensors = append(tensors, t)
			}
		}
	}
	from, path, shares := viewPath(v, tensors)
	if shares { // of a list of tensors, one
		grad = from.grad()
	}
	grad = grad && ir.IsFloat(v.Type())
	if op := v.Def(); op != nil && (op.NumOperands() == 0 || op.Has(ir.NotDifferentiable)) {
		grad = false
	}
	if !im.writes || !shares {
		t := newView(v, grad)
		if im.writes && unaccounted[s.Name] {
			lend(s.Name, args[0].tensor.st, t.st)
		}
		return t
	}
	if mayCopy[s.Name] && len(n.Inputs) > 0 && len(n.Outputs) == 1 {
		var err error
		shares, err = sharesMemory(s.Name, im.types[n.Inputs[0].Name], n.Outputs[0].Type)
		if err != nil {
			im.fail(n.Pos, diag.Unsupported, n.Op, "%v", err)
		}
		if !shares {
			return newView(v, grad)
		}
	}
	full := append(append([]*ir.Op{}, from.path...), path...)
	return &view{st: from.st, path: full, value: v, version: from.st.version, shared: true}
}

// views lists the tensors that an argument holds.
func (e *entry) views() []*view {
	if e.tensor != nil {
		return []*view{e.tensor}
	}
	var out []*view
	for _, x := range e.list {
		out = append(out, x.views()...)
	}
	return out
}

// agrees holds a computed type against the recorded one.
func (im *importer) agrees(n *Node, out Param, v *ir.Value) bool {
	want, err := tensorType(out.Type)
	if err != nil {
		return true // nothing was recorded
	}
	if ir.Compatible(v.Type(), want) || ir.Compatible(v.Type(), want.Plain()) {
		return true
	}
	im.fail(n.Pos, diag.Invalid, n.Op, "%%%s is recorded as %s, but the op gives %s", out.Name, want.Plain(), v.Type())
	return false
}

// answer is yes, no, or not recorded.
type answer int

const (
	unknown answer = iota
	no
	yes
)

func recordedGrad(t *Type) answer {
	switch {
	case t == nil || t.RequiresGrad == nil:
		return unknown
	case *t.RequiresGrad:
		return yes
	}
	return no
}

// gradient holds against each other whether a gradient flows into a result and
// whether it was recorded to. A result that takes part in no gradient though its
// operands do was computed under no_grad: it is detached. One that has a gradient
// though no operand has comes from autograd code that the text does not show.
func (im *importer) gradient(n *Node, out Param, args []*entry, t *view) bool {
	if !ir.IsFloat(t.value.Type()) {
		return true
	}
	switch recorded := recordedGrad(out.Type); {
	case recorded == no && t.grad():
		if n.Op == "aten::_convolution" {
			// The tracer records this result's type before autograd has seen it.
			switch im.convolutionGradient(out.Name) {
			case yes:
				return true
			case unknown:
				im.fail(n.Pos, diag.Unsupported, n.Op, "the text does not tell whether a gradient flows through this convolution")
				return false
			}
		}
		t.detach(im.b)
	case recorded == yes && !t.grad():
		im.fail(n.Pos, diag.Unsupported, n.Op, "%%%s has a gradient, but none of the op's operands has: it comes from "+
			"requires_grad_() or a custom autograd function, which the text does not show, or the operands are views "+
			"that were taken under no_grad: detach() them", out.Name)
		return false
	}
	return true
}

// convolutionGradient tells from the users of a convolution's result whether a
// gradient flows through it: yes if a user has a gradient that can come from nowhere
// else, or if it is an output, which takes no part without an adjoint; no if no user
// has one.
func (im *importer) convolutionGradient(name string) answer {
	mixed, output := false, im.outputs[name]
	for _, user := range im.users[name] {
		if len(user.Outputs) == 0 {
			continue
		}
		if user.Op == "prim::ListConstruct" || user.Op == "prim::TupleConstruct" {
			switch im.gatheredGradient(name, user) {
			case yes:
				return yes
			case unknown:
				mixed = true
			}
			output = output || im.outputs[user.Outputs[0].Name]
			continue
		}
		if recordedGrad(user.Outputs[0].Type) != yes {
			continue
		}
		if !im.othersHaveGradient(name, user) {
			return yes
		}
		mixed = true
	}
	switch {
	case mixed:
		return unknown
	case output:
		return yes
	}
	return no
}

// gatheredGradient asks the users of a list that holds the result.
func (im *importer) gatheredGradient(name string, list *Node) answer {
	found := no
	for _, user := range im.users[list.Outputs[0].Name] {
		if len(user.Outputs) == 0 || recordedGrad(user.Outputs[0].Type) != yes {
			continue
		}
		if !im.othersHaveGradient(name, list) && !im.othersHaveGradient(list.Outputs[0].Name, user) {
			return yes
		}
		found = unknown
	}
	return found
}

// othersHaveGradient reports whether a node has an operand with a gradient that is not
// of that name.
func (im *importer) othersHaveGradient(name string, n *Node) bool {
	return slices.ContainsFunc(n.Inputs, func(v Var) bool { return v.Name != name && recordedGrad(im.types[v.Name]) == yes })
}
