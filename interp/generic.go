package interp

import (
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// access of one operand of a nest.
type operand struct {
	slot, arg int // of the memory, of the body's argument
	m         *ir.AffineMap
	read      bool
}

// generic compiles a nest on tensors or memory.
func (c *compiler) generic(op *ir.Op) (instr, error) {
	inputs, inits := linalg.Inputs(op), linalg.Inits(op)
	maps, iters := linalg.Maps(op), linalg.Iterators(op)
	reduces := false
	for _, it := range iters {
		reduces = reduces || it == linalg.Reduction
	}
	operands := make([]operand, op.NumOperands())
	for i, a := range op.Body().Args() {
		operands[i] = operand{slot: c.use(op.Operand(i)), m: maps[i], read: !a.Unused() || reduces && i >= len(inputs)}
		operands[i].arg = c.define(a)
	}
	outer := c.round
	c.round = !reduces
	indices := map[int]int{} // slots of linalg.index by loop
	var body []instr
	for inner := op.Body().First(); inner != nil; inner = inner.Next() {
		switch inner.Name {
		case linalg.OpYield:
		case linalg.OpIndex:
			d, out := int(inner.Int("dim", 0)), c.define(inner.Result(0))
			if first, ok := indices[d]; ok {
				body = append(body, func(fr []value) error { fr[out] = fr[first]; return nil })
			} else {
				indices[d] = out
			}
		default:
			in, err := c.op(inner)
			if err != nil {
				return nil, err
			}
			if in != nil {
				body = append(body, in)
			}
		}
	}
	yields := c.uses(op.Body().Last().Operands())
	c.round = outer
	out := c.defines(op.Results())
	extents := linalg.Extents(op)

	return func(fr []value) error {
		// Results start as copies of the destinations; a reduction gathers apart from
		// them, in full precision.
		results := make([]*memory, len(inits))
		gathered := make([][]ir.Scalar, len(inits))
		for i := range inits {
			m := fr[operands[len(inputs)+i].slot].mem
			if len(out) > 0 {
				m = m.copyOf()
				fr[out[i]].mem = m
			}
			results[i] = m
			if reduces {
				gathered[i] = make([]ir.Scalar, int64(len(m.data))/m.size)
				for k := range gathered[i] {
					gathered[i][k] = m.get(m.data[int64(k)*m.size:])
				}
			}
		}
		total := int64(1)
		for _, n := range extents {
			total *= n
		}
		counters := make([]int64, len(extents))
		position := func(m *memory, am *ir.AffineMap) int64 {
			pos := m.offset
			for k, e := range am.Results {
				if d, ok := e.(ir.AffineDim); ok {
					pos += counters[d] * m.strides[k]
				} else {
					pos += e.Eval(counters, nil) * m.strides[k]
				}
			}
			return pos
		}
		for step := int64(0); step < total; step++ {
			for i := range operands {
				o := &operands[i]
				if !o.read {
					continue
				}
				if k := i - len(inputs); k >= 0 {
					if reduces {
						fr[o.arg].num = gathered[k][position(results[k], o.m)]
					} else {
						m := results[k]
						fr[o.arg].num = m.get(m.data[position(m, o.m)*m.size:])
					}
					continue
				}
				m := fr[o.slot].mem
				if m == nil { // a scalar operand
					fr[o.arg].num = fr[o.slot].num
					continue
				}
				fr[o.arg].num = m.get(m.data[position(m, o.m)*m.size:])
			}
			for d, s := range indices {
				fr[s].num.I = counters[d]
			}
			if err := run(body, fr); err != nil {
				return err
			}
			for k, s := range yields {
				m := results[k]
				at := position(m, operands[len(inputs)+k].m)
				if reduces {
					gathered[k][at] = fr[s].num
				} else {
					m.set(m.data[at*m.size:], fr[s].num)
				}
			}
			for d := len(counters) - 1; d >= 0; d-- {
				counters[d]++
				if counters[d] < extents[d] {
					break
				}
				counters[d] = 0
			}
		}
		for k, g := range gathered {
			m := results[k]
			for i, v := range g {
				m.set(m.data[int64(i)*m.size:], v)
			}
		}
		return nil
	}, nil
}
