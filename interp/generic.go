package interp

import (
	"math"

	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// operand is one operand of a nest: where it is, and where in it an iteration is.
type operand struct {
	slot slot
	l    *layout
	arg  int  // slot of the body's argument
	read bool // by the body
	// The element at iteration (i0, i1, ..) is base + i0*step[0] + i1*step[1] + ..
	base int64
	step []int64
	// exprs, if not nil, are the indices where they are no such sum: with floordiv or
	// mod. They are computed and checked at each iteration.
	exprs []ir.AffineExpr
}

// generic compiles linalg.generic, on tensors or on memory.
func (c *compiler) generic(op *ir.Op) (instr, error) {
	inputs, inits := linalg.Inputs(op), linalg.Inits(op)
	iters, onTensors := linalg.Iterators(op), op.NumResults() > 0
	if onTensors && op.NumResults() != len(inits) {
		return nil, op.Errorf("has %d results for %d outputs; outputs are all tensors or all memory", op.NumResults(), len(inits))
	}
	reduces := false
	for _, it := range iters {
		reduces = reduces || it == linalg.Reduction
	}
	operands, extents, err := c.operands(op, len(iters))
	if err != nil {
		return nil, err
	}
	outer, counters := c.wide, c.counters
	c.wide, c.counters = reduces && onTensors, make([]int, len(iters))
	for d := range c.counters {
		c.counters[d] = c.number()
	}
	n := &nest{x: c.x, op: op, extents: extents, operands: operands, inputs: len(inputs), counters: c.counters}
	n.body, err = c.block(op.Body())
	if err == nil {
		for _, s := range c.uses(op.Body().Last().Operands()) {
			n.yields = append(n.yields, s.n)
		}
	}
	wide := c.wide
	c.wide, c.counters = outer, counters
	if err != nil {
		return nil, err
	}
	for _, o := range operands[len(inputs):] {
		n.wide = append(n.wide, wide && o.l.elem == ir.Type(ir.F32))
	}
	for _, s := range c.defines(op.Results()) {
		n.results = append(n.results, s.n)
	}
	return n.run, nil
}

// operands reads the maps of a nest.
func (c *compiler) operands(op *ir.Op, loops int) ([]operand, []int64, error) {
	maps, operands := linalg.Maps(op), make([]operand, op.NumOperands())
	extents := make([]int64, loops)
	for i := range operands {
		l, err := c.layout(op.Operand(i).Type())
		if err != nil {
			return nil, nil, op.Errorf("operand %d: %v", i, err)
		}
		for k, e := range maps[i].Results {
			if d, ok := e.(ir.AffineDim); ok {
				extents[d] = l.shape[k]
			}
		}
		a := op.Body().Arg(i)
		operands[i] = operand{slot: c.use(op.Operand(i)), l: l, read: !a.Unused(), arg: c.define(a).n}
		if i >= len(linalg.Inputs(op)) && !operands[i].slot.memory {
			return nil, nil, op.Errorf("has an output of type %s, expected a tensor or memory", op.Operand(i).Type())
		}
	}
	for i := range operands {
		operands[i].follow(maps[i], extents)
	}
	return operands, extents, nil
}

// follow says how the operand is passed through in a nest of the given extents.
func (o *operand) follow(m *ir.AffineMap, extents []int64) {
	o.base, o.step = o.l.offset, make([]int64, len(extents))
	for k, e := range m.Results {
		coeffs := make([]int64, len(extents))
		start, ok := linear(e, 1, coeffs)
		low, high := start, start
		for d, n := range extents {
			// Sums that could leave the range of int64 are left to the check at each iteration.
			ok = ok && math.Abs(float64(coeffs[d]))*float64(n) < 1<<50
			if ok && n > 0 {
				low += min(0, coeffs[d]*(n-1))
				high += max(0, coeffs[d]*(n-1))
			}
		}
		if !ok || low < 0 || high >= o.l.shape[k] {
			o.base, o.step, o.exprs = 0, make([]int64, len(extents)), m.Results
			return
		}
		o.base += start * o.l.strides[k]
		for d := range coeffs {
			o.step[d] += coeffs[d] * o.l.strides[k]
		}
	}
}

// linear adds the coefficients of scale*e to coeffs and returns its constant part;
// false if e is not a sum of multiples of dimensions, or has large numbers.
func linear(e ir.AffineExpr, scale int64, coeffs []int64) (start int64, ok bool) {
	const large = 1 << 30
	switch e := e.(type) {
	case ir.AffineDim:
		coeffs[e] += scale
		return 0, true
	case ir.AffineConst:
		return int64(e) * scale, e < large && e > -large
	case *ir.AffineBinary:
		switch e.Op {
		case ir.AffineAdd:
			l, ok1 := linear(e.Lhs, scale, coeffs)
			r, ok2 := linear(e.Rhs, scale, coeffs)
			return l + r, ok1 && ok2
		case ir.AffineMul:
			lhs, by := e.Lhs, e.Rhs
			if _, ok := lhs.(ir.AffineConst); ok {
				lhs, by = by, lhs
			}
			n, ok := by.(ir.AffineConst)
			if !ok || scale != 1 || n >= large || n <= -large {
				return 0, false
			}
			return linear(lhs, int64(n), coeffs)
		}
	}
	return 0, false
}

// nest is a compiled linalg.generic.
type nest struct {
	x        *Machine
	op       *ir.Op
	extents  []int64
	counters []int // slots
	operands []operand
	inputs   int
	body     []instr
	yields   []int  // slots
	results  []int  // slots; none on memory
	wide     []bool // outputs that are gathered in full precision
}

func (n *nest) run(fr *frame) error {
	data := make([][]byte, len(n.operands))
	for i, o := range n.operands {
		if o.slot.memory {
			data[i] = fr.mems[o.slot.n]
		}
	}
	// Tensors are values: a result starts as a copy of its destination.
	gathered := make([][]ir.Scalar, len(n.wide))
	for k, s := range n.results {
		o := &n.operands[n.inputs+k]
		to := append([]byte(nil), data[n.inputs+k]...)
		data[n.inputs+k], fr.mems[s] = to, to
		if n.wide[k] {
			gathered[k] = make([]ir.Scalar, o.l.count)
			for e := range gathered[k] {
				gathered[k][e] = o.l.get(to[int64(e)*o.l.size:])
			}
		}
	}
	if err := n.iterate(fr, data, gathered); err != nil {
		return err
	}
	for k, g := range gathered {
		o := &n.operands[n.inputs+k]
		for e, v := range g {
			o.l.set(data[n.inputs+k][int64(e)*o.l.size:], v)
		}
	}
	return nil
}

// iterate runs the body for every iteration, the last loop fastest.
func (n *nest) iterate(fr *frame, data [][]byte, gathered [][]ir.Scalar) error {
	at := make([]int64, len(n.extents))
	pos := make([]int64, len(n.operands)) // elements
	for i := range n.operands {
		pos[i] = n.operands[i].base
	}
	for d, extent := range n.extents {
		if extent == 0 {
			return nil
		}
		fr.nums[n.counters[d]].I = 0
	}
	for {
		if err := n.x.step(n.op); err != nil {
			return err
		}
		for i := range n.operands {
			o := &n.operands[i]
			if o.exprs != nil {
				p, err := n.place(i, at)
				if err != nil {
					return err
				}
				pos[i] = p
			}
			switch {
			case !o.read:
			case !o.slot.memory:
				fr.nums[o.arg] = fr.nums[o.slot.n]
			case i >= n.inputs && gathered[i-n.inputs] != nil:
				fr.nums[o.arg] = gathered[i-n.inputs][pos[i]]
			default:
				fr.nums[o.arg] = o.l.get(data[i][pos[i]*o.l.size:])
			}
		}
		if err := run(n.body, fr); err != nil {
			return err
		}
		for k, s := range n.yields {
			i := n.inputs + k
			if gathered[k] != nil {
				gathered[k][pos[i]] = fr.nums[s]
			} else {
				n.operands[i].l.set(data[i][pos[i]*n.operands[i].l.size:], fr.nums[s])
			}
		}
		d := len(at) - 1
		for ; d >= 0; d-- {
			at[d]++
			back := int64(0)
			if at[d] == n.extents[d] {
				back, at[d] = n.extents[d], 0
			}
			fr.nums[n.counters[d]].I = at[d]
			for i := range pos {
				pos[i] += (1 - back) * n.operands[i].step[d]
			}
			if back == 0 {
				break
			}
		}
		if d < 0 {
			return nil
		}
	}
}

// place is the position of operand i where it is no sum of multiples of counters.
func (n *nest) place(i int, at []int64) (int64, error) {
	o := &n.operands[i]
	pos := o.l.offset
	for k, e := range o.exprs {
		index := e.Eval(at, nil)
		if index < 0 || index >= o.l.shape[k] {
			return 0, n.op.Errorf("operand %d is accessed at %d in dimension %d, which has size %d", i, index, k, o.l.shape[k])
		}
		pos += index * o.l.strides[k]
	}
	return pos, nil
}

// index compiles linalg.index.
func (c *compiler) index(op *ir.Op) (instr, error) {
	d := op.Int("dim", -1)
	if d < 0 || d >= int64(len(c.counters)) {
		return nil, op.Errorf("dimension %d is not a loop of a nest around it", d)
	}
	from, out := c.counters[d], c.define(op.Result(0)).n
	return func(fr *frame) error { fr.nums[out] = fr.nums[from]; return nil }, nil
}

// fill compiles linalg.fill.
func (c *compiler) fill(op *ir.Op) (instr, error) {
	init := op.Operand(1)
	l, err := c.layout(init.Type())
	if err != nil {
		return nil, op.Errorf("%v", err)
	}
	_, onTensor := init.Type().(*ir.TensorType)
	if !isMemory(init.Type()) || onTensor != (op.NumResults() == 1) || onTensor && op.Result(0).Type() != init.Type() {
		return nil, op.Errorf("fills %s and has %d results; a tensor gives one of its type, memory none", init.Type(), op.NumResults())
	}
	v, to := c.use(op.Operand(0)).n, c.use(init).n
	if onTensor { // a value of its own: the operand stays as it is
		out := c.define(op.Result(0)).n
		return func(fr *frame) error {
			data := make([]byte, l.bytes)
			for at := int64(0); at < l.bytes; at += l.size {
				l.set(data[at:], fr.nums[v])
			}
			fr.mems[out] = data
			return nil
		}, nil
	}
	return func(fr *frame) error {
		walk(l.shape, func(at []int64) { l.set(l.from(fr.mems[to], at), fr.nums[v]) })
		return nil
	}, nil
}
