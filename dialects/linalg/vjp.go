package linalg

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Differentiable is an error if the derivative of a generic cannot be derived from its
// body. It can where the nest computes tensors of known sizes, writes each element
// once or sums into it, and its body is made of ops that have a derivative and reads
// no float from outside but constants.
func Differentiable(op *ir.Op) error {
	inputs := Inputs(op)
	for _, v := range op.Operands() {
		t, ok := v.Type().(*ir.TensorType)
		if !ok {
			if ir.IsFloat(v.Type()) {
				return op.Errorf("reads %s and not only tensors: it cannot be differentiated", v.Type())
			}
			continue
		}
		if !ir.Static(t.Shape()) {
			return op.Errorf("has operands of unknown sizes and cannot be differentiated")
		}
	}
	body := op.Body().Ops()
	for k := range Inits(op) {
		m := Maps(op)[len(inputs)+k]
		if writesOnce(op, m) {
			continue
		}
		if sumTerm(op, k) == nil {
			return op.Errorf("gathers into output %d by something else than a sum and cannot be differentiated", k)
		}
	}
	var err error
	for _, inner := range body {
		inner.Walk(func(reader *ir.Op) {
			for i := 0; i < reader.NumOperands(); i++ {
				if v := reader.Operand(i); ir.IsFloat(v.Type()) && outside(v, op) && (v.Def() == nil || !v.Def().Has(ir.ConstantLike)) {
					err = reader.Errorf("reads a float from outside of the nest, which cannot be differentiated")
				}
			}
		})
	}
	if err != nil {
		return err
	}
	return CheckScalars(body[:len(body)-1], op.Body().Args())
}

// outside reports whether v is defined outside of op's region.
func outside(v *ir.Value, op *ir.Op) bool {
	block := v.Block()
	if v.Def() != nil {
		block = v.Def().Block()
	}
	for ; block != nil && block.Owner() != nil; block = block.Owner().Block() {
		if block.Owner() == op {
			return false
		}
	}
	return true
}

// writesOnce reports whether every iteration writes an element of its own through m,
// and all elements are written.
func writesOnce(op *ir.Op, m *ir.AffineMap) bool {
	for _, it := range Iterators(op) {
		if it != Parallel {
			return false
		}
	}
	return isPermutation(m)
}

func isPermutation(m *ir.AffineMap) bool {
	seen := make([]bool, m.Dims)
	for _, e := range m.Results {
		d, ok := e.(ir.AffineDim)
		if !ok || seen[d] {
			return false
		}
		seen[d] = true
	}
	return len(m.Results) == m.Dims
}

// sumTerm is what output k adds to what has been gathered, if its body is such a sum
// and uses what has been gathered for nothing else; else nil.
func sumTerm(op *ir.Op, k int) *ir.Value {
	acc := op.Body().Arg(len(Inputs(op)) + k)
	sum := op.Body().Last().Operand(k).Def()
	if sum == nil || sum.Name != arith.OpAddF || !acc.HasOneUse() || !sum.Result(0).HasOneUse() {
		return nil
	}
	switch acc {
	case sum.Operand(0):
		return sum.Operand(1)
	case sum.Operand(1):
		return sum.Operand(0)
	}
	return nil
}

// genericVJP derives the adjoints of a nest's operands from its body: one nest
// computes all of them over the whole iteration space, and those of operands that
// were read several times are then summed back to the operands' shapes.
//
// An output that sums passes its adjoint on to each of its terms. A nest that is not
// [Differentiable] is a mistake of the caller, who asks first.
func genericVJP(b *ir.Builder, op *ir.Op, douts []*ir.Value) []*ir.Value {
	all := slices.Repeat([]bool{true}, op.NumOperands())
	return Pullback(b, op, douts, all, ScalarVJP)
}

// ScalarGradient builds the adjoints of wrt from those of yields, as [ScalarVJP] does.
type ScalarGradient func(b *ir.Builder, yields, wrt, seeds []*ir.Value) []*ir.Value

