package interp

import (
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// allocate compiles an op that makes memory. It is made anew at each run of the op,
// since a loop may keep what an earlier iteration made.
func (c *compiler) allocate(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	l, _ := c.layout(op.Result(0).Type())
	out := c.define(op.Result(0)).n
	return func(fr *frame) error { fr.mems[out] = make([]byte, l.bytes); return nil }, nil
}

// place finds an element of memory.
type place struct {
	op      *ir.Op
	mem     int
	l       *layout
	indices []int
}

func (c *compiler) place(op *ir.Op, m *ir.Value, indices []*ir.Value) (*place, error) {
	l, err := c.layout(m.Type())
	if err != nil {
		return nil, op.Errorf("%v", err)
	}
	p := &place{op: op, mem: c.use(m).n, l: l}
	for _, v := range indices {
		p.indices = append(p.indices, c.use(v).n)
	}
	return p, nil
}

// find is the element's bytes. Every index is checked against its dimension; that
// memory holds all elements of its type was checked when it came to be.
func (p *place) find(fr *frame) ([]byte, error) {
	pos := p.l.offset
	for d, s := range p.indices {
		i := fr.nums[s].I
		if uint64(i) >= uint64(p.l.shape[d]) {
			return nil, p.op.Errorf("index %d is out of bounds in dimension %d, which has size %d", i, d, p.l.shape[d])
		}
		pos += i * p.l.strides[d]
	}
	return fr.mems[p.mem][pos*p.l.size:], nil
}

func (c *compiler) load(op *ir.Op) (instr, error) {
	p, err := c.place(op, op.Operand(0), op.Operands()[1:])
	if err != nil {
		return nil, err
	}
	get, out := p.l.get, c.define(op.Result(0)).n
	return func(fr *frame) error {
		data, err := p.find(fr)
		if err != nil {
			return err
		}
		fr.nums[out] = get(data)
		return nil
	}, nil
}

func (c *compiler) store(op *ir.Op) (instr, error) {
	p, err := c.place(op, op.Operand(1), op.Operands()[2:])
	if err != nil {
		return nil, err
	}
	set, v := p.l.set, c.use(op.Operand(0)).n
	return func(fr *frame) error {
		data, err := p.find(fr)
		if err != nil {
			return err
		}
		set(data, fr.nums[v])
		return nil
	}, nil
}

// view compiles memref.view.
func (c *compiler) view(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	from, _ := c.layout(op.Operand(0).Type())
	if from.elem != ir.Type(ir.I8) || len(from.shape) != 1 || from.offset != 0 || from.bytes != from.count {
		return nil, op.Errorf("has source %s, expected contiguous bytes, memref<?xi8>", op.Operand(0).Type())
	}
	l, _ := c.layout(op.Result(0).Type())
	in, shift, out := c.use(op.Operand(0)).n, c.use(op.Operand(1)).n, c.define(op.Result(0)).n
	return func(fr *frame) error {
		data, by := fr.mems[in], fr.nums[shift].I
		if by < 0 || by > int64(len(data))-l.bytes {
			return op.Errorf("the view takes %d bytes from byte %d, the memory has %d", l.bytes, by, len(data))
		}
		fr.mems[out] = data[by : by+l.bytes : by+l.bytes]
		return nil
	}, nil
}

// reinterpret compiles an op that sees the same memory by another type. In a type
// the offset counts from the start of the memory, not from the source's own offset.
func (c *compiler) reinterpret(op *ir.Op) (instr, error) {
	if op.NumOperands() != 1 {
		return nil, op.Errorf("takes numbers that are known only at run time; they cannot be interpreted")
	}
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	l, _ := c.layout(op.Result(0).Type())
	in, out := c.use(op.Operand(0)).n, c.define(op.Result(0)).n
	return func(fr *frame) error {
		data := fr.mems[in]
		if l.bytes > int64(len(data)) {
			return op.Errorf("sees %d bytes, the memory has %d", l.bytes, len(data))
		}
		fr.mems[out] = data // all of it: a part may be seen again as the whole
		return nil
	}, nil
}

// renamed compiles an op that gives the elements of a tensor another shape.
func (c *compiler) renamed(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	from, _ := c.layout(op.Operand(0).Type())
	to, _ := c.layout(op.Result(0).Type())
	if from.elem != to.elem || from.count != to.count {
		return nil, op.Errorf("makes %s of %s", op.Result(0).Type(), op.Operand(0).Type())
	}
	in, out := c.use(op.Operand(0)), c.define(op.Result(0))
	return func(fr *frame) error { fr.copy(out, in); return nil }, nil
}

// dim compiles memref.dim and tensor.dim.
func (c *compiler) dim(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	shape := ir.ShapeOf(op.Operand(0).Type())
	in, out := c.use(op.Operand(1)).n, c.define(op.Result(0)).n
	return func(fr *frame) error {
		d := fr.nums[in].I
		if d < 0 || d >= int64(len(shape)) {
			return op.Errorf("dimension %d is out of range: %s has %d", d, op.Operand(0).Type(), len(shape))
		}
		fr.nums[out].I = shape[d]
		return nil
	}, nil
}

// walk visits every place of a shape, the last dimension fastest.
func walk(shape []int64, visit func(at []int64)) {
	for _, n := range shape {
		if n == 0 {
			return
		}
	}
	at := make([]int64, len(shape))
	for d := 0; d >= 0; {
		visit(at)
		for d = len(at) - 1; d >= 0; d-- {
			if at[d]++; at[d] < shape[d] {
				break
			}
			at[d] = 0
		}
	}
}

// from is the bytes of data from the element at a place on.
func (l *layout) from(data []byte, at []int64) []byte {
	pos := l.offset
	for d, i := range at {
		pos += i * l.strides[d]
	}
	return data[pos*l.size:]
}

// copy compiles memref.copy.
func (c *compiler) copy(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	from, _ := c.layout(op.Operand(0).Type())
	to, _ := c.layout(op.Operand(1).Type())
	if from.elem != to.elem || !slices.Equal(from.shape, to.shape) {
		return nil, op.Errorf("copies %s to %s", op.Operand(0).Type(), op.Operand(1).Type())
	}
	in, out := c.use(op.Operand(0)).n, c.use(op.Operand(1)).n
	return func(fr *frame) error {
		walk(from.shape, func(at []int64) { to.set(to.from(fr.mems[out], at), from.get(from.from(fr.mems[in], at))) })
		return nil
	}, nil
}
