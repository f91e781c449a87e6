package reduce

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// Module reduces m, which must fail; m itself is not changed. The uses of a result that
// goes become uses of an argument of the function, an operand of the op, a new argument,
// or a constant, whichever of the same type there is first.
func Module(m *ir.Module, fails Fails) *ir.Module {
	r := &moduleReducer{now: m, fails: fails, sound: ir.Verify(m.Ctx, m.Op) == nil}
	fixpoint(
		r.drops(topLevel, func(op *ir.Op) { op.Erase() }),
		r.drops(inner, func(op *ir.Op) { takeOut(m.Ctx, op) }),
		r.drops(structured, func(op *ir.Op) { unwrap(m.Ctx, op) }),
		r.drops(functions, dropResults),
		r.dropSingleResults,
		r.drops(functions, dropArguments),
		r.drops(discardable, func(op *ir.Op) {
			for _, a := range slices.Clone(op.Attrs()) {
				if def := op.Def().Attr(a.Name); def != nil && !def.Required {
					op.SetAttr(a.Name, nil)
				}
			}
		}),
	)
	return r.now
}

type moduleReducer struct {
	now   *ir.Module
	fails Fails
	sound bool // the module verifies, and so must candidates
}

// try makes candidate the module that is reduced further, if it is smaller and fails.
func (r *moduleReducer) try(candidate *ir.Module) bool {
	if !weigh(candidate).less(weigh(r.now)) || r.sound && ir.Verify(candidate.Ctx, candidate.Op) != nil || !r.fails(candidate.String()) {
		return false
	}
	r.now = candidate
	return true
}

// drops is a step that applies drop to chunks of the ops that list names.
func (r *moduleReducer) drops(list func(m *ir.Module) []*ir.Op, drop func(op *ir.Op)) func() bool {
	return func() bool {
		return chunks(func() int { return len(list(r.now)) }, func(from, to int) bool {
			candidate := ir.CloneModule(r.now)
			chosen := list(candidate)[from:to]
			for _, op := range slices.Backward(chosen) { // users before what they use
				drop(op)
			}
			return r.try(candidate)
		})
	}
}

// weight orders modules; less is smaller.
type weight struct{ ops, values, attrs int }

func (w weight) less(v weight) bool {
	if w.ops != v.ops {
		return w.ops < v.ops
	}
	if w.values != v.values {
		return w.values < v.values
	}
	return w.attrs < v.attrs
}

func weigh(m *ir.Module) weight {
	var w weight
	m.Op.Walk(func(op *ir.Op) {
		w.ops++
		w.values += op.NumOperands() + op.NumResults()
		w.attrs += len(op.Attrs())
		for i := range op.NumRegions() {
			for _, b := range op.Region(i).Blocks() {
				w.values += len(b.Args())
			}
		}
	})
	return w
}

func topLevel(m *ir.Module) []*ir.Op { return m.Body().Ops() }

// inner is the ops inside of functions that need not be, those around others first.
func inner(m *ir.Module) []*ir.Op {
	var out []*ir.Op
	var visit func(op *ir.Op)
	visit = func(op *ir.Op) {
		for i := range op.NumRegions() {
			for _, b := range op.Region(i).Blocks() {
				for _, in := range b.Ops() {
					if !in.Has(ir.Terminator) {
						out = append(out, in)
					}
					visit(in)
				}
			}
		}
	}
	for _, f := range m.Body().Ops() {
		visit(f)
	}
	return out
}

// functions is the ones with a body whose type can change, because nothing names them.
func functions(m *ir.Module) []*ir.Op {
	return slices.DeleteFunc(m.Body().Ops(), func(f *ir.Op) bool { return !free(f) })
}

func free(f *ir.Op) bool {
	if f.Name != funcs.OpFunc || f.Body() == nil || len(f.Body().Args()) != len(funcs.Type(f).Inputs()) {
		return false
	}
	name, named := f.Str(ir.SymbolName), false
	f.Block().Owner().Walk(func(op *ir.Op) {
		for _, a := range op.Attrs() {
			ref, ok := a.Attr.(ir.SymbolRefAttr)
			named = named || ok && ref.Path == name
		}
	})
	return !named
}

// discardable is the ops with an attribute that may be left out.
func discardable(m *ir.Module) []*ir.Op {
	var out []*ir.Op
	m.Op.Walk(func(op *ir.Op) {
		if op.Def() != nil && slices.ContainsFunc(op.Attrs(), func(a ir.NamedAttr) bool {
			def := op.Def().Attr(a.Name)
			return def != nil && !def.Required
		}) {
			out = append(out, op)
		}
	})
	return out
}

// takeOut erases op if its results can be replaced.
func takeOut(ctx *ir.Context, op *ir.Op) {
	for _, v := range op.Results() {
		if v.Unused() {
			continue
		}
		w := standIn(ctx, op, v.Type())
		if w == nil {
			return
		}
		v.ReplaceAllUsesWith(w)
	}
	op.Erase()
}

// structured is the ops inside of functions that hold others.
func structured(m *ir.Module) []*ir.Op {
	return slices.DeleteFunc(inner(m), func(op *ir.Op) bool { return op.Body() == nil })
}

