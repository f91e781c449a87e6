package passes

import (
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// A stage is one linalg.generic on its way to loops.
type stage struct {
	op      *ir.Op
	inputs  []*ir.Value
	inits   []*ir.Value
	maps    []*ir.AffineMap // of the inputs, then of the inits
	iters   []linalg.Iterator
	extents []int64 // of the loops
	order   []int   // the loops from the outermost to the innermost
}

func newStage(op *ir.Op) *stage {
	s := &stage{op: op, inputs: linalg.Inputs(op), inits: linalg.Inits(op), maps: linalg.Maps(op), iters: linalg.Iterators(op)}
	s.extents = make([]int64, len(s.iters))
	for i := range s.extents {
		s.extents[i] = -1
	}
	for i, v := range append(append([]*ir.Value{}, s.inputs...), s.inits...) {
		for k, e := range s.maps[i].Results {
			if d, ok := e.(ir.AffineDim); ok {
				s.extents[d] = ir.ShapeOf(v.Type())[k]
			}
		}
	}
	s.chooseOrder()
	return s
}

func (s *stage) outMap(i int) *ir.AffineMap { return s.maps[len(s.inputs)+i] }

// reduces reports whether any loop is a reduction.
func (s *stage) reduces() bool {
	for _, it := range s.iters {
		if it == linalg.Reduction {
			return true
		}
	}
	return false
}

// chooseOrder puts the loops over the result's dimensions first, in their order,
// then the reductions; and moves that loop innermost over which the operands are
// read and written with unit stride most often, where vector instructions reach.
func (s *stage) chooseOrder() {
	placed := make([]bool, len(s.iters))
	for _, e := range s.outMap(0).Results {
		if d, ok := e.(ir.AffineDim); ok && !placed[d] {
			placed[d] = true
			s.order = append(s.order, int(d))
		}
	}
	for _, kind := range []linalg.Iterator{linalg.Parallel, linalg.Reduction} {
		for d, it := range s.iters {
			if !placed[d] && it == kind {
				placed[d] = true
				s.order = append(s.order, d)
			}
		}
	}
	if !s.reduces() || len(s.order) == 0 {
		return
	}
	best, bestCost := len(s.order)-1, 1<<30
	for i := len(s.order) - 1; i >= 0; i-- { // ties go to the loop that is innermost already
		if cost := s.strideCost(s.order[i]); cost < bestCost {
			best, bestCost = i, cost
		}
	}
	d := s.order[best]
	s.order = append(append(s.order[:best:best], s.order[best+1:]...), d)
}

// strideCost is how many operands are visited with neither stride 0 nor 1 when loop
// d runs; writing through memory at every step counts half as dear.
func (s *stage) strideCost(d int) int {
	if s.extents[d] == 1 {
		return 1 << 20 // an empty loop gives no vectors
	}
	cost := 0
	for i, v := range append(append([]*ir.Value{}, s.inputs...), s.inits...) {
		switch stride := s.stride(i, v, d); stride {
		case 0, 1:
		default:
			cost += 2
		}
	}
	if s.iters[d] == linalg.Parallel {
		cost++
	}
	return cost
}

// stride is by how many elements operand i moves when loop d advances by one; any
// number but 0 and 1 stands for "far".
func (s *stage) stride(i int, v *ir.Value, d int) int64 {
	t := v.Type().(*ir.TensorType)
	strides, ok := t.Strides()
	if !ok {
		return 2
	}
	zero := make([]int64, len(s.iters))
	one := make([]int64, len(s.iters))
	one[d] = 1
	total := int64(0)
	for k, e := range s.maps[i].Results {
		total += strides[k] * (e.Eval(one, nil) - e.Eval(zero, nil))
	}
	return total
}

// outer is how many leading loops a stage can share with others: those that are
// parallel and stand alone, in order, at the head of every result's map.
func (s *stage) outer() int {
	p := 0
	for ; p < len(s.order); p++ {
		d := s.order[p]
		if s.iters[d] != linalg.Parallel {
			return p
		}
		for i := range s.inits {
			m := s.outMap(i)
			if p >= len(m.Results) || m.Results[p] != ir.AffineExpr(ir.AffineDim(d)) {
				return p
			}
		}
	}
	return p
}

// A run is stages that share their outermost loops.
type run struct {
	stages []*stage
	shared int // how many loops
}

// buildRuns gathers stages in order: a stage joins the run before it if it reads
// something the run computes, through maps that agree on the shared loops.
func buildRuns(stages []*stage, share bool) []*run {
	var runs []*run
	for _, s := range stages {
		if share && len(runs) > 0 {
			if r := runs[len(runs)-1]; r.join(s) {
				continue
			}
		}
		runs = append(runs, &run{[]*stage{s}, s.outer()})
	}
	return runs
}

// join adds s to the run if that leaves at least one loop to share, and no value
// passes from one iteration of the shared loops to another.
func (r *run) join(s *stage) bool {
	p := min(r.shared, s.outer())
	connected := false
	for p > 0 {
		fits := true
		for k := 0; k < p; k++ {
			first := r.stages[0]
			fits = fits && first.extents[first.order[k]] == s.extents[s.order[k]]
		}
		for i, v := range append(append([]*ir.Value{}, s.inputs...), s.inits...) {
			if !r.makes(v) {
				continue
			}
			connected = true
			for k := 0; k < p; k++ {
				m := s.maps[i]
				fits = fits && k < len(m.Results) && m.Results[k] == ir.AffineExpr(ir.AffineDim(s.order[k]))
			}
		}
		if fits {
			break
		}
		p--
	}
	if p == 0 || !connected {
		return false
	}
	r.stages = append(r.stages, s)
	r.shared = p
	return true
}

// makes reports whether v is computed by a stage of the run.
func (r *run) makes(v *ir.Value) bool {
	for _, s := range r.stages {
		if v.Def() == s.op {
			return true
		}
	}
	return false
}

// confined reports whether v is read by stages of the run only.
func (r *run) confined(v *ir.Value) bool {
	for _, u := range v.Uses() {
		inside := false
		for _, s := range r.stages {
			inside = inside || u.Owner() == s.op
		}
		if !inside {
			return false
		}
	}
	return true
}
