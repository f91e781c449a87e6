package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// Kernels that the graph calls: each gets a pullback, and one more that adds where an adjoint is
// there already.

// prepareCalls makes the pullback of every kernel that graph calls with an active
// operand, and gives the calls the results that the kernels have got thereby.
func (d *differentiator) prepareCalls(graph *ir.Op, wanted []bool) error {
	active := d.activity(graph, wanted)
	d.seek(graph, active)
	for _, op := range graph.Body().Ops() {
		if op.Name != funcs.OpCall {
			continue
		}
		callee, key, wanted, sought, err := d.callee(op, active, d.sought)
		if err != nil {
			return err
		}
		if d.pullbacks[key] != nil || !slices.Contains(wanted, true) {
			continue
		}
		name := d.m.UniqueSymbol(callee.Str(ir.SymbolName) + "_pullback_first")
		if d.pullbacks[key], err = d.pullback(callee, name, wanted, sought); err != nil {
			return err
		}
	}
	for _, op := range graph.Body().Ops() {
		if op.Name != funcs.OpCall {
			continue
		}
		callee, err := d.kernel(op)
		if err != nil {
			return err
		}
		if len(funcs.Type(callee).Results()) == op.NumResults() {
			continue
		}
		grown := funcs.Call(ir.BuilderBefore(d.m.Ctx, op), callee, op.Operands()...)
		op.Replace(grown.Results()[:op.NumResults()]...)
	}
	return nil
}

// seek finds the values of the graph at which an adjoint arrives. To take it for zero elsewhere would do, but
// that 0 times an infinite slope is NaN.
func (d *differentiator) seek(graph *ir.Op, active map[*ir.Value]bool) {
	d.sought = d.arrivals(graph, active, nil)
}

// arrivals says for each active value of f whether an adjoint arrives there if one does at the sought results, at
// all if sought is nil.
func (d *differentiator) arrivals(f *ir.Op, active map[*ir.Value]bool, sought []bool) map[*ir.Value]bool {
	arrived := map[*ir.Value]bool{}
	ret := f.Body().Last()
	for i, v := range ret.Operands() {
		if active[v] && (sought == nil || i < len(sought) && sought[i]) {
			arrived[v] = true
		}
	}
	for op := ret.Prev(); op != nil; op = op.Prev() {
		if op.Has(ir.NotDifferentiable) || !slices.Contains(among(op.Results(), arrived), true) {
			continue
		}
		wanted := among(op.Operands(), active)
		if op.Name == funcs.OpCall {
			if _, _, into, _, err := d.callee(op, active, arrived); err == nil { // else it is said where the call is differentiated
				wanted = into
			}
		}
		for i, v := range op.Operands() {
			if wanted[i] {
				arrived[v] = true
			}
		}
	}
	return arrived
}

// kernel finds the function that op calls.
func (d *differentiator) kernel(op *ir.Op) (*ir.Op, error) {
	ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
	if f := d.m.Symbol(ref.Path); f != nil {
		return f, nil
	}
	return nil, op.Errorf("symbol @%s is not defined", ref.Path)
}

// callee finds the kernel that op calls, which of its inputs want a gradient from the results at which an adjoint
// arrives (all, if arrived is nil), which results these are, and the key of the pullback for them.
func (d *differentiator) callee(op *ir.Op, active, arrived map[*ir.Value]bool) (*ir.Op, string, []bool, []bool, error) {
	callee, err := d.kernel(op)
	if err != nil {
		return nil, "", nil, nil, err
	}
	name, wanted := callee.Str(ir.SymbolName), among(op.Operands(), active)
	if arrived == nil {
		return callee, fmt.Sprint(name, wanted), wanted, nil, nil
	}
	var places []int // a kernel that saves values has more results than the call had
	sought := among(op.Results(), arrived)
	for i, s := range sought {
		if s {
			places = append(places, i)
		}
	}
	inside := d.arrivals(callee, d.activity(callee, wanted), sought)
	for i, a := range callee.Body().Args() {
		wanted[i] = wanted[i] && inside[a]
	}
	return callee, fmt.Sprint(name, wanted, places), wanted, sought, nil
}