// unwrap puts what op holds in its place.
func unwrap(ctx *ir.Context, op *ir.Op) {
	for i := range op.NumRegions() {
		for _, b := range op.Region(i).Blocks() {
			for _, a := range b.Args() {
				if a.Unused() {
					continue
				}
				w := standIn(ctx, op, a.Type())
				if w == nil {
					return
				}
				a.ReplaceAllUsesWith(w)
			}
			for _, in := range b.Ops() {
				if !in.Has(ir.Terminator) {
					in.MoveBefore(op)
				}
			}
		}
	}
	takeOut(ctx, op)
}

// standIn is a value of type t that may be used wherever results of op may, nil if there
// is none.
func standIn(ctx *ir.Context, op *ir.Op, t ir.Type) *ir.Value {
	f := op.Parent()
	for f != nil && !f.Has(ir.IsolatedFromAbove) {
		f = f.Parent()
	}
	if f == nil || f.Body() == nil {
		return nil
	}
	for _, v := range slices.Concat(f.Body().Args(), op.Operands()) {
		if v.Type() == t {
			return v
		}
	}
	if f.Block() != nil && free(f) {
		return addArgument(f, t)
	}
	return zero(ctx, f, t)
}

// zero is a constant at the start of f, where there is one for each type; nil where there is no constant
// of the type.
func zero(ctx *ir.Context, f *ir.Op, t ir.Type) *ir.Value {
	var value ir.Attr
	switch {
	case t == ir.Type(ir.Index) || ir.IsInteger(t) && ir.ElemType(t) == t:
		value = ir.IntegerAttr{Type: t}
	case ir.IsFloat(t) && ir.ElemType(t) == t:
		value = ir.FloatAttr{Type: t}
	default:
		tensor, ok := t.(*ir.TensorType)
		if !ok || slices.Contains(tensor.Shape(), ir.Dynamic) {
			return nil
		}
		value = &ir.DenseAttr{Type: tensor, Values: []ir.Scalar{{}}}
	}
	first := f.Body().First()
	for op := first; op != nil && op.Name == arith.OpConstant; op = op.Next() {
		if op.Result(0).Type() == t && op.Attr("value").String() == value.String() {
			return op.Result(0)
		}
	}
	c := ir.NewOp(ctx, ir.State{Name: arith.OpConstant, Results: []ir.Type{t}, Attrs: []ir.NamedAttr{{Name: "value", Attr: value}}})
	f.Body().InsertBefore(c, first)
	return c.Result(0)
}

// addArgument appends an argument to f.
func addArgument(f *ir.Op, t ir.Type) *ir.Value {
	inputs := slices.Clone(funcs.Type(f).Inputs())
	retype(f, append(inputs, t), funcs.Type(f).Results(), upTo(len(inputs)), upTo(len(funcs.Type(f).Results())))
	return f.Body().AddArg(t)
}

// dropArguments drops the arguments that nothing uses.
func dropArguments(f *ir.Op) {
	var inputs []ir.Type
	var kept []int
	for i, a := range f.Body().Args() {
		if !a.Unused() {
			inputs, kept = append(inputs, a.Type()), append(kept, i)
		}
	}
	f.Body().EraseArgs(func(a *ir.Value) bool { return a.Unused() })
	retype(f, inputs, funcs.Type(f).Results(), kept, upTo(len(funcs.Type(f).Results())))
}

// dropResults drops all results.
func dropResults(f *ir.Op) { dropResult(f, func(int) bool { return true }) }

func dropResult(f *ir.Op, drop func(i int) bool) {
	var kept []int
	var types []ir.Type
	for i, t := range funcs.Type(f).Results() {
		if !drop(i) {
			kept, types = append(kept, i), append(types, t)
		}
	}
	n := len(funcs.Type(f).Results())
	for _, b := range f.Region(0).Blocks() {
		ret := b.Last()
		if ret == nil || ret.Name != funcs.OpReturn || ret.NumOperands() != n {
			continue
		}
		var values []*ir.Value
		for _, i := range kept {
			values = append(values, ret.Operand(i))
		}
		ret.SetOperands(values)
	}
	retype(f, funcs.Type(f).Inputs(), types, upTo(len(funcs.Type(f).Inputs())), kept)
}

// dropSingleResults drops results of the functions, chunk by chunk.
func (r *moduleReducer) dropSingleResults() bool {
	progress := false
	for k := range functions(r.now) {
		f := func(m *ir.Module) *ir.Op { return functions(m)[k] }
		progress = chunks(func() int { return len(funcs.Type(f(r.now)).Results()) }, func(from, to int) bool {
			candidate := ir.CloneModule(r.now)
			dropResult(f(candidate), func(i int) bool { return i >= from && i < to })
			return r.try(candidate)
		}) || progress
	}
	return progress
}

// retype sets the type of f; the new inputs are the old ones at keptIn, and more, and
// likewise the results. Their attributes move along.
func retype(f *ir.Op, inputs, results []ir.Type, keptIn, keptOut []int) {
	var ofInputs, ofResults []*ir.DictAttr
	for _, i := range keptIn {
		ofInputs = append(ofInputs, funcs.ArgAttrs(f, i))
	}
	for _, i := range keptOut {
		ofResults = append(ofResults, funcs.ResultAttrs(f, i))
	}
	funcs.SetType(f, ir.Func(nil, nil)) // drops the attributes
	funcs.SetType(f, ir.Func(inputs, results))
	for i, d := range ofInputs {
		for _, a := range d.Entries {
			funcs.SetArgAttr(f, i, a.Name, a.Attr)
		}
	}
	for i, d := range ofResults {
		for _, a := range d.Entries {
			funcs.SetResultAttr(f, i, a.Name, a.Attr)
		}
	}
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
