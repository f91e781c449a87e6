package mlir

import (
	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// returnStatuses has the functions that may fail return what the C++ back end's return,
// an i32 that is 0 or abi.ErrorData plus the number of the first assertion that does not
// hold. MLIR makes abort() of an assertion.
//
// The status is memory on the stack, which LLVM puts into a register. What follows
// something that may fail runs only if the status is still 0:
//
//	cf.assert %c, "m"          memref.store (%c ? 0 : 16), %status[]
//	memref.store %x, %y[%i]    scf.if %c { memref.store %x, %y[%i] }
func returnStatuses(m *ir.Module) error {
	fails := cpp.MayFail(m)
	numbers := cpp.AssertionNumbers(m)
	for f := m.Body().First(); f != nil; f = f.Next() {
		if !fails[f] {
			continue
		}
		if n := len(funcs.Type(f).Results()); n > 0 {
			return f.Errorf("has assertions and %d results; expected results in memory", n)
		}
		g := &guard{m: m, fails: fails, numbers: numbers}
		if err := g.function(f); err != nil {
			return err
		}
	}
	return nil
}

// guard rewrites one function.
type guard struct {
	m       *ir.Module
	fails   map[*ir.Op]bool // functions that return a status
	numbers map[*ir.Op]int  // of assertions
	status  *ir.Value       // memory of the function's status
}

func (g *guard) function(f *ir.Op) error {
	body := f.Body()
	b := ir.BuilderBefore(g.m.Ctx, body.First())
	g.status = memref.Alloca(b, ir.MemRef(nil, ir.I32))
	memref.Store(b, arith.ConstantI(b, 0, ir.I32), g.status)
	if err := g.block(body); err != nil {
		return err
	}
	end := body.Last()
	end.SetOperands([]*ir.Value{memref.Load(ir.BuilderBefore(g.m.Ctx, end), g.status)})
	funcs.SetType(f, ir.Func(funcs.Type(f).Inputs(), []ir.Type{ir.I32}))
	return nil
}

// block guards what follows the first op of b that may fail, and so on inside.
func (g *guard) block(b *ir.Block) error {
	for op := b.First(); op != b.Last(); op = op.Next() {
		next := op.Next()
		ok, err := g.step(op)
		if err != nil {
			return err
		}
		if ok == nil {
			continue
		}
		if op.Name == cf.OpAssert || op.Name == funcs.OpCall {
			op.Erase()
		}
		inner, err := g.onlyIf(ok, b, next)
		if inner == nil || err != nil {
			return err
		}
		return g.block(inner)
	}
	return nil
}

// step makes op set the status, and returns whether it is still 0 after op: nil if op
// cannot fail. An assertion and a call are replaced, but still there.
func (g *guard) step(op *ir.Op) (*ir.Value, error) {
	b := ir.BuilderAfter(g.m.Ctx, op)
	switch {
	case op.Name == cf.OpAssert:
		cond := op.Operand(0)
		zero, number := arith.ConstantI(b, 0, ir.I32), arith.ConstantI(b, int64(abi.ErrorData+g.numbers[op]), ir.I32)
		memref.Store(b, arith.Select(b, cond, zero, number), g.status)
		return cond, nil
	case op.Name == funcs.OpCall:
		if !g.fails[g.callee(op)] {
			return nil, nil
		}
		call := b.Insert(ir.State{Name: funcs.OpCall, Operands: op.Operands(), Results: []ir.Type{ir.I32}, Attrs: op.Attrs()})
		memref.Store(b, call.Result(0), g.status)
		return g.zero(b, call.Result(0)), nil
	case !g.mayFail(op):
		return nil, nil
	case op.Name == scf.OpFor:
		body := op.Body()
		first := ir.BuilderBefore(g.m.Ctx, body.First())
		ok := g.zero(first, memref.Load(first, g.status))
		inner, err := g.onlyIf(ok, body, ok.Def().Next())
		if err == nil && inner != nil {
			err = g.block(inner)
		}
		if err != nil {
			return nil, err
		}
	case op.Name == scf.OpIf:
		for i := 0; i < op.NumRegions(); i++ {
			for _, inner := range op.Region(i).Blocks() {
				if err := g.block(inner); err != nil {
					return nil, err
				}
			}
		}
	default:
		e := op.Errorf("holds an assertion, for which there is no form without abort()")
		e.Remedy = "take assertions out of it, or use --via=cpp"
		return nil, e
	}
	return g.zero(b, memref.Load(b, g.status)), nil
}

// mayFail reports whether anything inside op may fail.
func (g *guard) mayFail(op *ir.Op) bool {
	found := false
	op.Walk(func(inner *ir.Op) {
		found = found || inner.Name == cf.OpAssert || inner.Name == funcs.OpCall && g.fails[g.callee(inner)]
	})
	return found
}

func (g *guard) callee(call *ir.Op) *ir.Op {
	if ref, ok := call.Attr("callee").(ir.SymbolRefAttr); ok {
		return g.m.Symbol(ref.Path)
	}
	return nil
}

func (g *guard) zero(b *ir.Builder, status *ir.Value) *ir.Value {
	return arith.CmpI(b, arith.EQ, status, arith.ConstantI(b, 0, ir.I32))
}

// onlyIf moves what stands from op from up to the end of b into a branch that is taken
// if ok, and returns the branch, nil if there is nothing to move. The end of b gets zeros
// otherwise: a function whose status is not 0 promises no numbers.
func (g *guard) onlyIf(ok *ir.Value, b *ir.Block, from *ir.Op) (*ir.Block, error) {
	end := b.Last()
	var rest []*ir.Op
	moved := map[*ir.Op]bool{}
	for op := from; op != end; op = op.Next() {
		rest = append(rest, op)
		moved[op] = true
	}
	if len(rest) == 0 {
		return nil, nil
	}
	var places []int // operands of end that are computed in rest
	var values []*ir.Value
	for i, v := range end.Operands() {
		if moved[v.Def()] {
			places, values = append(places, i), append(values, v)
		}
	}
	zeros := func(b *ir.Builder) []*ir.Value {
		var out []*ir.Value
		for _, v := range values {
			out = append(out, arith.ConstantOf(b, ir.Scalar{}, v.Type()))
		}
		return out
	}
	if len(values) == 0 {
		zeros = nil
	}
	for _, v := range values {
		if !isNumber(v.Type()) {
			return nil, v.Def().Errorf("gives a value of type %s out of a block with an assertion; expected a number", v.Type())
		}
	}
	branch := scf.If(ir.BuilderBefore(g.m.Ctx, end), ok, ir.TypesOf(values), func(*ir.Builder) []*ir.Value { return values }, zeros)
	then := branch.Body()
	for _, op := range rest {
		op.MoveBefore(then.Last())
	}
	for k, i := range places {
		end.SetOperand(i, branch.Result(k))
	}
	return then, nil
}

func isNumber(t ir.Type) bool {
	switch t.(type) {
	case *ir.IntegerType, *ir.FloatType, *ir.IndexType:
		return true
	}
	return false
}
