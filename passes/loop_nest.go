package passes

import (
	"maps"
	"slices"

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
	for i, v := range s.operands() {
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
	for i, v := range s.operands() {
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

// gathering is how many leading loops a stage that only sums (or compares) over them
// can share with others: what they give is added to memory at each turn. One loop at
// least is left to it, so that not every number goes through memory.
func (s *stage) gathering() int {
	p := 0
	for p < len(s.order)-1 && s.iters[s.order[p]] == linalg.Reduction {
		p++
	}
	return p
}

// gathers reports whether s adds to its results from one turn of loops it shares to
// the next, so that they are complete after those loops only.
func (s *stage) gathers() bool { return s.outer() == 0 }

// A run is stages that share their outermost loops.
type run struct {
	stages  []*stage
	shared  int // how many loops
	members map[*ir.Op]*stage
}

func newRun(s *stage) *run {
	return &run{[]*stage{s}, s.outer(), map[*ir.Op]*stage{s.op: s}}
}

// buildRuns gathers stages: one joins the last run that computes something it reads,
// if their maps agree on the shared loops and nothing between the two is read; and a
// run that has grown may in turn join one before it.
func buildRuns(stages []*stage, share bool) []*run {
	var runs []*run
	for _, s := range stages {
		at := len(runs)
		runs = append(runs, newRun(s))
		for i := at - 1; share && i >= 0; i-- {
			if runs[i].join(runs[at]) {
				runs = slices.Delete(runs, at, at+1)
				at = i
			} else if runs[at].reads(runs[i]) {
				break
			}
		}
	}
	return runs
}

// join adds the stages of s to the run if that leaves at least one loop to share, and
// no value passes from one turn of the shared loops to another.
func (r *run) join(s *run) bool {
	if !s.reads(r) {
		return false
	}
	most := s.shared
	if most == 0 {
		most = s.stages[0].gathering() // a run that shares no loops is one stage
	}
	least := 1
	if len(r.stages) > 1 && len(s.stages) > 1 {
		// What either run keeps in registers or in a row must not grow to a matrix.
		least = min(r.shared, most)
	}
	for p := min(r.shared, most); p >= least && p > 0; p-- {
		if r.fits(s, p) {
			r.stages = append(r.stages, s.stages...)
			maps.Copy(r.members, s.members)
			r.shared = p
			return true
		}
	}
	return false
}

// fits reports whether the stages of s can share p loops with those of r.
func (r *run) fits(s *run, p int) bool {
	first := r.stages[0]
	for _, t := range s.stages {
		for k := 0; k < p; k++ {
			if first.extents[first.order[k]] != t.extents[t.order[k]] {
				return false
			}
		}
		for i, v := range t.operands() {
			made := r.members[v.Def()]
			if made == nil {
				continue
			}
			if made.gathers() || i >= len(t.inputs) && t.gathers() {
				return false // not complete within the loops; wanted before them
			}
			for k := 0; k < p; k++ {
				if m := t.maps[i]; k >= len(m.Results) || m.Results[k] != ir.AffineExpr(ir.AffineDim(t.order[k])) {
					return false
				}
			}
		}
	}
	return true
}

// reads reports whether a stage of the run reads what a stage of the other computes.
func (r *run) reads(other *run) bool {
	for _, s := range r.stages {
		for _, v := range s.operands() {
			if d := v.Def(); d != nil && other.members[d] != nil {
				return true
			}
		}
	}
	return false
}

// operands are the inputs, then the inits.
func (s *stage) operands() []*ir.Value { return append(slices.Clip(s.inputs), s.inits...) }

// confined reports whether v is read by stages of the run only, and in the turn of the
// shared loops that computes it.
func (r *run) confined(v *ir.Value) bool {
	if r.members[v.Def()].gathers() {
		return false
	}
	for _, u := range v.Uses() {
		if r.members[u.Owner()] == nil {
			return false
		}
	}
	return true
}
