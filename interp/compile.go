package interp

import (
	"fmt"

	"github.com/cladopt/cladopt/diag"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// value is a number or memory; its type says which.
type value struct {
	num ir.Scalar
	mem []byte
}

// slot is the place of a value in a frame.
type slot struct {
	memory bool
	n      int
}

// frame holds the values of one run of a function.
type frame struct {
	nums []ir.Scalar
	mems [][]byte
}

func (fr *frame) get(s slot) value {
	if s.memory {
		return value{mem: fr.mems[s.n]}
	}
	return value{num: fr.nums[s.n]}
}

func (fr *frame) set(s slot, v value) {
	if s.memory {
		fr.mems[s.n] = v.mem
	} else {
		fr.nums[s.n] = v.num
	}
}

func (fr *frame) copy(to, from slot) {
	if to.memory {
		fr.mems[to.n] = fr.mems[from.n]
	} else {
		fr.nums[to.n] = fr.nums[from.n]
	}
}

// instr is one compiled op.
type instr func(fr *frame) error

func run(body []instr, fr *frame) error {
	for _, in := range body {
		if err := in(fr); err != nil {
			return err
		}
	}
	return nil
}

// function is a compiled function.
type function struct {
	op      *ir.Op
	err     error     // why it cannot be run
	layouts []*layout // of the arguments
	args    []slot
	body    []instr
	returns []slot
	// What a frame starts with: constants are there from the beginning.
	nums []ir.Scalar
	mems [][]byte
}

// function compiles the function of that name, once.
func (x *Machine) function(name string) (*function, error) {
	f := x.compiled[name]
	if f == nil {
		f = &function{op: x.m.Symbol(name)}
		f.err = f.compile(x, name)
		x.compiled[name] = f
	}
	return f, f.err
}

func (f *function) compile(x *Machine, name string) (err error) {
	// Lowering ops builds others, and a definition may refuse what another makes.
	defer func() {
		if r := recover(); r != nil {
			internal, ok := r.(*ir.InternalError)
			if !ok {
				panic(r)
			}
			err = f.op.Errorf("cannot be lowered for the interpreter: %v", internal)
		}
	}()
	if f.op == nil || f.op.Name != funcs.OpFunc || f.op.Body() == nil {
		return fmt.Errorf("the module has no function @%s with a body", name)
	}
	if n := len(f.op.Region(0).Blocks()); n != 1 {
		return f.op.Errorf("has %d blocks; control flow here is that of scf", n)
	}
	c := &compiler{x: x, slots: map[*ir.Value]slot{}}
	var errs diag.List
	for i, a := range f.op.Body().Args() {
		l, err := c.layout(a.Type())
		if err != nil {
			errs.Add(f.op.Errorf("argument %d: %v", i, err))
		}
		f.layouts = append(f.layouts, l)
		f.args = append(f.args, c.define(a))
	}
	f.body, err = c.block(f.op.Body())
	errs.AddErr(err)
	f.returns, err = c.terminator(f.op, f.op.Body(), funcs.OpReturn, funcs.Type(f.op).Results())
	errs.AddErr(err)
	f.nums, f.mems = make([]ir.Scalar, c.nums), make([][]byte, c.mems)
	for _, k := range c.constants {
		(&frame{f.nums, f.mems}).set(k.slot, k.value)
	}
	return errs.Err()
}

// compiler numbers the values of one function.
type compiler struct {
	x          *Machine
	slots      map[*ir.Value]slot
	nums, mems int
	constants  []constant
	wide       bool   // f32 is computed in float64: see the package's comment
	counters   []int  // slots of the loop counters of the nest around, for linalg.index
	gathered   []slot // of the reductions, still to come, of the parallel loop around
	depth      int    // of lowerings
}

type constant struct {
	slot  slot
	value value
}

// define gives v a slot.
func (c *compiler) define(v *ir.Value) slot {
	s := slot{memory: isMemory(v.Type())}
	if s.memory {
		s.n = c.mems
		c.mems++
	} else {
		s.n = c.number()
	}
	c.slots[v] = s
	return s
}

// layout is layoutOf, read once a type: types are few and equal ones are identical.
func (c *compiler) layout(t ir.Type) (*layout, error) {
	if l := c.x.layouts[t]; l != nil {
		return l, nil
	}
	l, err := layoutOf(t)
	if err == nil {
		c.x.layouts[t] = l
	}
	return l, err
}

// number is a fresh slot for a number.
func (c *compiler) number() int {
	c.nums++
	return c.nums - 1
}

// use is the slot of v, which is defined before.
func (c *compiler) use(v *ir.Value) slot {
	if s, ok := c.slots[v]; ok {
		return s
	}
	return c.define(v) // its op could not be compiled, and that is an error already
}

func (c *compiler) uses(vs []*ir.Value) []slot {
	out := make([]slot, len(vs))
	for i, v := range vs {
		out[i] = c.use(v)
	}
	return out
}

func (c *compiler) defines(vs []*ir.Value) []slot {
	out := make([]slot, len(vs))
	for i, v := range vs {
		out[i] = c.define(v)
	}
	return out
}

// block compiles the ops of a block but its terminator, which the op around reads.
// The error lists all ops that cannot be run.
func (c *compiler) block(b *ir.Block) ([]instr, error) {
	var out []instr
	var errs diag.List
	for op := b.First(); op != nil; op = op.Next() {
		if op.Has(ir.Terminator) {
			continue
		}
		in, err := c.op(op)
		if err != nil {
			errs.AddErr(err)
			continue
		}
		if in != nil {
			out = append(out, in)
		}
	}
	return out, errs.Err()
}

// terminator is the values that b, a block of op, hands over by its last op.
func (c *compiler) terminator(op *ir.Op, b *ir.Block, name ir.OpName, want []ir.Type) ([]slot, error) {
	last := b.Last()
	if last == nil || last.Name != name {
		return nil, op.Errorf("has a block that does not end in %s", name)
	}
	if got := ir.Func(nil, ir.TypesOf(last.Operands())); got != ir.Func(nil, want) {
		return nil, last.Errorf("hands over %s, expected %s", got, ir.Func(nil, want))
	}
	return c.uses(last.Operands()), nil
}

// maxNotes bounds the notes on an error: a recursion would add one a call.
const maxNotes = 8

// within notes on a located error in what it happened.
func within(err error, op *ir.Op, format string, args ...any) error {
	for _, e := range diag.All(err) {
		if len(e.Notes) < maxNotes {
			e.Notes = append(e.Notes, diag.Note{Pos: op.Loc.Pos, Message: fmt.Sprintf(format, args...)})
		}
	}
	return err
}
