package passes

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// A buffer is the memory of a tensor value.
type buffer struct {
	mem *ir.Value
	// dims lists the dimensions of the tensor that the memref has; the others have
	// stride 0 (an expanded input) and are dropped, since a memref cannot say that.
	dims []int
}

// nestEmitter writes the loops of one run.
type nestEmitter struct {
	*bufferizer
	run *run
	// scalars are results that one iteration of the shared loops computes as one
	// number; they live in registers.
	scalars map[*ir.Value]*ir.Value
	// rows are the memory for results that live for one iteration of the shared loops:
	// their first dimensions, the shared ones, are dropped.
	rows map[*ir.Value]*ir.Value
	// outer are the counters of the shared loops.
	outer []*ir.Value
}

// emit writes the run at b.
func (e *nestEmitter) emit(b *ir.Builder) {
	for _, s := range e.run.stages {
		for i := 0; i < s.op.NumResults(); i++ {
			v := s.op.Result(i)
			if !e.run.confined(v) {
				e.destination(b, v)
				continue
			}
			t := v.Type().(*ir.TensorType)
			if row := t.Shape()[e.run.shared:]; !oneElement(row) {
				e.rows[v] = e.temporary(b, ir.MemRef(row, t.Elem()))
			}
		}
	}
	first := e.run.stages[0]
	e.loops(b, first, first.order[:e.run.shared], func(b *ir.Builder, ivs []*ir.Value) {
		e.outer = ivs
		for _, s := range e.run.stages {
			e.stage(b, s)
		}
	})
}

func oneElement(shape []int64) bool {
	n, ok := ir.NumElements(shape)
	return ok && n == 1
}

// loops nests scf.for over the given loops of s and calls body inside.
func (e *nestEmitter) loops(b *ir.Builder, s *stage, dims []int, body func(b *ir.Builder, ivs []*ir.Value)) {
	var nest func(b *ir.Builder, ivs []*ir.Value)
	nest = func(b *ir.Builder, ivs []*ir.Value) {
		if len(ivs) == len(dims) {
			body(b, ivs)
			return
		}
		extent := s.extents[dims[len(ivs)]]
		if extent == 1 {
			nest(b, append(ivs[:len(ivs):len(ivs)], e.index(0)))
			return
		}
		scf.For(b, e.index(0), e.index(extent), e.index(1), nil, func(b *ir.Builder, iv *ir.Value, _ []*ir.Value) []*ir.Value {
			nest(b, append(ivs[:len(ivs):len(ivs)], iv))
			return nil
		})
	}
	nest(b, nil)
}

// stage writes the loops of s inside the shared ones.
func (e *nestEmitter) stage(b *ir.Builder, s *stage) {
	b.Loc = s.op.Loc
	counters := make([]*ir.Value, len(s.iters))
	for k, iv := range e.outer {
		counters[s.order[k]] = iv
	}
	inner := s.order[e.run.shared:]
	split := len(inner) // where the trailing reductions start
	for split > 0 && s.iters[inner[split-1]] == linalg.Reduction {
		split--
	}
	inMemory := false // a reduction runs outside of a parallel loop
	for _, d := range inner[:split] {
		inMemory = inMemory || s.iters[d] == linalg.Reduction
	}
	if inMemory {
		e.accumulateInMemory(b, s, inner, counters)
		return
	}
	e.loops(b, s, inner[:split], func(b *ir.Builder, ivs []*ir.Value) {
		at := append([]*ir.Value{}, counters...)
		for k, d := range inner[:split] {
			at[d] = ivs[k]
		}
		for i, v := range e.reduceInRegisters(b, s, inner[split:], at) {
			if row := ir.ShapeOf(s.op.Result(i).Type())[e.run.shared:]; oneElement(row) {
				e.scalars[s.op.Result(i)] = v // loops of one iteration are not written, so v is in sight
			}
			e.write(b, s, i, v, at)
		}
	})
}

