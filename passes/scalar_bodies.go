package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// Marks on the functions of scalar bodies.
const (
	// BodyMark is on a function that is the scalar body of a loop nest: of its operands
	// and of the adjoints of its results, it returns the sum of results times adjoints.
	BodyMark = "cladopt.body"
	// GradientMark is on the function that returns the derivatives of a body, and names
	// the body; WrtMark lists the arguments of the body that these are by.
	GradientMark = "cladopt.gradient"
	WrtMark      = "cladopt.wrt"
)

// bodies makes functions of scalar bodies and of their derivatives. The derivative
// has a body too, by the rules of arith and math, so that the module means something
// by itself; an engine that derives @b0 on its own leaves that out.
type bodies struct {
	m     *ir.Module
	known map[string]*ir.Op // gradient functions by the text of the body
}

// gradient is a linalg.ScalarGradient: it calls the derivative of the ops in b's block.
// A body that only passes values on has nothing to derive and is done here.
func (s *bodies) gradient(b *ir.Builder, yields, wrt, seeds []*ir.Value) []*ir.Value {
	if passesOn(yields) {
		return linalg.ScalarVJP(b, yields, wrt, seeds)
	}
	block := b.Block()
	needed := slice(block, yields)
	// What the body reads: arguments, and loop counters.
	var reads []*ir.Value
	place := map[*ir.Value]int{}
	read := func(v *ir.Value) {
		if _, ok := place[v]; !ok {
			place[v] = len(reads)
			reads = append(reads, v)
		}
	}
	outside := map[*ir.Op]bool{} // constants of the blocks around, which the function repeats
	for _, op := range block.Ops() {
		if !needed[op] {
			continue
		}
		if op.Name == linalg.OpIndex {
			read(op.Result(0))
			continue
		}
		op.Walk(func(inner *ir.Op) {
			for i := 0; i < inner.NumOperands(); i++ {
				switch v := inner.Operand(i); {
				case v.Def() == nil && v.Block() == block:
					read(v)
				case v.Def() != nil && v.Def().Has(ir.ConstantLike) && v.Def().Block() != block:
					outside[v.Def()] = true
				}
			}
		})
	}
	for _, y := range yields {
		if y.Def() == nil {
			read(y)
		}
	}
	constants := inOrder(outside)
	values := len(reads)
	reads = append(reads[:values:values], seeds...)

	build := func(name string, finish func(b *ir.Builder, args, yields []*ir.Value) []*ir.Value) *ir.Op {
		f := funcs.NewFunc(s.m, name, ir.Func(ir.TypesOf(reads), nil))
		args := f.Body().Args()
		m := ir.Mapping{}
		for i, v := range reads {
			m[v] = args[i]
		}
		fb := ir.NewBuilder(s.m.Ctx, f.Body())
		fb.Loc = b.Loc
		for _, op := range constants {
			fb.Clone(op, m)
		}
		for _, op := range block.Ops() {
			if needed[op] && op.Name != linalg.OpIndex {
				fb.Clone(op, m)
			}
		}
		var ys []*ir.Value
		for _, y := range yields {
			ys = append(ys, m.Of(y))
		}
		results := finish(fb, args, ys)
		funcs.Return(fb, results...)
		funcs.SetType(f, ir.Func(ir.TypesOf(args), ir.TypesOf(results)))
		f.Loc = b.Loc
		return f
	}
	body := build(s.m.UniqueSymbol(fmt.Sprintf("b%d", len(s.known))), func(b *ir.Builder, args, ys []*ir.Value) []*ir.Value {
		var sum *ir.Value
		for i, y := range ys {
			term := arith.MulF(b, y, args[values+i])
			if sum != nil {
				term = arith.AddF(b, sum, term)
			}
			sum = term
		}
		return []*ir.Value{sum}
	})
	wanted := make([]bool, values)
	for i, v := range reads[:values] {
		wanted[i] = slices.Contains(wrt, v)
	}
	key := fmt.Sprint(wanted, bodyText(body))
	grad := s.known[key]
	if grad == nil {
		grad = s.derive(body, build, wanted)
		s.known[key] = grad
	} else {
		body.Erase()
	}
	out := make([]*ir.Value, len(wrt))
	derivatives := grad.Ints(WrtMark)
	if len(derivatives) == 0 {
		return out
	}
	// What the derivatives do not depend on need not be at hand.
	args := slices.Clone(reads)
	for i, read := range readArgs(grad) {
		if !read {
			args[i] = arith.ConstantOf(b, ir.Scalar{}, reads[i].Type())
		}
	}
	call := funcs.Call(b, grad, args...)
	for k, i := range derivatives {
		for j, v := range wrt {
			if v == reads[i] {
				out[j] = call.Result(k)
			}
		}
	}
	return out
}

