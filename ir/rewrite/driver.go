package rewrite

import (
	"fmt"
	"io"

	"github.com/cladopt/cladopt/ir"
)

// Set is rules indexed by root op, with what to do besides.
type Set struct {
	byRoot map[ir.OpName][]*Rule
	// Fold, if set, is tried on every op before the rules: it returns the values that
	// replace the results, or nil.
	Fold func(b *ir.Builder, op *ir.Op) []*ir.Value
	// FastMath lets rules marked so fire on floats.
	FastMath bool
	// Trace, if set, gets a line for each firing.
	Trace io.Writer
	// Disabled laws do not fire; mutation tests use it.
	Disabled map[string]bool
}

// NewSet indexes rules. A rule that does not start with an op is an error.
func NewSet(rules []Rule) (*Set, error) {
	s := &Set{byRoot: map[ir.OpName][]*Rule{}}
	for i := range rules {
		r := &rules[i]
		if r.Root() == "" {
			return nil, fmt.Errorf("rule %q: the left side must start with an op", r.Law)
		}
		s.byRoot[r.Root()] = append(s.byRoot[r.Root()], r)
	}
	return s, nil
}

// maxStepsPerOp bounds how often rules may fire, per op of the program at the
// start, before the driver gives up.
const maxStepsPerOp = 64

// Apply rewrites everything inside root until no rule matches, removes pure ops
// that nothing uses, and reports how often rules fired.
func (s *Set) Apply(ctx *ir.Context, root *ir.Op) (fired int, err error) {
	w := &worklist{queued: map[*ir.Op]bool{}}
	root.Walk(func(op *ir.Op) {
		if op != root {
			w.push(op)
		}
	})
	w.reverse() // operands come before users, so that inner simplifications show first
	limit := maxStepsPerOp * (len(w.ops) + 16)
	for {
		op := w.pop()
		if op == nil {
			return fired, nil
		}
		if op.Block() == nil {
			continue // erased meanwhile
		}
		if dead(op) {
			operands := op.Operands()
			op.Erase()
			for _, v := range operands {
				w.pushDef(v)
			}
			continue
		}
		law, values := s.try(ctx, op)
		if values == nil {
			continue
		}
		fired++
		if fired > limit {
			return fired, fmt.Errorf("rewriting does not come to an end after %d steps; the last law was %q on %s", fired, law, op.Name)
		}
		if s.Trace != nil {
			fmt.Fprintf(s.Trace, "%s: %s: %s\n", op.Loc.Pos, op.Name, law)
		}
		operands := op.Operands()
		for _, r := range op.Results() {
			for _, u := range r.Uses() {
				w.push(u.Owner())
			}
		}
		for _, v := range values {
			w.pushDef(v)
		}
		op.Replace(values...)
		for _, v := range operands {
			w.pushDef(v)
		}
	}
}

// try returns the replacement of op's results by the fold or the first rule that
// matches, nil if there is none.
func (s *Set) try(ctx *ir.Context, op *ir.Op) (law string, values []*ir.Value) {
	if s.Fold != nil {
		b := ir.BuilderBefore(ctx, op)
		if values := s.Fold(b, op); values != nil {
			return "constant folding", values
		}
	}
	if op.NumResults() != 1 {
		return "", nil
	}
	var m Match
	for _, r := range s.byRoot[op.Name] {
		if s.Disabled[r.Law] || r.FastMath && !s.FastMath && ir.IsFloat(op.Result(0).Type()) {
			continue
		}
		m.Root, m.vars = op, m.vars[:0]
		if !r.From.match(op.Result(0), &m) || r.When != nil && !r.When(&m) {
			continue
		}
		v, err := r.To.build(ir.BuilderBefore(ctx, op), &m)
		if err != nil || v == nil || v == op.Result(0) || v.Type() != op.Result(0).Type() {
			continue
		}
		return r.Law, []*ir.Value{v}
	}
	return "", nil
}

// dead reports whether op may be removed: it is pure and nothing uses it.
func dead(op *ir.Op) bool {
	if !op.Has(ir.Pure) || op.Has(ir.Terminator) {
		return false
	}
	for _, r := range op.Results() {
		if !r.Unused() {
			return false
		}
	}
	return true
}

// EraseDead removes pure ops inside root that nothing uses, and says how many.
func EraseDead(root *ir.Op) int {
	erased := 0
	for _, r := range regions(root) {
		for _, b := range r.Blocks() {
			for op := b.Last(); op != nil; {
				prev := op.Prev()
				if dead(op) {
					op.Erase()
					erased++
				} else {
					erased += EraseDead(op)
				}
				op = prev
			}
		}
	}
	return erased
}

func regions(op *ir.Op) []*ir.Region {
	out := make([]*ir.Region, op.NumRegions())
	for i := range out {
		out[i] = op.Region(i)
	}
	return out
}

type worklist struct {
	ops    []*ir.Op // the last comes first
	queued map[*ir.Op]bool
}

func (w *worklist) push(op *ir.Op) {
	if op != nil && !w.queued[op] {
		w.queued[op] = true
		w.ops = append(w.ops, op)
	}
}

func (w *worklist) pushDef(v *ir.Value) { w.push(v.Def()) }

func (w *worklist) pop() *ir.Op {
	if len(w.ops) == 0 {
		return nil
	}
	op := w.ops[len(w.ops)-1]
	w.ops = w.ops[:len(w.ops)-1]
	delete(w.queued, op)
	return op
}

func (w *worklist) reverse() {
	for i, j := 0, len(w.ops)-1; i < j; i, j = i+1, j-1 {
		w.ops[i], w.ops[j] = w.ops[j], w.ops[i]
	}
}