// reduceInRegisters runs the given reduction loops, innermost, carrying the
// accumulators, and returns what they end with.
func (e *nestEmitter) reduceInRegisters(b *ir.Builder, s *stage, dims []int, at []*ir.Value) []*ir.Value {
	var start []*ir.Value
	for i := range s.inits {
		start = append(start, e.start(b, s, i, at))
	}
	if len(dims) == 0 {
		return e.body(b, s, at, start)
	}
	sums := sumsOf(s.op)
	// part runs loops that sum from zero, and adds what they give to what is carried:
	// the rounding errors of a long sum grow with its longest chain of additions.
	part := func(b *ir.Builder, carried []*ir.Value, run func(start []*ir.Value) []*ir.Value) []*ir.Value {
		start := slices.Clone(carried)
		for i := range start {
			if sums[i] {
				start[i] = arith.ConstantF(e.top, 0, start[i].Type())
			}
		}
		out := run(start)
		for i := range out {
			if sums[i] {
				out[i] = arith.AddF(b, carried[i], out[i])
			}
		}
		return out
	}
	var nest func(b *ir.Builder, k int, carried []*ir.Value) []*ir.Value
	// over runs the loop of dims[k] from lo to hi, and those inside it.
	over := func(b *ir.Builder, k int, lo, hi *ir.Value, carried []*ir.Value) []*ir.Value {
		return scf.For(b, lo, hi, e.index(1), carried, func(b *ir.Builder, iv *ir.Value, carried []*ir.Value) []*ir.Value {
			at[dims[k]] = iv
			if k+1 == len(dims) {
				return e.body(b, s, at, carried)
			}
			return part(b, carried, func(start []*ir.Value) []*ir.Value { return nest(b, k+1, start) })
		}).Results()
	}
	nest = func(b *ir.Builder, k int, carried []*ir.Value) []*ir.Value {
		extent := s.extents[dims[k]]
		if k+1 == len(dims) && !e.separate && extent >= 4*maxLanes && extremes(s.op) {
			whole := extent - extent%maxLanes
			carried = e.inLanes(b, s, dims[k], whole, at, carried)
			if whole == extent {
				return carried
			}
			return over(b, k, e.index(whole), e.index(extent), carried)
		}
		if extent <= maxChain || k+1 < len(dims) || !slices.Contains(sums, true) {
			return over(b, k, e.index(0), e.index(extent), carried)
		}
		whole := extent - extent%maxChain
		carried = scf.For(b, e.index(0), e.index(whole), e.index(maxChain), carried, func(b *ir.Builder, first *ir.Value, carried []*ir.Value) []*ir.Value {
			return part(b, carried, func(start []*ir.Value) []*ir.Value {
				return over(b, k, first, arith.AddI(b, first, e.index(maxChain)), start)
			})
		}).Results()
		if whole == extent {
			return carried
		}
		return part(b, carried, func(start []*ir.Value) []*ir.Value { return over(b, k, e.index(whole), e.index(extent), start) })
	}
	return nest(b, 0, start)
}

// accumulateInMemory first stores where the results start from, then runs all loops
// in order, adding to memory at each step: with a parallel loop innermost, the
// step is one of vectors.
func (e *nestEmitter) accumulateInMemory(b *ir.Builder, s *stage, inner []int, counters []*ir.Value) {
	var parallel []int
	for _, d := range inner {
		if s.iters[d] == linalg.Parallel {
			parallel = append(parallel, d)
		}
	}
	place := func(dims []int, ivs []*ir.Value) []*ir.Value {
		at := append([]*ir.Value{}, counters...)
		for k, d := range dims {
			at[d] = ivs[k]
		}
		return at
	}
	e.loops(b, s, parallel, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(parallel, ivs)
		for i := range s.inits {
			e.write(b, s, i, e.start(b, s, i, at), at)
		}
	})
	e.loops(b, s, inner, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(inner, ivs)
		var so []*ir.Value
		for i := range s.inits {
			so = append(so, e.read(b, s.op.Result(i), s.outMap(i), at))
		}
		for i, v := range e.body(b, s, at, so) {
			e.write(b, s, i, v, at)
		}
	})
}