// derive makes the derivative of a body by those of its first arguments that are wanted and that it depends on.
func (s *bodies) derive(body *ir.Op, build func(string, func(b *ir.Builder, args, ys []*ir.Value) []*ir.Value) *ir.Op, wanted []bool) *ir.Op {
	name := body.Str(ir.SymbolName)
	body.SetAttr(BodyMark, ir.UnitAttr{})
	var by []int64
	grad := build(s.m.UniqueSymbol(name+"_grad"), func(b *ir.Builder, args, ys []*ir.Value) []*ir.Value {
		var results []*ir.Value
		n := len(wanted)
		for i, g := range linalg.ScalarVJP(b, ys, args[:n], args[n:]) {
			if g != nil && wanted[i] {
				by = append(by, int64(i))
				results = append(results, g)
			}
		}
		return results
	})
	grad.SetAttr(GradientMark, ir.SymbolRefAttr{Path: name})
	grad.SetAttr(WrtMark, ir.I64Array(by...))
	return grad
}

// readArgs says which arguments of f its results are computed from.
func readArgs(f *ir.Op) []bool {
	body := f.Body()
	read := make([]bool, len(body.Args()))
	mark := func(op *ir.Op) {
		for _, v := range op.Operands() {
			if v.Def() == nil && v.Block() == body {
				read[v.Index()] = true
			}
		}
	}
	needed := slice(body, body.Last().Operands())
	needed[body.Last()] = true
	for op := body.First(); op != nil; op = op.Next() {
		if needed[op] {
			op.Walk(mark)
		}
	}
	return read
}

// bodyText is a text that equal bodies share; their names and places do not count.
func bodyText(f *ir.Op) string {
	name := f.Str(ir.SymbolName)
	f.SetAttr(ir.SymbolName, ir.StringAttr("b"))
	text := ir.Print(f, ir.PrintOptions{})
	f.SetAttr(ir.SymbolName, ir.StringAttr(name))
	return text
}

// passesOn reports whether a body yields only what it was given.
func passesOn(yields []*ir.Value) bool {
	for _, y := range yields {
		if y.Def() != nil && !y.Def().Has(ir.ConstantLike) {
			return false
		}
	}
	return true
}

// inOrder lists ops by what they print as, so that the order does not depend on a map.
func inOrder(ops map[*ir.Op]bool) []*ir.Op {
	var out []*ir.Op
	for op := range ops {
		out = append(out, op)
	}
	slices.SortFunc(out, func(x, y *ir.Op) int {
		return strings.Compare(x.Attr("value").String()+x.Result(0).Type().String(), y.Attr("value").String()+y.Result(0).Type().String())
	})
	return out
}

// slice is the ops of block that the values are computed from.
func slice(block *ir.Block, values []*ir.Value) map[*ir.Op]bool {
	needed := map[*ir.Op]bool{}
	for _, v := range values {
		if v.Def() != nil {
			needed[v.Def()] = true
		}
	}
	for op := block.Last(); op != nil; op = op.Prev() {
		if !needed[op] {
			continue
		}
		op.Walk(func(inner *ir.Op) {
			for i := 0; i < inner.NumOperands(); i++ {
				if def := inner.Operand(i).Def(); def != nil {
					needed[def] = true
				}
			}
		})
	}
	return needed
}