// Pullback is the derivative of a generic for the wanted operands, with another rule
// for its scalar body.
func Pullback(b *ir.Builder, op *ir.Op, douts []*ir.Value, wanted []bool, scalar ScalarGradient) []*ir.Value {
	if err := Differentiable(op); err != nil {
		panic(&ir.InternalError{Err: err})
	}
	out := make([]*ir.Value, op.NumOperands())
	extents := Extents(op)
	p := &pullback{op: op, inputs: len(Inputs(op)), block: ir.NewBlock(), want: wanted, scalar: scalar}
	p.build(b, douts, out)
	if len(p.wanted) == 0 {
		return out
	}
	maps := p.maps
	var inits []*ir.Value
	for _, i := range p.wanted {
		inits = append(inits, tensor.Empty(b, extents, ir.ElemType(op.Operand(i).Type())))
		maps = append(maps, ir.IdentityMap(len(extents)))
	}
	iters := make([]Iterator, len(extents))
	for i := range iters {
		iters[i] = Parallel
	}
	pull := Generic(b, p.operands, inits, maps, iters, p.copyInto)
	for k, i := range p.wanted {
		d := unbroadcast(b, pull.Result(k), Maps(op)[i], ir.ShapeOf(op.Operand(i).Type()), extents)
		if out[i] != nil { // the start of a sum that something else of it reads too
			d = add(b, out[i], d)
		}
		out[i] = d
	}
	return out
}

// pullback is the body of the nest that computes adjoints. Which operands have one
// shows only once the body is there, so it is built apart and then copied.
type pullback struct {
	op     *ir.Op
	inputs int
	block  *ir.Block
	want   []bool // of the operands
	scalar ScalarGradient

	operands []*ir.Value // that the nest reads
	maps     []*ir.AffineMap
	args     []*ir.Value // of block, for the operands

	wanted []int       // operands of op that get an adjoint
	grads  []*ir.Value // theirs, in block
	needed map[*ir.Op]bool
}

// build makes the body. Adjoints that need no nest, as those of the starts of sums, go
// straight into out.
func (p *pullback) build(b *ir.Builder, douts, out []*ir.Value) {
	op := p.op
	maps := Maps(op)
	m := ir.Mapping{}
	reads := append([]*ir.Value{}, op.Operands()...)
	var wrt []*ir.Value
	var asked []int // the operands of op that wrt are
	for i := range reads {
		a := p.block.AddArg(op.Body().Arg(i).Type())
		m[op.Body().Arg(i)] = a
		if p.want[i] {
			wrt, asked = append(wrt, a), append(asked, i)
		}
	}
	sb := b.In(p.block)
	for inner := op.Body().First(); inner.Name != OpYield; inner = inner.Next() {
		sb.Clone(inner, m)
	}
	yield := op.Body().Last()
	var yields, seeds []*ir.Value
	for k, d := range douts {
		if d == nil {
			continue
		}
		at := maps[p.inputs+k]
		y := yield.Operand(k)
		if !writesOnce(op, at) {
			out[p.inputs+k] = d
			y = sumTerm(op, k)
		}
		reads, maps = append(reads, d), append(maps[:len(maps):len(maps)], at)
		yields = append(yields, m.Of(y))
		seeds = append(seeds, p.block.AddArg(ir.ElemType(d.Type())))
	}
	for k, g := range p.scalar(sb, yields, wrt, seeds) {
		i := asked[k]
		switch at := p.seed(g, op.NumOperands()); {
		case g == nil:
		case at >= 0 && out[i] == nil && isPermutation(maps[i]) && maps[i].String() == maps[at].String():
			out[i] = reads[at] // the result's adjoint itself
		default:
			p.wanted, p.grads = append(p.wanted, i), append(p.grads, g)
		}
	}
	p.markNeeded()
	for i, a := range p.block.Args() {
		if p.used(a) {
			p.operands, p.maps, p.args = append(p.operands, reads[i]), append(p.maps, maps[i]), append(p.args, a)
		}
	}
}

