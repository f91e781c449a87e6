package passes

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
)

// FuseElementwise merges elementwise loop nests into their consumers.
func FuseElementwise() *Pass {
	return &Pass{
		Name: "fuse-elementwise",
		Doc: "Merges an elementwise linalg.generic into the linalg.generic that consumes it, a reduction included, so " +
			"that the value between them is never stored. A producer with several consumers is merged only if its " +
			"body is a constant or a copy, which costs nothing to compute again. Equal inputs of a generic become one. " +
			"The limit bounds the time to compile, since each merge copies the body. A value stored between two bodies " +
			"of that size is little beside what they compute.",
		After: []string{"lower-to-linalg"},
		Options: []Option{
			{Name: "max", Default: "512", Doc: "most ops in a fused body, 0 for no limit"},
		},
		Run: func(p *Run) error {
			rewrite.EraseDead(p.Root()) // a consumer that nothing reads is none
			f := &fuser{ctx: p.Module.Ctx, max: p.Int("max"), run: p}
			for _, b := range blocksOf(p.Root(), linalg.OpGeneric) {
				f.block(b)
			}
			rewrite.EraseDead(p.Root())
			return nil
		},
	}
}

// blocksOf lists the blocks inside root that hold an op of that name directly.
func blocksOf(root *ir.Op, name ir.OpName) []*ir.Block {
	var out []*ir.Block
	seen := map[*ir.Block]bool{}
	root.Walk(func(op *ir.Op) {
		if b := op.Block(); op.Name == name && b != nil && !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	})
	return out
}

type fuser struct {
	ctx *ir.Context
	max int
	run *Run
}

// block fuses consumers from the last to the first, so that a producer whose uses
// have all come together in one consumer is seen after they have.
func (f *fuser) block(b *ir.Block) {
	for op := b.Last(); op != nil; {
		prev := op.Prev()
		if op.Name == linalg.OpGeneric {
			fused := mergeInputs(f.ctx, op)
			for {
				next := f.fuseOne(fused)
				if next == nil {
					break
				}
				fused = mergeInputs(f.ctx, next)
			}
			prev = fused.Prev()
		}
		op = prev
	}
}

// fuseOne merges one producer of op into it and returns the merged op; nil if no
// producer can be.
func (f *fuser) fuseOne(op *ir.Op) *ir.Op {
	for i, v := range linalg.Inputs(op) {
		producer := v.Def()
		if producer == nil || producer.Name != linalg.OpGeneric || producer.Block() != op.Block() {
			continue
		}
		if reason := f.refuses(producer, op, i); reason != "" {
			continue
		}
		merged := fuseInto(f.ctx, producer, op, i)
		if merged == nil {
			continue
		}
		f.run.Remark(merged.Loc, "fused %s", describe(merged.Loc))
		op.Replace(merged.Results()...)
		if unused(producer) {
			producer.Erase()
		}
		return merged
	}
	return nil
}

func describe(l ir.Loc) string {
	places := l.Positions()
	if len(places) == 0 {
		return "a loop nest"
	}
	return fmt.Sprintf("the ops of lines %d to %d", places[0].Line, places[len(places)-1].Line)
}

func unused(op *ir.Op) bool {
	for _, r := range op.Results() {
		if !r.Unused() {
			return false
		}
	}
	return true
}

// refuses says why producer may not be merged into input i of op, "" if it may.
func (f *fuser) refuses(producer, op *ir.Op, i int) string {
	if !isElementwise(producer) {
		return "the producer is not elementwise"
	}
	v := linalg.Inputs(op)[i]
	if !linalg.Maps(producer)[len(linalg.Inputs(producer))+v.Index()].IsIdentity() {
		return "the producer writes its result permuted"
	}
	if readsInits(producer) {
		return "the producer reads its destination"
	}
	if usesIndex(producer) && !linalg.Maps(op)[i].IsIdentity() {
		return "the producer uses its loop indices"
	}
	if producer.NumResults() > 1 {
		return "the producer has several results"
	}
	if !v.HasOneUse() && !cheap(producer) {
		return "the producer has other uses"
	}
	if f.max > 0 && bodySize(producer)+bodySize(op) > f.max {
		return "the body would grow past the limit"
	}
	return ""
}

// isElementwise reports whether all loops of a generic are parallel.
func isElementwise(op *ir.Op) bool {
	for _, it := range linalg.Iterators(op) {
		if it != linalg.Parallel {
			return false
		}
	}
	return true
}

// readsInits reports whether the body uses the elements of the destinations.
func readsInits(op *ir.Op) bool {
	args := op.Body().Args()
	for _, a := range args[len(linalg.Inputs(op)):] {
		if !a.Unused() {
			return true
		}
	}
	return false
}

func usesIndex(op *ir.Op) bool {
	found := false
	op.Walk(func(inner *ir.Op) { found = found || inner.Name == linalg.OpIndex })
	return found
}

// cheap reports whether computing the producer again costs next to nothing: its
// body is at most a constant or a cast.
func cheap(op *ir.Op) bool {
	for inner := op.Body().First(); inner != nil; inner = inner.Next() {
		switch inner.Name {
		case arith.OpConstant, linalg.OpYield, arith.OpExtF, arith.OpTruncF, arith.OpUIToFP, arith.OpSIToFP:
		default:
			return false
		}
	}
	return true
}