// start is the value that result i of s starts from: the number its destination is
// filled with, or the destination's element.
func (e *nestEmitter) start(b *ir.Builder, s *stage, i int, at []*ir.Value) *ir.Value {
	arg := s.op.Body().Arg(len(s.inputs) + i)
	init := s.inits[i]
	if fill := init.Def(); fill != nil && fill.Name == linalg.OpFill {
		return e.scalar(linalg.Inputs(fill)[0])
	}
	if arg.Unused() {
		return nil
	}
	return e.read(b, init, s.outMap(i), at)
}

// body clones the scalar body of s and returns what it yields.
func (e *nestEmitter) body(b *ir.Builder, s *stage, at, accumulators []*ir.Value) []*ir.Value {
	m := ir.Mapping{}
	args := s.op.Body().Args()
	for i, v := range s.inputs {
		if !args[i].Unused() {
			m[args[i]] = e.read(b, v, s.maps[i], at)
		}
	}
	for i, v := range accumulators {
		m[args[len(s.inputs)+i]] = v
	}
	var yields []*ir.Value
	for op := s.op.Body().First(); op != nil; op = op.Next() {
		switch op.Name {
		case linalg.OpYield:
			for _, v := range op.Operands() {
				yields = append(yields, e.scalar(m.Of(v)))
			}
		case linalg.OpIndex:
			m[op.Result(0)] = at[op.Int("dim", 0)]
		case arith.OpConstant:
			m[op.Result(0)] = e.constant(op)
		default:
			for _, v := range op.Operands() {
				if _, inside := m[v]; !inside {
					m[v] = e.scalar(v) // a scalar from around the nest
				}
			}
			b.Clone(op, m)
		}
	}
	return yields
}

// read is the element of v that the map selects.
func (e *nestEmitter) read(b *ir.Builder, v *ir.Value, m *ir.AffineMap, at []*ir.Value) *ir.Value {
	if s, ok := e.scalars[v]; ok {
		return s
	}
	if row, ok := e.rows[v]; ok {
		return memref.Load(b, row, e.indices(b, m.Results[e.run.shared:], at)...)
	}
	buf := e.buffer(b, v)
	var exprs []ir.AffineExpr
	for _, d := range buf.dims {
		exprs = append(exprs, m.Results[d])
	}
	return memref.Load(b, buf.mem, e.indices(b, exprs, at)...)
}

// write stores result i of s where its map says.
func (e *nestEmitter) write(b *ir.Builder, s *stage, i int, value *ir.Value, at []*ir.Value) {
	v, m := s.op.Result(i), s.outMap(i)
	if row, ok := e.rows[v]; ok {
		memref.Store(b, value, row, e.indices(b, m.Results[e.run.shared:], at)...)
		return
	}
	if e.run.confined(v) {
		return
	}
	memref.Store(b, value, e.buffer(b, v).mem, e.indices(b, m.Results, at)...)
}

// indices computes affine expressions of the loop counters.
func (e *nestEmitter) indices(b *ir.Builder, exprs []ir.AffineExpr, at []*ir.Value) []*ir.Value {
	out := make([]*ir.Value, len(exprs))
	for i, x := range exprs {
		out[i] = e.affine(b, x, at)
	}
	return out
}

func (e *bufferizer) affine(b *ir.Builder, x ir.AffineExpr, at []*ir.Value) *ir.Value {
	switch x := x.(type) {
	case ir.AffineDim:
		return at[x]
	case ir.AffineConst:
		return e.index(int64(x))
	case *ir.AffineBinary:
		l, r := e.affine(b, x.Lhs, at), e.affine(b, x.Rhs, at)
		switch x.Op {
		case ir.AffineAdd:
			return arith.AddI(b, l, r)
		case ir.AffineMul:
			return arith.MulI(b, l, r)
		case ir.AffineFloorDiv:
			return arith.FloorDivSI(b, l, r)
		case ir.AffineMod:
			// Counters are not negative, so the signed remainder is the modulus.
			return arith.RemSI(b, l, r)
		}
	}
	panic(&ir.InternalError{Err: errUnknownAffine})
}

