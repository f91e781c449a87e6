// Package interp is the reference interpreter: it runs functions on tensors (the
// aten and kernel levels) and functions on memory (the loop level) and needs
// nothing but Go. It is the oracle that other engines are held against.
//
//	x := interp.New(module)
//	results, err := x.Call("graph", args)
//
// What a scalar op computes its definition says (Eval); an elementwise op is run
// from its Scalar body, a structured op from its Lower or Loops. Only control flow
// and memory are written here. Floats are rounded to their type after every op;
// reductions on tensors gather in float64 and round once at the end, so that the
// oracle is more accurate than what it judges.
//
// A function is compiled once to closures over numbered slots; no map is looked up
// per element.
package interp

import (
	"fmt"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/tensor"
)

// maxDepth bounds nested calls.
const maxDepth = 256

// Machine runs the functions of one module.
type Machine struct {
	m        *ir.Module
	compiled map[string]*function
	depth    int
}

// New makes a machine for m, which must verify.
func New(m *ir.Module) *Machine { return &Machine{m: m, compiled: map[string]*function{}} }

// Call runs a function on tensors. Arguments are contiguous: strides in argument
// types say how others lay them out, and change no value.
func (x *Machine) Call(name string, args []*tensor.Tensor) ([]*tensor.Tensor, error) {
	f, err := x.function(name)
	if err != nil {
		return nil, err
	}
	types := funcs.Type(f.op).Inputs()
	if len(types) != len(args) {
		return nil, fmt.Errorf("@%s takes %d arguments, got %d", name, len(types), len(args))
	}
	in := make([]value, len(args))
	for i, a := range args {
		t, ok := types[i].(*ir.TensorType)
		if !ok {
			return nil, fmt.Errorf("@%s: argument %d has type %s, expected a tensor", name, i, types[i])
		}
		in[i].mem = contiguous(t.Shape(), t.Elem(), a.Data)
	}
	out, err := x.call(f, in)
	if err != nil {
		return nil, err
	}
	results := make([]*tensor.Tensor, len(out))
	for i, v := range out {
		t := funcs.Type(f.op).Results()[i].(*ir.TensorType)
		d, err := dtypeOf(t.Elem())
		if err != nil {
			return nil, err
		}
		made, err := tensor.New(d, t.Shape())
		if err != nil {
			return nil, err
		}
		copy(made.Data, v.mem.data[v.mem.offset*v.mem.size:])
		results[i] = &made
	}
	return results, nil
}

// Memory is an argument of a function on memory: the bytes, laid out as the memref
// type of the argument says.
type Memory []byte

// CallLoops runs a function on memory; results are written in place.
func (x *Machine) CallLoops(name string, args []Memory) error {
	f, err := x.function(name)
	if err != nil {
		return err
	}
	types := funcs.Type(f.op).Inputs()
	if len(types) != len(args) {
		return fmt.Errorf("@%s takes %d arguments, got %d", name, len(types), len(args))
	}
	in := make([]value, len(args))
	for i, a := range args {
		t, ok := types[i].(*ir.MemRefType)
		if !ok {
			return fmt.Errorf("@%s: argument %d has type %s, expected a memref", name, i, types[i])
		}
		in[i].mem = view(t, a)
	}
	_, err = x.call(f, in)
	return err
}

func dtypeOf(t ir.Type) (tensor.DType, error) {
	for d, e := range map[tensor.DType]ir.Type{tensor.F32: ir.F32, tensor.F64: ir.F64, tensor.I64: ir.I64, tensor.I32: ir.I32,
		tensor.I16: ir.I16, tensor.I8: ir.I8, tensor.Bool: ir.I1} {
		if e == t {
			return d, nil
		}
	}
	return tensor.Invalid, fmt.Errorf("element type %s is not supported", t)
}

// value is what a slot holds: a number, or memory.
type value struct {
	num ir.Scalar
	mem *memory
}

// instr is one compiled op.
type instr func(fr []value) error

