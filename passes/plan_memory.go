package passes

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// WorkspaceMark is, on the module, the number of bytes of the workspace; it also marks the
// argument that is the workspace, which by its type could be a tensor of i8.
const WorkspaceMark = "cladopt.workspace"

// Alignment of every buffer in the workspace and of the workspace itself, in bytes:
// a cache line, and the widest vector.
const Alignment = 64

// PlanMemory gives every buffer a place in one workspace.
func PlanMemory() *Pass {
	return &Pass{
		Name: "plan-memory",
		Doc: "Gives every buffer that the graph or a kernel allocates a place in one workspace, which the caller provides: " +
			"the last argument of @graph and @graph_backward, a memref of bytes. Values saved for the backward sweep come " +
			"first and keep their place; other buffers of one element type share places when they are not alive at the " +
			"same time. What a kernel allocates becomes an argument of it.",
		After: []string{"lower-to-loops"},
		Run: func(p *Run) error {
			m := p.Module
			hoistScratch(m)
			forward, backward := m.Symbol(GraphName), m.Symbol(BackwardName)
			if forward == nil || forward.Attr(InputCount) == nil {
				return nil
			}
			saved := savedArgs(forward, int(forward.Int(InputCount, 0)), forward.Int(OutputsMark, forward.Int(ResultCount, 0)))
			place := &planner{}
			offsets := make([]int64, len(saved))
			for i, a := range saved {
				offsets[i] = place.take(bytesOf(a.Type()))
			}
			base := place.end
			plans := []*plan{{f: forward, fixed: saved, offsets: offsets}}
			if backward != nil {
				plans = append(plans, &plan{f: backward, fixed: savedReads(backward, forward), offsets: offsets})
			}
			size := assign(plans, base)
			for _, pl := range plans {
				pl.rewrite(m.Ctx, size)
				p.Remark(pl.f.Loc, "@%s: %d buffers, %d of them saved, in a workspace of %d bytes; without sharing %d",
					pl.f.Str(ir.SymbolName), len(pl.allocs)+len(pl.fixed), len(pl.fixed), size, pl.unshared+base)
			}
			m.Op.SetAttr(WorkspaceMark, ir.I64Attr(size))
			return nil
		},
	}
}

func bytesOf(t ir.Type) int64 {
	n, _ := ir.NumElements(ir.ShapeOf(t))
	return n * ir.ByteSize(ir.ElemType(t))
}

func align(n int64) int64 { return (n + Alignment - 1) / Alignment * Alignment }

// savedArgs lists the arguments of the forward function for results past the
// outputs.
func savedArgs(f *ir.Op, inputs int, outputs int64) []*ir.Value {
	results := f.Body().Args()[inputs : inputs+int(f.Int(ResultCount, 0))]
	return slices.Clone(results[min(int(outputs), len(results)):])
}

// savedReads lists the arguments of the backward function that are values saved by
// the forward one.
func savedReads(backward, forward *ir.Op) []*ir.Value {
	outputs := forward.Int(OutputsMark, 0)
	at := int(backward.Int(InputsMark, 0))
	var out []*ir.Value
	for i, r := range backward.Ints(ReadsMark) {
		if r >= outputs {
			out = append(out, backward.Body().Arg(at+i))
		}
	}
	return out
}

// plan is the buffers of one function.
type plan struct {
	f       *ir.Op
	fixed   []*ir.Value // arguments that become places in the workspace
	offsets []int64     // of fixed

	allocs   []*ir.Op
	at       []int64 // offsets of allocs
	unshared int64
}

