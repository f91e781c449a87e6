package interp

import (
	"context"
	"fmt"
	"slices"

	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/tensor"
)

// Machine runs the functions of one module, which must verify and must not change
// while the machine is in use. It is for one goroutine at a time.
type Machine struct {
	// MaxSteps bounds the iterations and calls of one run; 0 means no bound.
	MaxSteps int64
	// Context ends a run soon after it is done; nil means never.
	Context context.Context

	m        *ir.Module
	compiled map[string]*function
	layouts  map[ir.Type]*layout
	depth    int   // of calls
	taken    int64 // steps, up to the last pause
	left     int64 // steps, to the next pause
}

// New makes a machine for m.
func New(m *ir.Module) *Machine {
	return &Machine{m: m, compiled: map[string]*function{}, layouts: map[ir.Type]*layout{}}
}

// Call runs a function on tensors, which are contiguous: strides in argument types
// say how others lay them out, and change no value. A number among the arguments or
// results is a tensor of no dimensions, an index one of i64.
func (x *Machine) Call(name string, args []*tensor.Tensor) ([]*tensor.Tensor, error) {
	f, err := x.begin(name, len(args))
	if err != nil {
		return nil, err
	}
	in := make([]value, len(args))
	for i, a := range args {
		if in[i], err = f.argument(i, a); err != nil {
			return nil, err
		}
	}
	if err := f.checkTensors(); err != nil {
		return nil, err
	}
	out, err := x.call(f, in)
	if err != nil {
		return nil, err
	}
	results := make([]*tensor.Tensor, len(out))
	for i, v := range out {
		if results[i], err = result(v, funcs.Type(f.op).Results()[i]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// Memory is an argument of a function on memory: the bytes, laid out as the memref
// type of the argument says; for a number, the bytes of one element.
type Memory []byte

// CallLoops runs a function on memory; results are written in place.
func (x *Machine) CallLoops(name string, args []Memory) error {
	f, err := x.begin(name, len(args))
	if err != nil {
		return err
	}
	t := funcs.Type(f.op)
	if n := len(t.Results()); n > 0 {
		return fmt.Errorf("@%s returns %d values; a function on memory writes them to its arguments", name, n)
	}
	in := make([]value, len(args))
	for i, a := range args {
		if _, ok := t.Inputs()[i].(*ir.TensorType); ok {
			return fmt.Errorf("@%s: argument %d has type %s, expected a memref", name, i, t.Inputs()[i])
		}
		l := f.layouts[i]
		if int64(len(a)) < l.bytes {
			return fmt.Errorf("@%s: argument %d, %s, wants %d bytes, got %d", name, i, t.Inputs()[i], l.bytes, len(a))
		}
		if isMemory(t.Inputs()[i]) {
			in[i].mem = a[:l.bytes:l.bytes]
		} else {
			in[i].num = l.get(a)
		}
	}
	_, err = x.call(f, in)
	return err
}

// begin finds a function and starts to count steps.
func (x *Machine) begin(name string, args int) (*function, error) {
	f, err := x.function(name)
	if err != nil {
		return nil, err
	}
	if n := len(funcs.Type(f.op).Inputs()); n != args {
		return nil, fmt.Errorf("@%s takes %d arguments, got %d", name, n, args)
	}
	x.depth, x.taken, x.left = 0, 0, 0
	return f, nil
}

// argument is tensor a as argument i.
func (f *function) argument(i int, a *tensor.Tensor) (value, error) {
	fail := func(format string, args ...any) (value, error) {
		return value{}, fmt.Errorf("@%s: argument %d %s", f.op.Str(ir.SymbolName), i, fmt.Sprintf(format, args...))
	}
	t, l := funcs.Type(f.op).Inputs()[i], f.layouts[i]
	if _, ok := t.(*ir.MemRefType); ok {
		return fail("has type %s, expected a tensor; CallLoops runs functions on memory", t)
	}
	d, err := dtypeOf(l.elem)
	switch {
	case err != nil:
		return fail("has type %s: %v", t, err)
	case a == nil:
		return fail("is missing")
	case a.DType != d || !slices.Equal(a.Shape, l.shape):
		return fail("is %s%v, expected %s%v", a.DType, a.Shape, d, l.shape)
	case int64(len(a.Data)) != l.bytes:
		return fail("has %d bytes, expected %d", len(a.Data), l.bytes)
	}
	if isMemory(t) {
		return value{mem: a.Data}, nil
	}
	return value{num: l.get(a.Data)}, nil
}

// checkTensors is an error if the function returns memory.
func (f *function) checkTensors() error {
	for i, t := range funcs.Type(f.op).Results() {
		if _, ok := t.(*ir.MemRefType); ok {
			return fmt.Errorf("@%s: result %d has type %s, expected a tensor", f.op.Str(ir.SymbolName), i, t)
		}
	}
	return nil
}

// result is a value of type t as a tensor of its own.
func result(v value, t ir.Type) (*tensor.Tensor, error) {
	l, err := layoutOf(t)
	if err != nil {
		return nil, err
	}
	d, err := dtypeOf(l.elem)
	if err != nil {
		return nil, err
	}
	made, err := tensor.New(d, l.shape)
	if err != nil {
		return nil, err
	}
	if isMemory(t) {
		copy(made.Data, v.mem)
	} else {
		l.set(made.Data, v.num)
	}
	return &made, nil
}

// dtypeOf is the host's element type for elem; both have the same names.
func dtypeOf(elem ir.Type) (tensor.DType, error) {
	if elem == ir.Type(ir.Index) {
		return tensor.I64, nil
	}
	return tensor.ParseDType(elem.String())
}

// maxDepth bounds nested calls.
const maxDepth = 1000

// call runs f. The caller has checked the arguments.
func (x *Machine) call(f *function, args []value) ([]value, error) {
	if x.depth >= maxDepth {
		return nil, f.op.Errorf("calls are nested more than %d deep", maxDepth)
	}
	x.depth++
	defer func() { x.depth-- }()
	fr := &frame{nums: slices.Clone(f.nums), mems: slices.Clone(f.mems)}
	for i, s := range f.args {
		fr.set(s, args[i])
	}
	if err := run(f.body, fr); err != nil {
		return nil, err
	}
	out := make([]value, len(f.returns))
	for i, s := range f.returns {
		out[i] = fr.get(s)
	}
	return out, nil
}

// betweenPauses is how many steps pass before the bounds of a run are looked at.
const betweenPauses = 1 << 16

// step counts an iteration or call of op.
func (x *Machine) step(op *ir.Op) error {
	if x.left > 0 {
		x.left--
		return nil
	}
	return x.pause(op)
}

// pause looks whether the run may go on, and takes one step.
func (x *Machine) pause(op *ir.Op) error {
	if x.Context != nil {
		if err := x.Context.Err(); err != nil {
			return fmt.Errorf("%s: the run was ended: %w", op.Loc.Pos, err)
		}
	}
	n := int64(betweenPauses)
	if x.MaxSteps > 0 {
		n = min(n, x.MaxSteps-x.taken)
		if n <= 0 {
			return op.Errorf("the run takes more than %d steps", x.MaxSteps)
		}
	}
	x.taken += n
	x.left = n - 1
	return nil
}
