package cpp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// The graph as Clad reverses it: which values have adjoints, which pullback stores and
// which adds, and where everything is in the workspace.

// CladLayout is the workspace of a library for Clad, in bytes: values that have an
// adjoint, by type; their adjoints at the same offsets in arenas of their own; then
// all that has no adjoint, scratch memory, and room for what a caller leaves out.
type CladLayout struct {
	Floats, Doubles int64 // values with adjoints
	Plain           int64 // values without, and scratch
	Zeros, Sink     int64
}

// Total is the number of bytes of the workspace.
func (l CladLayout) Total() int64 { return 2*(l.Floats+l.Doubles) + l.Plain + l.Zeros + l.Sink }

// place is where a value of the graph is.
type place struct {
	kind   placeKind
	index  int   // of an input or output
	offset int64 // of a slot, in bytes
	elem   ir.Type
	size   int64 // bytes
	// active places have an adjoint.
	active bool
}

type placeKind int

const (
	anInput placeKind = iota
	anOutput
	aSlot
)

// site is one call of a kernel in the graph.
type site struct {
	call     *ir.Op
	kernel   *ir.Op
	pullback *ir.Op // nil if no adjoint arrives there
	name     string
	args     []*place // of the kernel's arguments
	scratch  []int64  // offsets of the arguments that are scratch memory
	// ownScratch says that scratch memory has slots of its own, with adjoints.
	ownScratch bool
	stores     []bool // whether the pullback is the first to write each gradient
}

// chain is the graph as Clad sees it.
type chain struct {
	m       *ir.Module
	forward *ir.Op
	back    *ir.Op
	inputs  []*place
	outputs []*place
	sites   []*site
	places  map[*ir.Value]*place
	layout  CladLayout
	scratch map[ir.Type]int64 // offsets of scratch memory by element type, in the arena of plain values
	zeroed  []*place          // adjoints that are read and that nothing writes
	absent  []int             // inputs whose gradient is zero
}

// newChain reads the straight line of calls that @graph is after lower-to-loops and
// hoist-scratch.
func newChain(m *ir.Module) (*chain, error) {
	c := &chain{m: m, forward: m.Symbol(passes.GraphName), back: m.Symbol(passes.BackwardName), places: map[*ir.Value]*place{}}
	if err := c.read(func(i int) bool { return slices.Contains(c.back.Ints(passes.GradientsMark), int64(i)) },
		func(i int) bool { return slices.Contains(c.back.Ints(passes.AdjointsMark), int64(i)) }); err != nil {
		return nil, err
	}
	c.activate()
	c.reverse()
	c.assign()
	return c, nil
}

// read finds the places of all values and the calls of kernels; wanted and active say
// of which inputs and outputs there are adjoints.
func (c *chain) read(wanted, active func(i int) bool) error {
	inputs := int(c.forward.Int(passes.InputCount, 0))
	outputs := int(c.forward.Int(passes.OutputsMark, c.forward.Int(passes.ResultCount, 0)))
	for i, a := range c.forward.Body().Args() {
		t := a.Type().(*ir.MemRefType)
		p := &place{kind: aSlot, index: i, elem: t.Elem(), size: bytesOf(t)}
		switch {
		case i < inputs:
			p.kind, p.active = anInput, wanted(i)
			c.inputs = append(c.inputs, p)
		case i < inputs+outputs:
			p.kind, p.index, p.active = anOutput, i-inputs, active(i-inputs)
			c.outputs = append(c.outputs, p)
		}
		c.places[a] = p
	}
	used := map[string]int{}
	for op := c.forward.Body().First(); op != nil; op = op.Next() {
		switch op.Name {
		case funcs.OpReturn, arith.OpConstant:
		case memref.OpAlloc:
			t := op.Result(0).Type().(*ir.MemRefType)
			c.places[op.Result(0)] = &place{kind: aSlot, elem: t.Elem(), size: bytesOf(t)}
		case memref.OpReinterpretCast:
			if t := op.Result(0).Type().(*ir.MemRefType); t.Layout() != nil {
				return op.Errorf("internal error: the graph makes a view of type %s", t)
			}
			c.places[op.Result(0)] = c.places[op.Operand(0)]
		case funcs.OpCall:
			s, err := c.site(op, used)
			if err != nil {
				return err
			}
			c.sites = append(c.sites, s)
		default:
			return op.Errorf("internal error: stands in the graph, where only calls of kernels may")
		}
	}
	return nil
}