// assign gives the allocations of all functions places at base or after, and returns
// where the last one ends. Each element type has a region of its own: C++ compilers take
// for granted that what is read and written by different types is different memory, and
// clang moves a read behind a write that reuses the place by another type.
func assign(plans []*plan, base int64) int64 {
	sizes := map[ir.Type]int64{}
	var types []ir.Type
	for _, pl := range plans {
		for t, p := range pl.share() {
			sizes[t] = max(sizes[t], p.end)
		}
		for _, op := range pl.allocs {
			if t := elemOf(op); !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	start := map[ir.Type]int64{}
	for _, t := range types {
		start[t] = base
		base += sizes[t]
	}
	for _, pl := range plans {
		for i, op := range pl.allocs {
			pl.at[i] += start[elemOf(op)]
		}
	}
	return base
}

func elemOf(alloc *ir.Op) ir.Type { return ir.ElemType(alloc.Result(0).Type()) }

// share gives the allocations of the function places in regions for each element type.
func (pl *plan) share() map[ir.Type]*planner {
	ops := pl.f.Body().Ops()
	position := map[*ir.Op]int{}
	for i, op := range ops {
		position[op] = i
	}
	ends := map[int][]int{} // allocations that die at a position
	regions := map[ir.Type]*planner{}
	for _, op := range ops {
		if op.Name == memref.OpAlloc {
			last := lastUse(op.Result(0), position)
			ends[last] = append(ends[last], len(pl.allocs))
			pl.allocs = append(pl.allocs, op)
			regions[elemOf(op)] = &planner{}
		}
	}
	pl.at = make([]int64, len(pl.allocs))
	next := 0
	for i, op := range ops {
		if op.Name == memref.OpAlloc {
			n := bytesOf(op.Result(0).Type())
			pl.at[next] = regions[elemOf(op)].take(n)
			pl.unshared += align(n)
			next++
		}
		for _, dead := range ends[i] {
			regions[elemOf(pl.allocs[dead])].release(pl.at[dead], bytesOf(pl.allocs[dead].Result(0).Type()))
		}
	}
	return regions
}

// lastUse is the position of the last op that uses v, itself or by another name.
func lastUse(v *ir.Value, position map[*ir.Op]int) int {
	last := position[v.Def()]
	for _, u := range v.Uses() {
		op := u.Owner()
		for op.Block() != v.Def().Block() {
			op = op.Parent()
		}
		last = max(last, position[op])
		if op.Name == memref.OpReinterpretCast {
			last = max(last, lastUse(op.Result(0), position))
		}
	}
	return last
}

// rewrite adds the workspace argument and makes every buffer a view of it.
func (pl *plan) rewrite(ctx *ir.Context, size int64) {
	body := pl.f.Body()
	ws := body.AddArg(ir.MemRef([]int64{size}, ir.I8))
	b := ir.BuilderBefore(ctx, body.First())
	view := func(b *ir.Builder, offset int64, t ir.Type) *ir.Value {
		return memref.View(b, ws, arith.ConstantI(b, offset, ir.Index), t.(*ir.MemRefType))
	}
	for i, a := range pl.fixed {
		if !a.Unused() {
			a.ReplaceAllUsesWith(view(b, pl.offsets[i], a.Type()))
		}
	}
	for i, op := range pl.allocs {
		op.Replace(view(ir.BuilderBefore(ctx, op), pl.at[i], op.Result(0).Type()))
	}
	inputs, results := pl.f.Int(InputCount, 0), pl.f.Int(ResultCount, 0)
	fewerInputs, fewerResults := inputs, results
	fixed := map[*ir.Value]bool{}
	for _, a := range pl.fixed {
		fixed[a] = true
		if int64(a.Index()) < inputs {
			fewerInputs--
		} else {
			fewerResults-- // saved by the forward sweep, read by the backward one
		}
	}
	pl.f.SetAttr(InputCount, ir.I64Attr(fewerInputs))
	pl.f.SetAttr(ResultCount, ir.I64Attr(fewerResults))
	body.EraseArgs(func(a *ir.Value) bool { return fixed[a] })
	funcs.SetType(pl.f, ir.Func(ir.TypesOf(body.Args()), nil))
	funcs.SetArgAttr(pl.f, ws.Index(), WorkspaceMark, ir.UnitAttr{})
}

// planner hands out places: the first free gap that is large enough, else the end.
type planner struct {
	end  int64
	gaps []gap // by offset
}

type gap struct{ offset, size int64 }

func (p *planner) take(n int64) int64 {
	n = align(n)
	for i, g := range p.gaps {
		if g.size >= n {
			if g.size == n {
				p.gaps = slices.Delete(p.gaps, i, i+1)
			} else {
				p.gaps[i] = gap{g.offset + n, g.size - n}
			}
			return g.offset
		}
	}
	offset := p.end
	p.end += n
	return offset
}

func (p *planner) release(offset, n int64) {
	n = align(n)
	if n == 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(p.gaps, offset, func(g gap, o int64) int {
		switch {
		case g.offset < o:
			return -1
		case g.offset > o:
			return 1
		}
		return 0
	})
	p.gaps = slices.Insert(p.gaps, i, gap{offset, n})
	if i+1 < len(p.gaps) && p.gaps[i].offset+p.gaps[i].size == p.gaps[i+1].offset {
		p.gaps[i].size += p.gaps[i+1].size
		p.gaps = slices.Delete(p.gaps, i+1, i+2)
	}
	if i > 0 && p.gaps[i-1].offset+p.gaps[i-1].size == p.gaps[i].offset {
		p.gaps[i-1].size += p.gaps[i].size
		p.gaps = slices.Delete(p.gaps, i, i+1)
	}
}
