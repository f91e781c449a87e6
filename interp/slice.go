package interp

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// insert compiles tensor.insert.
func (c *compiler) insert(op *ir.Op) (instr, error) {
	p, err := c.place(op, op.Operand(1), op.Operands()[2:])
	if err != nil {
		return nil, err
	}
	v, dest, out := c.use(op.Operand(0)).n, p.mem, c.define(op.Result(0)).n
	p.mem = out
	return func(fr *frame) error {
		fr.mems[out] = slices.Clone(fr.mems[dest])
		data, err := p.find(fr)
		if err != nil {
			return err
		}
		p.l.set(data, fr.nums[v])
		return nil
	}, nil
}

// window is a rectangular part of a tensor; numbers that are not known when the
// function is compiled have a slot.
type window struct {
	op                      *ir.Op
	whole, part             *layout
	offsets, sizes, strides []windowEntry
}

type windowEntry struct {
	n    int64
	slot int // -1 if n is known
}

// window reads the window of op, whose operands after the leading ones are those of
// its numbers that are not known.
func (c *compiler) window(op *ir.Op, leading int, whole, part *ir.Value) (*window, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	w := &window{op: op}
	w.whole, _ = c.layout(whole.Type())
	w.part, _ = c.layout(part.Type())
	operands := op.Operands()[leading:]
	entries := func(numbers []int64) []windowEntry {
		out := make([]windowEntry, len(numbers))
		for i, n := range numbers {
			out[i] = windowEntry{n, -1}
			if n == ir.Dynamic && len(operands) > 0 {
				out[i].slot = c.use(operands[0]).n
				operands = operands[1:]
			}
		}
		return out
	}
	of := tensor.WindowOf(op)
	w.offsets, w.sizes, w.strides = entries(of.Offsets), entries(of.Sizes), entries(of.Strides)
	rank := len(w.whole.shape)
	if len(w.offsets) != rank || len(w.sizes) != rank || len(w.strides) != rank || w.whole.elem != w.part.elem {
		return nil, op.Errorf("has a window that does not fit %s", whole.Type())
	}
	return w, nil
}

func (e windowEntry) value(fr *frame) int64 {
	if e.slot < 0 {
		return e.n
	}
	return fr.nums[e.slot].I
}

// each visits the elements of the part: k counts them, pos is where they are in the
// whole. The part may leave out dimensions of size 1, which changes no k.
func (w *window) each(fr *frame, visit func(k, pos int64)) error {
	rank := len(w.whole.shape)
	first, size, step := make([]int64, rank), make([]int64, rank), make([]int64, rank)
	for d, n := range w.whole.shape {
		first[d], size[d], step[d] = w.offsets[d].value(fr), w.sizes[d].value(fr), w.strides[d].value(fr)
		fits := size[d] >= 0
		if fits && size[d] > 0 {
			fits = first[d] >= 0 && first[d] < n && reaches(n, first[d], size[d]-1, step[d])
		}
		if !fits {
			return w.op.Errorf("takes %d elements from %d on, %d apart, in dimension %d, which has size %d", size[d], first[d], step[d], d, n)
		}
	}
	if count, ok := ir.NumElements(size); !ok || count != w.part.count {
		return w.op.Errorf("takes sizes %v, expected %d elements", size, w.part.count)
	}
	k := int64(0)
	walk(size, func(at []int64) {
		pos := int64(0)
		for d, i := range at {
			pos += (first[d] + i*step[d]) * w.whole.strides[d]
		}
		visit(k, pos)
		k++
	})
	return nil
}

// reaches reports whether so many steps from first on, which is below n, stay below
// n and at 0 or more.
func reaches(n, first, steps, step int64) bool {
	switch {
	case steps == 0 || step == 0:
		return true
	case step > 0:
		return steps <= (n-1-first)/step
	case step <= -n:
		return false
	}
	return steps <= first/-step
}

// extractSlice compiles tensor.extract_slice.
func (c *compiler) extractSlice(op *ir.Op) (instr, error) {
	w, err := c.window(op, 1, op.Operand(0), op.Result(0))
	if err != nil {
		return nil, err
	}
	in, out, n := c.use(op.Operand(0)).n, c.define(op.Result(0)).n, w.part.size
	return func(fr *frame) error {
		from, to := fr.mems[in], make([]byte, w.part.bytes)
		fr.mems[out] = to
		return w.each(fr, func(k, pos int64) { copy(to[k*n:(k+1)*n], from[pos*n:]) })
	}, nil
}

// insertSlice compiles tensor.insert_slice.
func (c *compiler) insertSlice(op *ir.Op) (instr, error) {
	w, err := c.window(op, 2, op.Operand(1), op.Operand(0))
	if err != nil {
		return nil, err
	}
	in, dest, out, n := c.use(op.Operand(0)).n, c.use(op.Operand(1)).n, c.define(op.Result(0)).n, w.part.size
	return func(fr *frame) error {
		from, to := fr.mems[in], slices.Clone(fr.mems[dest])
		fr.mems[out] = to
		return w.each(fr, func(k, pos int64) { copy(to[pos*n:(pos+1)*n], from[k*n:]) })
	}, nil
}