func (c *chain) site(op *ir.Op, used map[string]int) (*site, error) {
	s := &site{call: op, kernel: c.m.Symbol(op.Attr("callee").(ir.SymbolRefAttr).Path)}
	s.name = FunctionName(s.kernel)
	if n := used[s.name]; n > 0 {
		used[s.name]++
		s.name = fmt.Sprintf("%s_call%d", s.name, n)
	} else {
		used[s.name]++
	}
	if ref, ok := op.Attr(passes.PullbackMark).(ir.SymbolRefAttr); ok {
		s.pullback = c.m.Symbol(ref.Path)
	}
	for i := 0; i < op.NumOperands(); i++ {
		p := c.places[op.Operand(i)]
		if p == nil {
			return nil, op.Errorf("internal error: operand %d has no place", i)
		}
		s.args = append(s.args, p)
	}
	return s, nil
}

// inputsOf is the number of inputs of the kernel of s.
func (s *site) inputs() int { return int(s.kernel.Int(passes.InputCount, 0)) }

// result is the place of result i of the kernel.
func (s *site) result(i int64) *place { return s.args[s.inputs()+int(i)] }

// isScratch reports whether argument i of the kernel is scratch memory.
func (s *site) isScratch(i int) bool {
	return i >= s.inputs()+int(s.kernel.Int(passes.ResultCount, 0))
}

// activate marks the slots that have an adjoint.
func (c *chain) activate() {
	for _, s := range c.sites {
		if s.pullback == nil {
			continue
		}
		for _, i := range s.pullback.Ints(passes.GradientsMark) {
			s.args[i].active = true
		}
		for _, i := range s.pullback.Ints(passes.AdjointsMark) {
			s.result(i).active = true
		}
	}
}

// reverse goes through the pullbacks as Clad calls them, to find who writes an
// adjoint first: that pullback stores, the others add.
func (c *chain) reverse() {
	written := map[*place]bool{}
	for _, p := range c.outputs {
		written[p] = p.active // by the caller
	}
	for i := len(c.sites) - 1; i >= 0; i-- {
		s := c.sites[i]
		if s.pullback == nil {
			continue
		}
		for _, r := range s.pullback.Ints(passes.AdjointsMark) {
			if p := s.result(r); !written[p] {
				written[p] = true
				c.zeroed = append(c.zeroed, p)
			}
		}
		for _, k := range s.pullback.Ints(passes.GradientsMark) {
			p := s.args[k] // given twice, the second place adds to what the first stored
			s.stores = append(s.stores, !written[p])
			written[p] = true
		}
	}
	for i, p := range c.inputs {
		if p.active && !written[p] {
			c.absent = append(c.absent, i)
		}
	}
}