func bodySize(op *ir.Op) int { return op.Body().Len() - 1 }

// fuseInto builds op with producer computed in its body in place of input i; nil if
// the merged loops could not be found from the operands' shapes.
func fuseInto(ctx *ir.Context, producer, op *ir.Op, i int) *ir.Op {
	consumerMaps := linalg.Maps(op)
	inputs, inits := linalg.Inputs(op), linalg.Inits(op)
	producerInputs := linalg.Inputs(producer)
	producerMaps := linalg.Maps(producer)

	var newInputs []*ir.Value
	var maps []*ir.AffineMap
	for j, v := range inputs {
		if j == i {
			// The producer's loops are the dimensions of its result: composing reads its
			// inputs where the consumer would have read the result.
			for k, pv := range producerInputs {
				newInputs = append(newInputs, pv)
				maps = append(maps, producerMaps[k].Compose(consumerMaps[i]))
			}
			continue
		}
		newInputs = append(newInputs, v)
		maps = append(maps, consumerMaps[j])
	}
	maps = append(maps, consumerMaps[len(inputs):]...)
	if !findsAllLoops(maps) {
		return nil
	}
	b := ir.BuilderBefore(ctx, op)
	b.Loc = ir.Fuse(producer.Loc, op.Loc)
	merged := linalg.Generic(b, newInputs, inits, maps, linalg.Iterators(op), func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		m := ir.Mapping{}
		for k := range producerInputs {
			m[producer.Body().Arg(k)] = args[i+k]
		}
		result := inlineBody(b, producer, m)[inputs[i].Index()]
		m = ir.Mapping{op.Body().Arg(i): result}
		for j := range op.Body().Args() {
			switch {
			case j < i:
				m[op.Body().Arg(j)] = args[j]
			case j > i:
				m[op.Body().Arg(j)] = args[j-1+len(producerInputs)]
			}
		}
		return inlineBody(b, op, m)
	})
	copyMarks(op, merged)
	return merged
}

// copyMarks carries this project's attributes over to the op that takes op's place.
func copyMarks(op, to *ir.Op) {
	for _, a := range op.Attrs() {
		if len(a.Name) > 8 && a.Name[:8] == "cladopt." {
			to.SetAttr(a.Name, a.Attr)
		}
	}
}

// inlineBody clones the body of a generic with its arguments mapped and returns
// what it yields.
func inlineBody(b *ir.Builder, generic *ir.Op, m ir.Mapping) []*ir.Value {
	var yields []*ir.Value
	for inner := generic.Body().First(); inner != nil; inner = inner.Next() {
		if inner.Name == linalg.OpYield {
			for _, v := range inner.Operands() {
				yields = append(yields, m.Of(v))
			}
			break
		}
		b.Clone(inner, m)
	}
	return yields
}

// findsAllLoops reports whether every loop stands alone in some result of a map,
// which is how its extent is known.
func findsAllLoops(maps []*ir.AffineMap) bool {
	found := map[ir.AffineDim]bool{}
	for _, m := range maps {
		for _, e := range m.Results {
			if d, ok := e.(ir.AffineDim); ok {
				found[d] = true
			}
		}
	}
	return len(found) == maps[0].Dims
}

// mergeInputs makes equal inputs read through equal maps one, drops inputs that the
// body does not use where the loops can be found without them, and returns the op.
func mergeInputs(ctx *ir.Context, op *ir.Op) *ir.Op {
	inputs, maps := linalg.Inputs(op), linalg.Maps(op)
	type source struct {
		v *ir.Value
		m string
	}
	first := map[source]int{}
	position := make([]int, len(inputs)) // where input i went, -1 if dropped
	var newInputs []*ir.Value
	var newMaps []*ir.AffineMap
	for i, v := range inputs {
		key := source{v, maps[i].String()}
		if j, ok := first[key]; ok {
			position[i] = j
			continue
		}
		if op.Body().Arg(i).Unused() {
			rest := append(append([]*ir.AffineMap{}, newMaps...), maps[i+1:]...)
			if findsAllLoops(rest) {
				position[i] = -1
				continue
			}
		}
		first[key] = len(newInputs)
		position[i] = len(newInputs)
		newInputs = append(newInputs, v)
		newMaps = append(newMaps, maps[i])
	}
	if len(newInputs) == len(inputs) {
		return op
	}
	b := ir.BuilderBefore(ctx, op)
	newMaps = append(newMaps, maps[len(inputs):]...)
	merged := linalg.Generic(b, newInputs, linalg.Inits(op), newMaps, linalg.Iterators(op),
		func(b *ir.Builder, args []*ir.Value) []*ir.Value {
			m := ir.Mapping{}
			for i := range inputs {
				if position[i] >= 0 {
					m[op.Body().Arg(i)] = args[position[i]]
				}
			}
			for i := len(inputs); i < len(op.Body().Args()); i++ {
				m[op.Body().Arg(i)] = args[len(newInputs)+i-len(inputs)]
			}
			return inlineBody(b, op, m)
		})
	copyMarks(op, merged)
	op.Replace(merged.Results()...)
	return merged
}