// reverseCall calls the pullback of the kernel that op calls. Adjoints that exist
// already go in and are added to, so that no value is read and written once more
// for the sum.
func (d *differentiator) reverseCall(b *ir.Builder, op *ir.Op, adjoint *adjoints, active map[*ir.Value]bool) error {
	_, key, _, _, err := d.callee(op, active, d.sought)
	if err != nil {
		return err
	}
	info := d.pullbacks[key]
	if info == nil {
		return op.Errorf("internal error: its kernel has no pullback")
	}
	accumulate := make([]bool, len(info.gradients))
	taken := map[*ir.Value]bool{}
	for k, i := range info.gradients {
		v := op.Operand(i)
		accumulate[k] = d.accumulate && adjoint.of[v] != nil && !taken[v]
		taken[v] = true
	}
	if info, err = d.accumulating(info, key, accumulate); err != nil {
		return err
	}
	d.original[op].SetAttr(PullbackMark, ir.SymbolRefAttr{Path: info.fn.Str(ir.SymbolName)})
	operands := op.Operands()
	for _, i := range info.outputs {
		operands = append(operands, op.Result(i))
	}
	for _, i := range info.adjoints {
		g := adjoint.of[op.Result(i)]
		if g == nil {
			t := op.Result(i).Type().(*ir.TensorType)
			g = aten.Full(b, ir.Scalar{}, t.Shape(), t.Elem())
		}
		operands = append(operands, g)
	}
	for k, i := range info.gradients {
		if accumulate[k] {
			operands = append(operands, adjoint.of[op.Operand(i)])
			delete(adjoint.of, op.Operand(i))
		}
	}
	back := funcs.Call(b, info.fn, operands...)
	for k, i := range info.gradients {
		adjoint.add(op.Operand(i), back.Result(k))
	}
	return nil
}

// accumulating is the variant of a pullback that adds to the gradients gathered so
// far where accumulate holds: they are further arguments of it.
func (d *differentiator) accumulating(first *pullbackInfo, key string, accumulate []bool) (*pullbackInfo, error) {
	if !slices.Contains(accumulate, true) {
		return first, nil
	}
	key += fmt.Sprint(accumulate)
	if info := d.pullbacks[key]; info != nil {
		return info, nil
	}
	name := strings.TrimSuffix(first.fn.Str(ir.SymbolName), "_first")
	info := *first
	info.fn = ir.NewBuilder(d.m.Ctx, d.m.Body()).Clone(first.fn, ir.Mapping{})
	info.fn.SetAttr(ir.SymbolName, ir.StringAttr(d.m.UniqueSymbol(name)))
	body := info.fn.Body()
	ret := body.Last()
	b := ir.BuilderBefore(d.m.Ctx, ret)
	for k := range info.gradients {
		if accumulate[k] {
			so := body.AddArg(ret.Operand(k).Type())
			ret.SetOperand(k, aten.Add(b, so, ret.Operand(k)))
		}
	}
	funcs.SetType(info.fn, ir.Func(ir.TypesOf(body.Args()), funcs.Type(info.fn).Results()))
	d.pullbacks[key] = &info
	return &info, nil
}

// eraseUnusedPullbacks removes the pullbacks that only served as a pattern for an
// accumulating variant.
func (d *differentiator) eraseUnusedPullbacks() {
	called := map[string]bool{}
	d.m.Op.Walk(func(op *ir.Op) {
		if ref, ok := op.Attr("callee").(ir.SymbolRefAttr); ok {
			called[ref.Path] = true
		}
	})
	for _, op := range d.m.Body().Ops() {
		if name := op.Str(ir.SymbolName); strings.Contains(name, "_pullback") && !called[name] {
			op.Erase()
		}
	}
	// A kernel names the pullback that is left.
	for _, op := range d.m.Body().Ops() {
		ref, ok := op.Attr(PullbackMark).(ir.SymbolRefAttr)
		if ok && d.m.Symbol(ref.Path) == nil {
			op.SetAttr(PullbackMark, ir.SymbolRefAttr{Path: strings.TrimSuffix(ref.Path, "_first")})
		}
	}
}
