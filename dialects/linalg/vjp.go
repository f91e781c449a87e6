package linalg

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// ScalarVJP runs reverse mode over scalar code: from the adjoints of yields (nil:
// zero) to those of wrt, nil where they are zero. The ops that compute yields stand
// in the builder's block, before its insertion point; each brings its derivative.
func ScalarVJP(b *ir.Builder, yields, wrt, seeds []*ir.Value) []*ir.Value {
	adjoint := map[*ir.Value]*ir.Value{}
	add := func(v, d *ir.Value) {
		if d == nil || !ir.IsFloat(v.Type()) {
			return
		}
		if so := adjoint[v]; so != nil {
			d = arith.AddF(b, so, d)
		}
		adjoint[v] = d
	}
	// Only ops through which something in wrt reaches a yield are differentiated.
	depends := map[*ir.Value]bool{}
	for _, v := range wrt {
		depends[v] = true
	}
	forward := b.Block().Ops()
	for _, op := range forward {
		for _, v := range op.Operands() {
			if depends[v] {
				for _, r := range op.Results() {
					depends[r] = true
				}
			}
		}
	}
	for i, y := range yields {
		if depends[y] {
			add(y, seeds[i])
		}
	}
	for i := len(forward) - 1; i >= 0; i-- {
		op := forward[i]
		if op.NumResults() != 1 || adjoint[op.Result(0)] == nil || op.Def() == nil || op.Def().VJP == nil {
			continue
		}
		for k, d := range op.Def().VJP(b, op, []*ir.Value{adjoint[op.Result(0)]}) {
			if depends[op.Operand(k)] {
				add(op.Operand(k), d)
			}
		}
	}
	out := make([]*ir.Value, len(wrt))
	for i, v := range wrt {
		out[i] = adjoint[v]
	}
	return out
}

// genericVJP derives the adjoints of an elementwise nest's inputs from its body:
// one nest computes all of them over the whole iteration space, and those of
// broadcast inputs are then summed back to the inputs' shapes.
func genericVJP(b *ir.Builder, op *ir.Op, douts []*ir.Value) []*ir.Value {
	inputs, maps := Inputs(op), Maps(op)
	out := make([]*ir.Value, op.NumOperands())
	for _, it := range Iterators(op) {
		if it != Parallel {
			return out // reductions are differentiated before they are lowered
		}
	}
	extents := Extents(op)
	newInputs := append([]*ir.Value{}, inputs...)
	newMaps := append([]*ir.AffineMap{}, maps[:len(inputs)]...)
	var given []int
	for i, d := range douts {
		if d != nil {
			given = append(given, i)
			newInputs = append(newInputs, d)
			newMaps = append(newMaps, maps[len(inputs)+i])
		}
	}
	// Which inputs get an adjoint shows only once the body is there: build it apart,
	// yielding all, and keep the ones that are not zero.
	scratch := ir.NewBlock()
	for _, v := range newInputs {
		scratch.AddArg(ir.ElemType(v.Type()))
	}
	sb := b.In(scratch)
	grads := bodyVJP(sb, op, scratch.Args(), len(inputs), given)
	var wanted []int
	for i, g := range grads {
		if g != nil {
			wanted = append(wanted, i)
		}
	}
	if len(wanted) == 0 {
		return out
	}
	identity := ir.IdentityMap(len(extents))
	var inits []*ir.Value
	for _, i := range wanted {
		inits = append(inits, tensor.Empty(b, extents, ir.ElemType(inputs[i].Type())))
		newMaps = append(newMaps, identity)
	}
	iters := make([]Iterator, len(extents))
	for i := range iters {
		iters[i] = Parallel
	}
	pull := Generic(b, newInputs, inits, newMaps, iters, func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		m := ir.Mapping{}
		for i, a := range scratch.Args() {
			m[a] = args[i]
		}
		for inner := scratch.First(); inner != nil; inner = inner.Next() {
			b.Clone(inner, m)
		}
		var yields []*ir.Value
		for _, i := range wanted {
			yields = append(yields, m.Of(grads[i]))
		}
		return yields
	})
	for k, i := range wanted {
		out[i] = gather(b, pull.Result(k), maps[i], ir.ShapeOf(inputs[i].Type()), extents)
	}
	return out
}

// bodyVJP clones the body of op onto args and appends its reverse sweep.
func bodyVJP(b *ir.Builder, op *ir.Op, args []*ir.Value, inputs int, given []int) []*ir.Value {
	m := ir.Mapping{}
	for i := 0; i < inputs; i++ {
		m[op.Body().Arg(i)] = args[i]
	}
	var yields []*ir.Value
	for inner := op.Body().First(); inner != nil; inner = inner.Next() {
		if inner.Name != OpYield {
			b.Clone(inner, m)
			continue
		}
		for _, i := range given {
			yields = append(yields, m.Of(inner.Operand(i)))
		}
	}
	return ScalarVJP(b, yields, args[:inputs], args[inputs:])
}

// Extents is how often each loop of the nest runs.
func Extents(op *ir.Op) []int64 {
	extents := make([]int64, len(Iterators(op)))
	for i, m := range Maps(op) {
		for k, e := range m.Results {
			if d, ok := e.(ir.AffineDim); ok {
				extents[d] = ir.ShapeOf(op.Operand(i).Type())[k]
			}
		}
	}
	return extents
}

// gather brings an adjoint over the whole iteration space to the shape of the
// input that was read through m: un-broadcasting, done here once for all ops.
func gather(b *ir.Builder, full *ir.Value, m *ir.AffineMap, shape, extents []int64) *ir.Value {
	if m.IsIdentity() {
		return full
	}
	elem := ir.ElemType(full.Type())
	used := make([]bool, len(extents))
	for _, e := range m.Results {
		if d, ok := e.(ir.AffineDim); ok {
			used[d] = true
		}
	}
	iters := make([]Iterator, len(extents))
	reduces := false
	for d := range iters {
		iters[d] = Parallel
		if !used[d] {
			iters[d] = Reduction
			reduces = true
		}
	}
	init := tensor.Empty(b, shape, elem)
	if reduces || !allUsed(m) {
		init = Fill(b, arith.ConstantF(b, 0, elem), init)
	}
	return Generic(b, []*ir.Value{full}, []*ir.Value{init}, []*ir.AffineMap{ir.IdentityMap(len(extents)), m}, iters,
		func(b *ir.Builder, args []*ir.Value) []*ir.Value {
			if !reduces {
				return args[:1]
			}
			return []*ir.Value{arith.AddF(b, args[1], args[0])}
		}).Result(0)
}

// allUsed reports whether every result of the map is a dimension by itself, so that
// all elements of the operand are reached.
func allUsed(m *ir.AffineMap) bool {
	for _, e := range m.Results {
		if _, ok := e.(ir.AffineDim); !ok {
			return false
		}
	}
	return true
}