// assign gives slots their offsets. An adjoint is where its value is, in an arena of
// its own, so slots of active values are not shared.
func (c *chain) assign() {
	take := func(size *int64, n int64) int64 {
		at := *size
		*size += max(n, cacheLine) // what is empty has a place too, so that its arena has a name
		return at
	}
	assigned := map[*place]bool{}
	slot := func(p *place) {
		if p.kind != aSlot || assigned[p] {
			return
		}
		assigned[p] = true
		switch {
		case !p.active:
			p.offset = take(&c.layout.Plain, p.size)
		case p.elem == ir.Type(ir.F64):
			p.offset = take(&c.layout.Doubles, p.size)
		default:
			p.offset = take(&c.layout.Floats, p.size)
		}
	}
	for _, s := range c.sites {
		for i, p := range s.args {
			if !s.isScratch(i) || s.ownScratch {
				slot(p)
			}
		}
	}
	// Scratch memory is used within one call, so all calls share it, but for calls that use it
	// by another type: see plan-memory.
	c.scratch = map[ir.Type]int64{}
	for _, s := range c.sites {
		own, pullback := room{}, c.pullbackScratch(s)
		for i, p := range s.args {
			if s.isScratch(i) && !s.ownScratch {
				s.scratch = append(s.scratch, own.take(p.elem, p.size)) // from the start of the type's region
			}
		}
		for _, r := range []room{own, pullback} {
			for t, n := range r {
				c.scratch[t] = max(c.scratch[t], n)
			}
		}
	}
	for _, t := range slices.SortedFunc(maps.Keys(c.scratch), func(a, b ir.Type) int { return strings.Compare(a.String(), b.String()) }) {
		c.layout.Plain, c.scratch[t] = c.layout.Plain+c.scratch[t], c.layout.Plain
	}
	for _, s := range c.sites {
		k := 0
		for i, p := range s.args {
			if s.isScratch(i) && !s.ownScratch {
				s.scratch[k] += c.scratch[p.elem]
				k++
			}
		}
	}
	for _, p := range c.outputs {
		if p.active {
			c.layout.Zeros = max(c.layout.Zeros, p.size)
		}
	}
	for i, p := range c.inputs {
		if p.active && c.back != nil {
			c.layout.Sink = max(c.layout.Sink, align(c.gradientBytes(i)))
		}
	}
	if c.back != nil {
		return
	}
	c.layout.Zeros, c.layout.Sink = 0, 0 // the plain style has room for each
	for _, p := range c.outputs {
		c.layout.Zeros += p.size
	}
	for i, p := range c.inputs {
		t := c.forward.Body().Arg(i).Type().(*ir.MemRefType)
		n, _ := span(t)
		p.size = align(n * ir.ByteSize(t.Elem()))
		c.layout.Sink += p.size
	}
}

// gradientBytes is the size of the gradient of input i, which has every element: an expanded
// input has the memory of fewer.
func (c *chain) gradientBytes(i int) int64 {
	at := len(c.inputs) + len(c.back.Ints(passes.ReadsMark)) + len(c.back.Ints(passes.AdjointsMark))
	t := c.back.Body().Arg(at + slices.Index(c.back.Ints(passes.GradientsMark), int64(i))).Type()
	n, _ := ir.NumElements(ir.ShapeOf(t))
	return n * ir.ByteSize(ir.ElemType(t))
}

// pullbackArgs are the arguments of a lowered pullback by what they are.
func (s *site) pullbackArgs() (reads, adjoints, gradients, scratch []*ir.Value) {
	args := s.pullback.Body().Args()
	n := int(s.pullback.Int(passes.InputsMark, 0))
	cut := func(k int) []*ir.Value {
		out := args[n : n+k]
		n += k
		return out
	}
	reads = cut(len(s.pullback.Ints(passes.ReadsMark)))
	adjoints = cut(len(s.pullback.Ints(passes.AdjointsMark)))
	gradients = cut(len(s.pullback.Ints(passes.GradientsMark)))
	return reads, adjoints, gradients, args[n:]
}

// room is how many bytes of scratch memory are taken, by element type.
type room map[ir.Type]int64

// take returns where n more bytes of a type begin.
func (r room) take(t ir.Type, n int64) int64 {
	at := r[t]
	r[t] += n
	return at
}

// pullbackScratch is the scratch memory of a pullback: its own, and the gradients that
// are added to what is there already.
func (c *chain) pullbackScratch(s *site) room {
	r := room{}
	if s.pullback == nil {
		return r
	}
	_, _, gradients, scratch := s.pullbackArgs()
	for _, a := range scratch {
		r.take(ir.ElemType(a.Type()), bytesOf(a.Type()))
	}
	for k, a := range gradients {
		if !s.stores[k] {
			r.take(ir.ElemType(a.Type()), bytesOf(a.Type()))
		}
	}
	return r
}

// pullbackHasScratch reports whether the pullback of s uses scratch memory, be it of no
// bytes.
func (c *chain) pullbackHasScratch(s *site) bool {
	if s.pullback == nil {
		return false
	}
	_, _, _, scratch := s.pullbackArgs()
	return len(scratch) > 0 || slices.Contains(s.stores, false)
}

// CladLayoutOf is the workspace that EmitClad's library needs.
func CladLayoutOf(m *ir.Module) (CladLayout, error) {
	c, err := newChain(m)
	if err != nil {
		return CladLayout{}, err
	}
	return c.layout, nil
}
