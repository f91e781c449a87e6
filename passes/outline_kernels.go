package passes

import (
	"fmt"
	"sort"

	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// OutlineKernels makes functions of the groups.
func OutlineKernels() *Pass {
	return &Pass{
		Name: "outline-kernels",
		Doc: "Makes each group that fuse-reduction has marked a function with the attribute cladopt.kernel, called from " +
			"the graph: inputs are what the group reads from outside, results what is read outside of it. An op " +
			"without a mark is a group of its own. Constants and renamings are copied into each kernel that uses them.",
		After: []string{"fuse-reduction"},
		Run: func(p *Run) error {
			for _, f := range p.Module.Body().Ops() {
				if f.Name == funcs.OpFunc && f.Attr(KernelMark) == nil && f.Body() != nil && (p.Func == nil || p.Func == f) {
					o := &outliner{m: p.Module, run: p, f: f}
					if err := o.outline(); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

type outliner struct {
	m      *ir.Module
	run    *Run
	f      *ir.Op
	groups map[*ir.Op]int // by op; ops that stay in the graph have none
	next   int            // number of the next kernel's name
}

func (o *outliner) outline() error {
	members := map[int][]*ir.Op{}
	var order []int
	o.groups = map[*ir.Op]int{}
	next := -1 // groups of their own count down from -1, so as not to meet marks
	for op := o.f.Body().First(); op != nil; op = op.Next() {
		r := roleOf(op)
		if r == outside {
			continue
		}
		if r == shared && !o.readFromGraph(op) {
			continue
		}
		id := int(op.Int(GroupMark, int64(next)))
		if id == next {
			next--
		}
		if len(members[id]) == 0 {
			order = append(order, id)
		}
		members[id] = append(members[id], op)
		o.groups[op] = id
	}
	sequence, err := o.schedule(members, order)
	if err != nil {
		return err
	}
	for _, id := range sequence {
		o.kernel(members[id])
	}
	o.eraseShared()
	return nil
}

// readFromGraph reports whether an op that stays in the graph reads this shared op,
// which then becomes a kernel.
func (o *outliner) readFromGraph(op *ir.Op) bool {
	for _, r := range op.Results() {
		for _, u := range r.Uses() {
			if roleOf(u.Owner()) == outside {
				return true
			}
		}
	}
	return false
}

// schedule orders the groups so that each comes after what it reads, and moves the
// ops of each group and those between them into that order.
func (o *outliner) schedule(members map[int][]*ir.Op, order []int) ([]int, error) {
	// A unit is a group or an op that stays in the graph.
	type unit struct {
		ops   []*ir.Op
		group int
		deps  map[int]bool
	}
	var units []*unit
	unitOf := map[*ir.Op]int{}
	byGroup := map[int]int{}
	for op := o.f.Body().First(); op != nil; op = op.Next() {
		id, grouped := o.groups[op]
		if grouped {
			if at, ok := byGroup[id]; ok {
				units[at].ops = append(units[at].ops, op)
				unitOf[op] = at
				continue
			}
			byGroup[id] = len(units)
		}
		unitOf[op] = len(units)
		u := &unit{ops: []*ir.Op{op}, deps: map[int]bool{}}
		if grouped {
			u.group = id
		}
		units = append(units, u)
	}
	for i, u := range units {
		// Shared ops are copied into kernels: what a kernel waits for is what they read.
		var wait func(op *ir.Op)
		wait = func(op *ir.Op) {
			for _, v := range op.Operands() {
				p := v.Def()
				switch {
				case p == nil || unitOf[p] == i:
				case roleOf(p) == shared && roleOf(op) != outside:
					wait(p)
				default:
					u.deps[unitOf[p]] = true
				}
			}
		}
		for _, op := range u.ops {
			wait(op)
		}
	}
	// Depth first in the order of the text keeps the order where it may be kept.
	state := make([]int, len(units))
	var sequence []int
	var visit func(i int) error
	visit = func(i int) error {
		switch state[i] {
		case 1:
			return fmt.Errorf("the ops marked group %d wait for each other through other ops: a group must not read what depends on it", units[i].group)
		case 2:
			return nil
		}
		state[i] = 1
		deps := make([]int, 0, len(units[i].deps))
		for d := range units[i].deps {
			deps = append(deps, d)
		}
		sort.Ints(deps)
		for _, d := range deps {
			if err := visit(d); err != nil {
				return err
			}
		}
		state[i] = 2
		sequence = append(sequence, i)
		return nil
	}
	for i := range units {
		if err := visit(i); err != nil {
			return nil, err
		}
	}
	body := o.f.Body()
	var groups []int
	for _, i := range sequence {
		for _, op := range units[i].ops {
			op.Remove()
			body.Append(op)
		}
		if _, grouped := o.groups[units[i].ops[0]]; grouped {
			groups = append(groups, units[i].group)
		}
	}
	return groups, nil
}

// kernel moves the ops of one group into a function and calls it.
func (o *outliner) kernel(ops []*ir.Op) {
	inside := map[*ir.Op]bool{}
	for _, op := range ops {
		inside[op] = true
	}
	var inputs, outputs []*ir.Value
	var locs []ir.Loc
	seen := map[*ir.Value]bool{}
	m := ir.Mapping{}
	var collect func(op *ir.Op)
	visited := map[*ir.Op]bool{}
	var body []*ir.Op // the group and copies of what it shares, operands first
	collect = func(op *ir.Op) {
		if visited[op] {
			return
		}
		visited[op] = true
		for _, v := range op.Operands() {
			p := v.Def()
			_, grouped := o.groups[p]
			switch {
			case p != nil && inside[p]:
			case p != nil && roleOf(p) == shared && !(grouped && !inside[p]):
				collect(p)
			case p != nil && roleOf(p) == shared:
				collect(p) // copied here as well as being a kernel for the graph's sake
			case !seen[v]:
				seen[v] = true
				inputs = append(inputs, v)
			}
		}
		body = append(body, op)
	}
	for _, op := range ops {
		collect(op)
		locs = append(locs, op.Loc)
	}
	for _, op := range ops {
		for _, r := range op.Results() {
			if escapes(r, inside, visited) {
				outputs = append(outputs, r)
			}
		}
	}
	name := fmt.Sprintf("k%d", o.next)
	for ; o.m.Symbol(name) != nil; name = fmt.Sprintf("k%d", o.next) {
		o.next++
	}
	loc := ir.Fuse(locs...)
	fn := funcs.NewFunc(o.m, name, ir.Func(ir.TypesOf(inputs), ir.TypesOf(outputs)))
	fn.Loc = loc
	fn.SetAttr(KernelMark, ir.UnitAttr{})
	for i, v := range inputs {
		m[v] = fn.Body().Arg(i)
	}
	b := ir.NewBuilder(o.m.Ctx, fn.Body())
	for _, op := range body {
		b.Clone(op, m).SetAttr(GroupMark, nil)
	}
	b.Loc = loc
	var returned []*ir.Value
	for _, v := range outputs {
		returned = append(returned, m.Of(v))
	}
	funcs.Return(b, returned...)

	at := ir.BuilderAfter(o.m.Ctx, ops[len(ops)-1])
	at.Loc = loc
	call := funcs.Call(at, fn, inputs...)
	for i, v := range outputs {
		v.ReplaceAllUsesWith(call.Result(i))
	}
	for i := len(body) - 1; i >= 0; i-- {
		if op := body[i]; inside[op] || unused(op) {
			op.Erase()
		}
	}
	o.run.Remark(loc, "kernel @%s: %s", name, opNames(body))
}

// escapes reports whether v is read by an op that is neither in the group nor a
// shared op copied into its kernel for the group's use alone.
func escapes(v *ir.Value, inside, copied map[*ir.Op]bool) bool {
	for _, u := range v.Uses() {
		if !inside[u.Owner()] {
			if roleOf(u.Owner()) == shared && copied[u.Owner()] && !escapesAny(u.Owner(), inside, copied) {
				continue
			}
			return true
		}
	}
	return false
}

func escapesAny(op *ir.Op, inside, copied map[*ir.Op]bool) bool {
	for _, r := range op.Results() {
		if escapes(r, inside, copied) {
			return true
		}
	}
	return false
}

// eraseShared removes the shared ops that every user now has a copy of.
func (o *outliner) eraseShared() {
	for op := o.f.Body().Last(); op != nil; {
		prev := op.Prev()
		if roleOf(op) == shared && unused(op) {
			op.Erase()
		}
		op = prev
	}
}
