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
	// block is set where sums are made in blocks of turns of the outermost loop.
	block *block
}

// emit writes the run at b.
func (e *nestEmitter) emit(b *ir.Builder) {
	apart := !e.separate // turns of the outermost loop share no memory that they write
	var gathering []*stage
	for _, s := range e.run.stages {
		if s.gathers() {
			gathering = append(gathering, s)
		}
		for i := 0; i < s.op.NumResults(); i++ {
			v := s.op.Result(i)
			if !e.run.confined(v) {
				e.destination(b, v)
				continue
			}
			t := v.Type().(*ir.TensorType)
			if row := t.Shape()[e.run.shared:]; !oneElement(row) {
				e.rows[v] = e.temporary(b, ir.MemRef(row, t.Elem()))
				apart = apart && e.rows[v].Def().Name == memref.OpAlloca
			}
		}
	}
	if apart && len(gathering) > 0 {
		if n := e.run.blockSize(gathering); n > 0 {
			e.inBlocks(b, gathering, n)
			return
		}
	}
	if e.run.shared > 0 {
		for _, s := range gathering {
			b.Loc = s.op.Loc
			e.writeStarts(b, s, s.order, make([]*ir.Value, len(s.iters)))
		}
	}
	e.turns(b, apart && len(gathering) == 0)
}