// maxChain is how many numbers are added to one accumulator, one after the other.
const maxChain = 4096

// maxLanes is how many maxima of a row are kept side by side.
const maxLanes = 16

// inLanes finds maxima and minima of a row in lanes, a vector of them at a time: with
// NaN in mind, compilers do not do that to a single accumulator.
func (e *nestEmitter) inLanes(b *ir.Builder, s *stage, dim int, extent int64, at []*ir.Value, carried []*ir.Value) []*ir.Value {
	lanes := make([]*ir.Value, len(carried))
	for i, v := range carried {
		lanes[i] = memref.Alloca(e.top, ir.MemRef([]int64{maxLanes}, v.Type()))
	}
	each := func(b *ir.Builder, body func(b *ir.Builder, lane *ir.Value)) {
		scf.For(b, e.index(0), e.index(maxLanes), e.index(1), nil, func(b *ir.Builder, lane *ir.Value, _ []*ir.Value) []*ir.Value {
			body(b, lane)
			return nil
		})
	}
	each(b, func(b *ir.Builder, lane *ir.Value) {
		for i, v := range carried {
			memref.Store(b, v, lanes[i], lane)
		}
	})
	scf.For(b, e.index(0), e.index(extent), e.index(maxLanes), nil, func(b *ir.Builder, first *ir.Value, _ []*ir.Value) []*ir.Value {
		each(b, func(b *ir.Builder, lane *ir.Value) {
			at[dim] = arith.AddI(b, first, lane)
			var so []*ir.Value
			for _, row := range lanes {
				so = append(so, memref.Load(b, row, lane))
			}
			for i, v := range e.body(b, s, at, so) {
				memref.Store(b, v, lanes[i], lane)
			}
		})
		return nil
	})
	combine := func(b *ir.Builder, i int, x, y *ir.Value) *ir.Value {
		return b.Emit(s.op.Body().Last().Operand(i).Def().Name, x, y)
	}
	for width := int64(maxLanes / 2); width > 0; width /= 2 {
		scf.For(b, e.index(0), e.index(width), e.index(1), nil, func(b *ir.Builder, lane *ir.Value, _ []*ir.Value) []*ir.Value {
			other := arith.AddI(b, lane, e.index(width))
			for i, row := range lanes {
				memref.Store(b, combine(b, i, memref.Load(b, row, lane), memref.Load(b, row, other)), row, lane)
			}
			return nil
		})
	}
	out := make([]*ir.Value, len(carried))
	for i, v := range carried {
		out[i] = combine(b, i, v, memref.Load(b, lanes[i], e.index(0)))
	}
	return out
}

// extremes reports whether all outputs of a nest are maxima or minima of floats.
func extremes(op *ir.Op) bool {
	yield := op.Body().Last()
	inputs := len(linalg.Inputs(op))
	for i := 0; i < yield.NumOperands(); i++ {
		acc, d := op.Body().Arg(inputs+i), yield.Operand(i).Def()
		if d == nil || d.Name != arith.OpMaxF && d.Name != arith.OpMinF || !acc.HasOneUse() || d.Operand(0) != acc && d.Operand(1) != acc {
			return false
		}
	}
	return true
}

// sumsOf says which outputs of a nest are sums of floats.
func sumsOf(op *ir.Op) []bool {
	yield := op.Body().Last()
	inputs := len(linalg.Inputs(op))
	sums := make([]bool, yield.NumOperands())
	for i := range sums {
		acc, d := op.Body().Arg(inputs+i), yield.Operand(i).Def()
		sums[i] = d != nil && d.Name == arith.OpAddF && acc.HasOneUse() && (d.Operand(0) == acc || d.Operand(1) == acc)
	}
	return sums
}