// seed is the number of the argument that g is if it is one of the seeds, which start
// at number from; else -1.
func (p *pullback) seed(g *ir.Value, from int) int {
	if g != nil && g.Block() == p.block && g.Index() >= from {
		return g.Index()
	}
	return -1
}

// markNeeded finds the ops that the adjoints are computed from; the others are parts
// of the body whose values only the result needed.
func (p *pullback) markNeeded() {
	p.needed = map[*ir.Op]bool{}
	for _, g := range p.grads {
		if g.Def() != nil {
			p.needed[g.Def()] = true
		}
	}
	for op := p.block.Last(); op != nil; op = op.Prev() {
		if !p.needed[op] {
			continue
		}
		op.Walk(func(inner *ir.Op) {
			for i := 0; i < inner.NumOperands(); i++ {
				if def := inner.Operand(i).Def(); def != nil {
					p.needed[def] = true
				}
			}
		})
	}
}

// used reports whether an argument is an adjoint itself or a needed op reads it.
func (p *pullback) used(a *ir.Value) bool {
	for _, g := range p.grads {
		if g == a {
			return true
		}
	}
	for _, u := range a.Uses() {
		for op := u.Owner(); op != nil; op = op.Parent() {
			if p.needed[op] {
				return true
			}
		}
	}
	return false
}

// copyInto copies the body to where the nest is made.
func (p *pullback) copyInto(b *ir.Builder, args []*ir.Value) []*ir.Value {
	m := ir.Mapping{}
	for i, a := range p.args {
		m[a] = args[i]
	}
	for inner := p.block.First(); inner != nil; inner = inner.Next() {
		if p.needed[inner] {
			b.Clone(inner, m)
		}
	}
	var yields []*ir.Value
	for _, g := range p.grads {
		yields = append(yields, m.Of(g))
	}
	return yields
}

// unbroadcast brings an adjoint over the whole iteration space to the shape of the
// operand that was read through m: each element gets the sum of the adjoints of its
// reads. It is done here, once for all ops.
func unbroadcast(b *ir.Builder, full *ir.Value, m *ir.AffineMap, shape, extents []int64) *ir.Value {
	if m.IsIdentity() {
		return full
	}
	elem := ir.ElemType(full.Type())
	init := tensor.Empty(b, shape, elem)
	iters := make([]Iterator, len(extents))
	if isPermutation(m) {
		for d := range iters {
			iters[d] = Parallel
		}
		return Generic(b, []*ir.Value{full}, []*ir.Value{init}, []*ir.AffineMap{ir.IdentityMap(len(extents)), m}, iters,
			func(_ *ir.Builder, args []*ir.Value) []*ir.Value { return args[:1] }).Result(0)
	}
	for d := range iters {
		iters[d] = Reduction
	}
	for _, e := range m.Results {
		if d, ok := e.(ir.AffineDim); ok {
			iters[d] = Parallel // no two iterations of it reach one element
		}
	}
	init = Fill(b, arith.ConstantF(b, 0, elem), init)
	return Generic(b, []*ir.Value{full}, []*ir.Value{init}, []*ir.AffineMap{ir.IdentityMap(len(extents)), m}, iters,
		func(b *ir.Builder, args []*ir.Value) []*ir.Value {
			return []*ir.Value{arith.AddF(b, args[1], args[0])}
		}).Result(0)
}

// add is the elementwise sum of two tensors of one shape.
func add(b *ir.Builder, x, y *ir.Value) *ir.Value {
	shape := ir.ShapeOf(x.Type())
	iters := make([]Iterator, len(shape))
	maps := make([]*ir.AffineMap, 3)
	for i := range iters {
		iters[i] = Parallel
	}
	for i := range maps {
		maps[i] = ir.IdentityMap(len(shape))
	}
	return Generic(b, []*ir.Value{x, y}, []*ir.Value{tensor.Empty(b, shape, ir.ElemType(x.Type()))}, maps, iters,
		func(b *ir.Builder, args []*ir.Value) []*ir.Value { return []*ir.Value{arith.AddF(b, args[0], args[1])} }).Result(0)
}