// turns writes the shared loops and the stages inside.
func (e *nestEmitter) turns(b *ir.Builder, parallel bool) {
	first := e.run.stages[0]
	b.Loc = first.op.Loc
	var work int64
	if parallel {
		work = e.run.work()
	}
	e.loops(b, first, first.order[:e.run.shared], work, func(b *ir.Builder, ivs []*ir.Value) {
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

// loops nests scf.for over the given loops of s and calls body inside. If work is not 0,
// it is how many operations all of it makes, and the turns of the outermost loop may run
// at the same time.
func (e *nestEmitter) loops(b *ir.Builder, s *stage, dims []int, work int64, body func(b *ir.Builder, ivs []*ir.Value)) {
	var nest func(b *ir.Builder, ivs []*ir.Value, work int64)
	nest = func(b *ir.Builder, ivs []*ir.Value, work int64) {
		if len(ivs) == len(dims) {
			body(b, ivs)
			return
		}
		extent := s.extents[dims[len(ivs)]]
		if extent == 1 {
			nest(b, append(ivs[:len(ivs):len(ivs)], e.index(0)), work)
			return
		}
		lo, hi := e.index(0), e.index(extent)
		if e.block != nil && e.outer == nil && len(ivs) == 0 {
			lo, hi = e.block.lo, e.block.hi
		}
		loop := scf.For(b, lo, hi, e.index(1), nil, func(b *ir.Builder, iv *ir.Value, _ []*ir.Value) []*ir.Value {
			nest(b, append(ivs[:len(ivs):len(ivs)], iv), 0)
			return nil
		})
		if work > 0 && extent > 0 {
			markParallel(loop, work/extent)
		}
	}
	nest(b, nil, work)
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
	// What is gathered goes on from where the turn before left it.
	gathers := s.gathers() && (e.run.shared > 0 || e.block != nil)
	inMemory := false // a reduction runs outside of a parallel loop
	for _, d := range inner[:split] {
		inMemory = inMemory || s.iters[d] == linalg.Reduction
	}
	if inMemory {
		if !gathers {
			e.writeStarts(b, s, inner, counters)
		}
		e.accumulateInMemory(b, s, inner, counters)
		return
	}
	e.loops(b, s, inner[:split], 0, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(counters, inner[:split], ivs)
		var start []*ir.Value
		for i := range s.inits {
			if gathers {
				start = append(start, e.read(b, s.op.Result(i), s.outMap(i), at))
			} else {
				start = append(start, e.start(b, s, i, at))
			}
		}
		for i, v := range e.reduceInRegisters(b, s, inner[split:], at, start, gathers) {
			if r := s.op.Result(i); !gathers && oneElement(ir.ShapeOf(r.Type())[e.run.shared:]) {
				e.scalars[r] = v // loops of one iteration are not written, so v is in sight
			}
			e.write(b, s, i, v, at)
		}
	})
}

// place is the counters of all loops, with ivs for those of dims.
func place(counters []*ir.Value, dims []int, ivs []*ir.Value) []*ir.Value {
	at := slices.Clone(counters)
	for k, d := range dims {
		at[d] = ivs[k]
	}
	return at
}

// reduceInRegisters runs the given reduction loops, innermost, carrying the
// accumulators from start on, and returns what they end with. Sums that go on from an
// earlier turn are made from zero and then added.
func (e *nestEmitter) reduceInRegisters(b *ir.Builder, s *stage, dims []int, at, start []*ir.Value, goesOn bool) []*ir.Value {
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
		if k+1 == len(dims) && !e.separate && extent >= longRow && extremes(s.op) {
			return e.byKeys(b, s, dims[k], extent, at, carried)
		}
		if e.block != nil && e.run.shared == 0 && k == 0 {
			return e.chunks(b, e.block.lo, e.block.hi, carried, func(b *ir.Builder, lo, hi *ir.Value, carried []*ir.Value) []*ir.Value {
				return part(b, carried, func(start []*ir.Value) []*ir.Value { return over(b, k, lo, hi, start) })
			})
		}
		if extent <= maxChain || k+1 < len(dims) || !slices.Contains(sums, true) {
			return over(b, k, e.index(0), e.index(extent), carried)
		}
		return e.chunks(b, e.index(0), e.index(extent), carried, func(b *ir.Builder, lo, hi *ir.Value, carried []*ir.Value) []*ir.Value {
			return part(b, carried, func(start []*ir.Value) []*ir.Value { return over(b, k, lo, hi, start) })
		})
	}
	if goesOn {
		return part(b, start, func(start []*ir.Value) []*ir.Value { return nest(b, 0, start) })
	}
	return nest(b, 0, start)
}

// chunks runs a loop in pieces of maxChain turns; body gets the bounds of each.
func (e *nestEmitter) chunks(b *ir.Builder, lo, hi *ir.Value, carried []*ir.Value, body func(b *ir.Builder, lo, hi *ir.Value, carried []*ir.Value) []*ir.Value) []*ir.Value {
	return scf.For(b, lo, hi, e.index(maxChain), carried, func(b *ir.Builder, first *ir.Value, carried []*ir.Value) []*ir.Value {
		end := arith.MinSI(b, arith.AddI(b, first, e.index(maxChain)), hi)
		return body(b, first, end, carried)
	}).Results()
}

// writeStarts stores where the results of s start from, over the parallel ones of the
// given loops.
func (e *nestEmitter) writeStarts(b *ir.Builder, s *stage, dims []int, counters []*ir.Value) {
	var parallel []int
	for _, d := range dims {
		if s.iters[d] == linalg.Parallel {
			parallel = append(parallel, d)
		}
	}
	e.loops(b, s, parallel, 0, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(counters, parallel, ivs)
		for i := range s.inits {
			e.write(b, s, i, e.start(b, s, i, at), at)
		}
	})
}

// accumulateInMemory runs all loops in order, adding to memory at each step: with a
// parallel loop innermost, the step is one of vectors.
func (e *nestEmitter) accumulateInMemory(b *ir.Builder, s *stage, inner []int, counters []*ir.Value) {
	e.loops(b, s, inner, 0, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(counters, inner, ivs)
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
	if p := e.partial(v); p != nil {
		return memref.Load(b, p, e.partialAt(b, e.block.counter, v, m, at)...)
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
	if p := e.partial(v); p != nil {
		memref.Store(b, value, p, e.partialAt(b, e.block.counter, v, m, at)...)
		return
	}
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
