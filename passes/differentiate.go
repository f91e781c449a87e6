package passes

import (
	"errors"
	"fmt"
	"maps"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// The functions of a differentiated module and the marks on them.
const (
	// GraphName is the function that an observed graph is imported as; after
	// differentiate it also returns what the backward sweep reads again.
	GraphName = "graph"
	// BackwardName is the function that differentiate makes.
	BackwardName = "graph_backward"
	// RequiresGrad marks arguments of the graph that want a gradient.
	RequiresGrad = "cladopt.requires_grad"
	// KernelMark marks functions that are kernels.
	KernelMark = "cladopt.kernel"
	// PullbackMark names the pullback of a kernel.
	PullbackMark = "cladopt.pullback"
	// OutputsMark is, on the graph, the number of results that are outputs; those
	// after them are saved for the backward sweep.
	OutputsMark = "cladopt.outputs"
	// On a pullback: how many inputs of its function come first, which results of it
	// follow, then the adjoints of which results, and the gradients of which inputs it
	// returns.
	InputsMark    = "cladopt.inputs"
	ReadsMark     = "cladopt.reads_results"
	AdjointsMark  = "cladopt.adjoints_of"
	GradientsMark = "cladopt.gradients_of"
	// MutationsMark lists, on the graph, the inputs it writes to: its last outputs are
	// the values to be copied back to them.
	MutationsMark = "cladopt.mutations"
)

const remedyDetach = "detach the value, or leave this part to LibTorch"

// Differentiate makes the backward sweep.
func Differentiate() *Pass {
	return &Pass{
		Name: "differentiate",
		Doc: "Makes @graph_backward, which takes the inputs of @graph, its outputs, what @graph saves, and the adjoints " +
			"of the floating outputs, and returns the gradients of the inputs marked cladopt.requires_grad. Structured " +
			"ops bring their derivative; that of an elementwise loop nest is derived from its body; a kernel that is " +
			"called gets a pullback, made by the same rule from the kernel's body. Elementwise values are computed " +
			"again in the backward sweep, all others saved; remarks say which.",
		Options: []Option{
			{Name: "bodies", Default: "inline", Doc: "inline, or outline: the derivative of each scalar body becomes a function of its own, " +
				"which an engine may derive by itself"},
			{Name: "accumulate", Default: "true", Doc: "let pullbacks add to adjoints that are there already"},
		},
		Run: func(p *Run) error {
			graph := p.Module.Symbol(GraphName)
			if graph == nil {
				return fmt.Errorf("the module has no function @%s to differentiate", GraphName)
			}
			if p.Module.Symbol(BackwardName) != nil {
				return fmt.Errorf("the module already has a function @%s", BackwardName)
			}
			d := &differentiator{m: p.Module, run: p, pullbacks: map[string]*pullbackInfo{}, reached: map[string][]bool{}, accumulate: p.Bool("accumulate"), scalar: linalg.ScalarVJP}
			switch mode := p.Str("bodies"); mode {
			case "inline":
			case "outline":
				d.scalar = (&bodies{m: p.Module, known: map[string]*ir.Op{}}).gradient
			default:
				return fmt.Errorf("option bodies is %q, expected inline or outline", mode)
			}
			n := len(funcs.Type(graph).Results())
			graph.SetAttr(OutputsMark, ir.I64Attr(int64(n)))
			wanted := make([]bool, len(graph.Body().Args()))
			for i, a := range graph.Body().Args() {
				wanted[i] = ir.IsFloat(a.Type()) && funcs.ArgAttrs(graph, i).Get(RequiresGrad) != nil
			}
			if err := d.prepareCalls(graph, wanted); err != nil {
				return err
			}
			if _, err := d.pullback(graph, BackwardName, wanted, nil); err != nil {
				return err
			}
			d.eraseUnusedPullbacks()
			return nil
		},
	}
}

type differentiator struct {
	m   *ir.Module
	run *Run
	// pullbacks by kernel and wanted inputs, and which results of the kernel depend on those.
	pullbacks map[string]*pullbackInfo
	reached   map[string][]bool
	// original finds the op of the graph that an op of the backward sweep is a copy of.
	original map[*ir.Op]*ir.Op
	// sought are the values of the graph, and their copies in the backward sweep, at which an adjoint arrives.
	sought     map[*ir.Value]bool
	accumulate bool
	scalar     linalg.ScalarGradient
}

// pullbackInfo says how to call a pullback.
type pullbackInfo struct {
	fn *ir.Op
	// outputs lists the results of the function that the pullback takes after the
	// function's inputs.
	outputs []int
	// adjoints lists the results whose adjoints it takes after those.
	adjoints []int
	// gradients lists the inputs whose gradients it returns.
	gradients []int
}

// pullback makes the function name, which computes the gradients of the wanted
// inputs of f from the adjoints of the sought results, all that depend on those inputs
// if it is nil. f's results grow by the values that the pullback wants saved.
func (d *differentiator) pullback(f *ir.Op, name string, wanted, sought []bool) (*pullbackInfo, error) {
	isGraph := f.Str(ir.SymbolName) == GraphName
	active := d.activity(f, wanted)
	ret := f.Body().Last()
	results := ret.Operands()

	info := &pullbackInfo{}
	info.fn = funcs.NewFunc(d.m, name, ir.Func(nil, nil))
	info.fn.Loc = f.Loc
	body := info.fn.Body()
	b := ir.NewBuilder(d.m.Ctx, body)
	b.Loc = f.Loc

	copies := ir.Mapping{}
	for _, a := range f.Body().Args() {
		copies[a] = body.AddArg(a.Type())
	}
	outputs := make([]*ir.Value, len(results))
	for i, v := range results {
		if v.Def() == nil {
			outputs[i] = copies.Of(v) // a result that is an input needs no argument of its own
			continue
		}
		outputs[i] = body.AddArg(v.Type())
	}
	savedAt := len(body.Args())
	seeds := map[*ir.Value]*ir.Value{}
	type seed struct {
		result int
		arg    *ir.Value
	}
	var seedArgs []seed
	for i, v := range results {
		if active[v] && (sought == nil || i < len(sought) && sought[i]) {
			seedArgs = append(seedArgs, seed{i, body.AddArg(plain(v.Type()))})
		}
	}

	// The forward computation, to read values from; what nothing reads goes away again.
	var forward []*ir.Op
	original := map[*ir.Op]*ir.Op{}
	for op := f.Body().First(); op != ret; op = op.Next() {
		c := b.Clone(op, copies)
		forward = append(forward, c)
		original[c] = op
	}
	isActive := map[*ir.Value]bool{}
	for v := range active {
		isActive[copies.Of(v)] = active[v]
	}
	adjoint := &adjoints{b: b, of: seeds}
	for _, s := range seedArgs {
		adjoint.add(copies.Of(results[s.result]), s.arg)
	}
	if isGraph {
		d.original = original
		d.seek(f, active)
		for v := range maps.Clone(d.sought) {
			d.sought[copies.Of(v)] = true
		}
	}
	for i := len(forward) - 1; i >= 0; i-- {
		if err := d.reverse(b, forward[i], adjoint, isActive); err != nil {
			return nil, err
		}
	}

	var gradients []*ir.Value
	for i, a := range f.Body().Args() {
		if !wanted[i] {
			continue
		}
		g := adjoint.of[copies.Of(a)]
		if g == nil {
			t := a.Type().(*ir.TensorType)
			g = aten.Full(b, ir.Scalar{}, t.Shape(), t.Elem())
		}
		info.gradients = append(info.gradients, i)
		gradients = append(gradients, g)
	}
	funcs.Return(b, gradients...)

	// Read outputs instead of computing them again.
	for i, v := range results {
		if v.Def() != nil {
			copies.Of(v).ReplaceAllUsesWith(outputs[i])
		}
	}
	eraseDeadClones(forward)

	// Values that are dear to compute again become results of f.
	var saved []*ir.Value
	for _, c := range forward {
		if c.Block() == nil || cheapToRecompute(c) && !comparedExactly(c) {
			continue
		}
		op := original[c]
		for i := 0; i < c.NumResults(); i++ {
			if c.Result(i).Unused() {
				continue
			}
			v := op.Result(i)
			arg := body.InsertArg(savedAt+len(saved), plain(v.Type()))
			c.Result(i).ReplaceAllUsesWith(arg)
			saved = append(saved, v)
			d.run.Remark(op.Loc, "saved for the backward sweep: the result of %s, %s", op.Name, v.Type())
		}
	}
	eraseDeadClones(forward)
	if len(saved) > 0 {
		ret.SetOperands(append(results, saved...))
		ft := funcs.Type(f)
		funcs.SetType(f, ir.Func(ft.Inputs(), ir.TypesOf(ret.Operands())))
	}

	// Drop the arguments for outputs that nothing reads, except on the graph, whose
	// signature is fixed by the library's contract.
	next := len(f.Body().Args())
	for i := range results {
		if results[i].Def() == nil {
			continue
		}
		if outputs[i].Unused() && !isGraph {
			body.EraseArg(next)
			continue
		}
		info.outputs = append(info.outputs, i)
		next++
	}
	for i := range saved {
		info.outputs = append(info.outputs, len(results)+i)
	}
	for _, s := range seedArgs {
		info.adjoints = append(info.adjoints, s.result)
	}
	funcs.SetType(info.fn, ir.Func(ir.TypesOf(body.Args()), ir.TypesOf(gradients)))
	info.markRoles(len(f.Body().Args()))
	if !isGraph {
		info.fn.SetAttr(KernelMark, ir.UnitAttr{})
		f.SetAttr(PullbackMark, ir.SymbolRefAttr{Path: name})
	}
	return info, nil
}

// markRoles records on a pullback which of its arguments are inputs, outputs, saved
// values and adjoints, and which inputs its results belong to.
func (info *pullbackInfo) markRoles(inputs int) {
	var outputs, adjoints, gradients []int64
	for _, i := range info.outputs {
		outputs = append(outputs, int64(i))
	}
	for _, i := range info.adjoints {
		adjoints = append(adjoints, int64(i))
	}
	for _, i := range info.gradients {
		gradients = append(gradients, int64(i))
	}
	info.fn.SetAttr(ReadsMark, ir.I64Array(outputs...))
	info.fn.SetAttr(AdjointsMark, ir.I64Array(adjoints...))
	info.fn.SetAttr(GradientsMark, ir.I64Array(gradients...))
	info.fn.SetAttr(InputsMark, ir.I64Attr(int64(inputs)))
}

// plain is a tensor type without the strides that only arguments of the graph carry.
func plain(t ir.Type) ir.Type {
	if tt, ok := t.(*ir.TensorType); ok {
		return tt.Plain()
	}
	return t
}

// eraseDeadClones removes ops that nothing uses, last first.
func eraseDeadClones(ops []*ir.Op) {
	for i := len(ops) - 1; i >= 0; i-- {
		if ops[i].Block() != nil && unused(ops[i]) {
			ops[i].Erase()
		}
	}
}

// adjoints gathers the adjoint of each value.
type adjoints struct {
	b  *ir.Builder
	of map[*ir.Value]*ir.Value
}

func (a *adjoints) add(v, d *ir.Value) {
	if d == nil {
		return
	}
	if so := a.of[v]; so != nil {
		d = aten.Add(a.b, so, d)
	}
	a.of[v] = d
}

// reverse adds to the adjoints of the operands of op what its results' adjoints
// contribute.
func (d *differentiator) reverse(b *ir.Builder, op *ir.Op, adjoint *adjoints, active map[*ir.Value]bool) error {
	douts := make([]*ir.Value, op.NumResults())
	arrived := false
	for i := range douts {
		if !active[op.Result(i)] {
			continue
		}
		douts[i] = adjoint.of[op.Result(i)]
		arrived = arrived || douts[i] != nil
	}
	if !arrived {
		return nil
	}
	b.Loc = op.Loc
	if op.Name == funcs.OpCall {
		return d.reverseCall(b, op, adjoint, active)
	}
	def := op.Def()
	if def == nil || def.VJP == nil {
		e := op.Errorf("has no derivative here")
		e.Code = diag.Unsupported
		e.Remedy = remedyDetach
		return e
	}
	if err := differentiable(op, active); err != nil {
		return err
	}
	vjp := def.VJP
	if op.Name == linalg.OpGeneric {
		vjp = func(b *ir.Builder, op *ir.Op, douts []*ir.Value) []*ir.Value {
			return linalg.Pullback(b, op, douts, among(op.Operands(), active), d.scalar)
		}
	}
	for i, g := range vjp(b, op, douts) {
		if g != nil && active[op.Operand(i)] {
			adjoint.add(op.Operand(i), g)
		}
	}
	return nil
}

// among says which of the values are active.
func among(values []*ir.Value, active map[*ir.Value]bool) []bool {
	out := make([]bool, len(values))
	for i, v := range values {
		out[i] = active[v]
	}
	return out
}

// differentiable asks op whether it can be differentiated for its active operands.
func differentiable(op *ir.Op, active map[*ir.Value]bool) error {
	ask := op.Def().Differentiable
	if ask == nil {
		return nil
	}
	err := ask(op, among(op.Operands(), active))
	var e *diag.Error
	if errors.As(err, &e) {
		e.Code, e.Remedy = diag.Unsupported, remedyDetach
	}
	return err
}

// cheapToRecompute reports whether a value is computed again in the backward sweep
// rather than saved: elementwise loop nests, constants and pure renamings are.
func cheapToRecompute(op *ir.Op) bool {
	def := op.Def()
	switch {
	case def == nil:
		return false
	case op.Name == linalg.OpGeneric:
		return isElementwise(op)
	case def.Traits&(ir.View|ir.ConstantLike|ir.Elementwise) != 0, op.NumOperands() == 0:
		return true
	}
	return false
}

// comparedExactly reports whether a derivative asks where a result of op is equal to
// another value, as that of amax does. Such a value is saved though it is cheap:
// computed again by other machine code it may differ in the last bit, and be equal to
// nothing.
func comparedExactly(op *ir.Op) bool {
	for _, r := range op.Results() {
		for _, use := range r.Uses() {
			switch user := use.Owner(); {
			case user.Name == aten.OpEq || user.Name == aten.OpNe:
				return true
			case user.Name == aten.OpAbs || user.Name == aten.OpTo || user.Has(ir.View):
				if comparedExactly(user) {
					return true
				}
			}
		}
	}
	return false
}

// activity says for each value of f whether a wanted input's gradient depends on it.
func (d *differentiator) activity(f *ir.Op, wanted []bool) map[*ir.Value]bool {
	active := map[*ir.Value]bool{}
	for i, a := range f.Body().Args() {
		if wanted[i] {
			active[a] = true
		}
	}
	for op := f.Body().First(); op != nil; op = op.Next() {
		if op.Has(ir.NotDifferentiable) {
			continue
		}
		any := false
		for i := 0; i < op.NumOperands(); i++ {
			any = any || active[op.Operand(i)]
		}
		for i := 0; any && i < op.NumResults(); i++ {
			if ir.IsFloat(op.Result(i).Type()) && d.reaches(op, i, active) {
				active[op.Result(i)] = true
			}
		}
	}
	return active
}

// reaches reports whether a gradient flows from active operands of op to its result i.
func (d *differentiator) reaches(op *ir.Op, i int, active map[*ir.Value]bool) bool {
	switch op.Name {
	case linalg.OpGeneric:
		return linalg.Reaches(op, i, active)
	case funcs.OpCall:
		callee, key, wanted, _, err := d.callee(op, active, nil)
		if err != nil {
			return true // which is said where the call is differentiated
		}
		results := d.reached[key]
		if len(results) <= i { // not known, or the kernel has grown by values that are saved
			results = among(callee.Body().Last().Operands(), d.activity(callee, wanted))
			d.reached[key] = results
		}
		return results[i]
	}
	return true
}