// function is a compiled function.
type function struct {
	op      *ir.Op
	args    []int // slots
	slots   int
	body    []instr
	returns []int
}

func (x *Machine) function(name string) (*function, error) {
	if f := x.compiled[name]; f != nil {
		return f, nil
	}
	op := x.m.Symbol(name)
	if op == nil || op.Name != funcs.OpFunc || op.Body() == nil {
		return nil, fmt.Errorf("the module has no function @%s with a body", name)
	}
	c := &compiler{x: x, slot: map[*ir.Value]int{}, round: true}
	f := &function{op: op}
	for _, a := range op.Body().Args() {
		f.args = append(f.args, c.define(a))
	}
	x.compiled[name] = f // before its body, which may call it
	body, err := c.block(op.Body())
	if err != nil {
		return nil, err
	}
	f.body = body
	if last := op.Body().Last(); last != nil {
		for _, v := range last.Operands() {
			f.returns = append(f.returns, c.use(v))
		}
	}
	f.slots = c.next
	return f, nil
}

func (x *Machine) call(f *function, args []value) ([]value, error) {
	if x.depth >= maxDepth {
		return nil, f.op.Errorf("calls are nested more than %d deep", maxDepth)
	}
	x.depth++
	defer func() { x.depth-- }()
	fr := make([]value, f.slots)
	for i, s := range f.args {
		fr[s] = args[i]
	}
	if err := run(f.body, fr); err != nil {
		return nil, err
	}
	out := make([]value, len(f.returns))
	for i, s := range f.returns {
		out[i] = fr[s]
	}
	return out, nil
}

func run(body []instr, fr []value) error {
	for _, in := range body {
		if err := in(fr); err != nil {
			return err
		}
	}
	return nil
}

// compiler numbers the values of one function.
type compiler struct {
	x     *Machine
	slot  map[*ir.Value]int
	next  int
	round bool // round floats to their type after each op
}

func (c *compiler) define(v *ir.Value) int {
	c.slot[v] = c.next
	c.next++
	return c.next - 1
}

func (c *compiler) use(v *ir.Value) int {
	if s, ok := c.slot[v]; ok {
		return s
	}
	return c.define(v) // a value from outside, which the caller of the block sets
}

func (c *compiler) block(b *ir.Block) ([]instr, error) {
	var out []instr
	var errs diag.List
	for op := b.First(); op != nil; op = op.Next() {
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

// scalar compiles an op on numbers.
func (c *compiler) scalar(op *ir.Op) instr {
	eval := op.Def().Eval
	out := c.define(op.Result(0))
	if op.Name == arith.OpConstant {
		if v, ok := arith.ConstantValue(op.Result(0)); ok {
			v = c.rounded(v, op.Result(0).Type())
			return func(fr []value) error { fr[out].num = v; return nil }
		}
	}
	in := make([]int, op.NumOperands())
	for i := range in {
		in[i] = c.use(op.Operand(i))
	}
	t := op.Result(0).Type()
	round := c.round && t == ir.Type(ir.F32)
	wrap := int64(0)
	if i, ok := t.(*ir.IntegerType); ok && i.Bits() < 64 {
		wrap = int64(i.Bits())
	}
	args := make([]ir.Scalar, len(in))
	return func(fr []value) error {
		for i, s := range in {
			args[i] = fr[s].num
		}
		v, err := eval(op, args)
		if err != nil {
			return op.Errorf("%v", err)
		}
		switch {
		case round:
			v.F = float64(float32(v.F))
		case wrap == 1:
			v.I &= 1
		case wrap > 0:
			v.I = v.I << (64 - wrap) >> (64 - wrap)
		}
		fr[out].num = v
		return nil
	}
}

func (c *compiler) rounded(v ir.Scalar, t ir.Type) ir.Scalar {
	if c.round && t == ir.Type(ir.F32) {
		v.F = float64(float32(v.F))
	}
	return v
}
