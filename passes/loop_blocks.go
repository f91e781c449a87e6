package passes

import (
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Sums that run over the outermost loop are made in blocks of its turns, which may run
// at the same time: each has partial sums of its own, and these are added in the order
// of the blocks. How many blocks there are depends on sizes only, so the result does
// not depend on the number of threads.

// A block is some turns of the outermost loop.
type block struct {
	counter  *ir.Value // number of the block
	lo, hi   *ir.Value // its turns
	partials map[*ir.Value]*ir.Value
}

const (
	maxBlocks = 16
	// leastWork is how many scalar operations a block makes at least: it pays for the
	// partial sums and for another thread.
	leastWork = 1 << 18
	// padding keeps partial sums that are single numbers on cache lines of their own.
	padding = 16
)

// blockSize is how many turns of the outermost loop are a block; 0 if there are to be
// no blocks.
func (r *run) blockSize(gathering []*stage) int64 {
	first := r.stages[0]
	if len(first.order) == 0 || first.iters[first.order[0]] != linalg.Reduction && r.shared == 0 {
		return 0
	}
	turns, work := first.extents[first.order[0]], r.work()
	var partial int64
	for _, s := range gathering {
		if slices.Contains(sumsOf(s.op), false) {
			return 0
		}
		for _, v := range s.op.Results() {
			n, _ := ir.NumElements(ir.ShapeOf(v.Type()))
			partial += n
		}
	}
	blocks := min(maxBlocks, turns/2, work/leastWork)
	if partial > 0 {
		blocks = min(blocks, work/(8*partial)) // adding them up is to be no burden
	}
	if blocks < 2 {
		return 0
	}
	return (turns + blocks - 1) / blocks
}

// inBlocks writes the run with its sums in blocks of n turns.
func (e *nestEmitter) inBlocks(b *ir.Builder, gathering []*stage, n int64) {
	if e.run.shared == 0 {
		e.run.shared = e.run.stages[0].gathering()
	}
	first := e.run.stages[0]
	turns := first.extents[first.order[0]]
	blocks := (turns + n - 1) / n
	partials := map[*ir.Value]*ir.Value{}
	for _, s := range gathering {
		b.Loc = s.op.Loc
		e.writeStarts(b, s, s.order, make([]*ir.Value, len(s.iters)))
		for _, v := range s.op.Results() {
			shape := ir.ShapeOf(v.Type())
			if oneElement(shape) {
				shape = []int64{padding}
			}
			partials[v] = e.temporary(b, ir.MemRef(append([]int64{blocks}, shape...), ir.ElemType(v.Type())))
		}
	}
	b.Loc = first.op.Loc
	loop := scf.For(b, e.index(0), e.index(blocks), e.index(1), nil, func(b *ir.Builder, counter *ir.Value, _ []*ir.Value) []*ir.Value {
		lo := arith.MulI(b, counter, e.index(n))
		hi := arith.AddI(b, lo, e.index(n))
		if turns%n != 0 {
			hi = arith.MinSI(b, hi, e.index(turns))
		}
		e.block = &block{counter, lo, hi, partials}
		for _, s := range gathering {
			e.each(b, s, func(b *ir.Builder, i int, at []*ir.Value) {
				e.write(b, s, i, arith.ConstantF(e.top, 0, ir.ElemType(s.op.Result(i).Type())), at)
			})
		}
		e.turns(b, false)
		e.block = nil
		return nil
	})
	markParallel(loop, e.run.work()/blocks)
	scf.For(b, e.index(0), e.index(blocks), e.index(1), nil, func(b *ir.Builder, counter *ir.Value, _ []*ir.Value) []*ir.Value {
		for _, s := range gathering {
			e.each(b, s, func(b *ir.Builder, i int, at []*ir.Value) {
				v, m := s.op.Result(i), s.outMap(i)
				sum := arith.AddF(b, e.read(b, v, m, at), memref.Load(b, partials[v], e.partialAt(b, counter, v, m, at)...))
				e.write(b, s, i, sum, at)
			})
		}
		return nil
	})
}

// each runs body for each result of s at each of its elements.
func (e *nestEmitter) each(b *ir.Builder, s *stage, body func(b *ir.Builder, i int, at []*ir.Value)) {
	b.Loc = s.op.Loc
	var parallel []int
	for _, d := range s.order {
		if s.iters[d] == linalg.Parallel {
			parallel = append(parallel, d)
		}
	}
	outer := e.outer
	e.outer = []*ir.Value{} // these loops are not those of the turns
	e.loops(b, s, parallel, 0, func(b *ir.Builder, ivs []*ir.Value) {
		at := place(make([]*ir.Value, len(s.iters)), parallel, ivs)
		for i := range s.inits {
			body(b, i, at)
		}
	})
	e.outer = outer
}

// partial is the memory for the partial sums of v, nil if it has none here.
func (e *nestEmitter) partial(v *ir.Value) *ir.Value {
	if e.block == nil {
		return nil
	}
	return e.block.partials[v]
}

// partialAt is where the partial sum of a block for the element of v that the map
// selects stands.
func (e *nestEmitter) partialAt(b *ir.Builder, block, v *ir.Value, m *ir.AffineMap, at []*ir.Value) []*ir.Value {
	if oneElement(ir.ShapeOf(v.Type())) {
		return []*ir.Value{block, e.index(0)}
	}
	return append([]*ir.Value{block}, e.indices(b, m.Results, at)...)
}

// markParallel says that the turns of a loop, of so much work each, may run at the same time.
func markParallel(loop *ir.Op, work int64) { loop.SetAttr(scf.ParallelMark, ir.I64Attr(max(work, 1))) }

// work is about how many scalar operations the loops of the run make.
func (r *run) work() int64 {
	var total int64
	for _, s := range r.stages {
		n, ok := ir.NumElements(s.extents)
		if !ok {
			continue
		}
		var turn int64
		s.op.Walk(func(op *ir.Op) {
			switch {
			case op == s.op:
			case strings.HasPrefix(string(op.Name), "math."):
				turn += 16 // a polynomial, or a call
			case op.Name != linalg.OpYield && op.Name != arith.OpConstant:
				turn++
			}
		})
		total += n * max(turn, 1)
	}
	return total
}
