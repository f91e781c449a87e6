package interp

import (
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// while compiles scf.while.
func (c *compiler) while(op *ir.Op) (instr, error) {
	before, err := onlyBlock(op, 0)
	if err != nil {
		return nil, err
	}
	after, err := onlyBlock(op, 1)
	if err != nil {
		return nil, err
	}
	inits, first := c.uses(op.Operands()), c.defines(before.Args())
	test, err := c.block(before)
	if err != nil {
		return nil, err
	}
	types := append([]ir.Type{ir.I1}, ir.TypesOf(op.Results())...)
	passed, err := c.terminator(op, before, scf.OpCondition, types)
	if err != nil {
		return nil, err
	}
	cond, passed := passed[0].n, passed[1:]
	second := c.defines(after.Args())
	body, err := c.block(after)
	if err != nil {
		return nil, err
	}
	yields, err := c.terminator(op, after, scf.OpYield, ir.TypesOf(op.Operands()))
	if err != nil {
		return nil, err
	}
	out := c.defines(op.Results())
	x := c.x
	next := make([]value, max(len(yields), len(passed)))
	// All are read before any is written: a block may pass on its arguments in another order.
	move := func(fr *frame, to, from []slot) {
		for k, s := range from {
			next[k] = fr.get(s)
		}
		for k, s := range to {
			fr.set(s, next[k])
		}
	}
	return func(fr *frame) error {
		move(fr, first, inits)
		for {
			if err := x.step(op); err != nil {
				return err
			}
			if err := run(test, fr); err != nil {
				return err
			}
			if fr.nums[cond].I == 0 {
				move(fr, out, passed)
				return nil
			}
			move(fr, second, passed)
			if err := run(body, fr); err != nil {
				return err
			}
			move(fr, first, yields)
		}
	}, nil
}

// parallel compiles scf.parallel: its iterations run in order, as any order is right.
func (c *compiler) parallel(op *ir.Op) (instr, error) {
	block, err := onlyBlock(op, 0)
	if err != nil {
		return nil, err
	}
	loops := len(block.Args())
	if op.NumOperands() != 3*loops+op.NumResults() {
		return nil, op.Errorf("has %d operands for %d loops and %d results", op.NumOperands(), loops, op.NumResults())
	}
	operands := c.uses(op.Operands())
	lo, hi, by, inits := operands[:loops], operands[loops:2*loops], operands[2*loops:3*loops], operands[3*loops:]
	ivs, out := c.defines(block.Args()), c.defines(op.Results())
	outer := c.gathered
	c.gathered = out
	body, err := c.block(block)
	missing := len(c.gathered)
	c.gathered = outer
	if err != nil {
		return nil, err
	}
	if missing > 0 {
		return nil, op.Errorf("has %d results, %d of them without a reduction", len(out), missing)
	}
	x := c.x
	return func(fr *frame) error {
		for k, s := range inits {
			fr.copy(out[k], s)
		}
		for d, s := range by {
			if n := fr.nums[s.n].I; n <= 0 {
				return op.Errorf("step %d is %d, expected a positive number", d, n)
			}
		}
		var nest func(d int) error
		nest = func(d int) error {
			if d == loops {
				return run(body, fr)
			}
			end, step := fr.nums[hi[d].n].I, fr.nums[by[d].n].I
			for i := fr.nums[lo[d].n].I; i < end; {
				if err := x.step(op); err != nil {
					return err
				}
				fr.nums[ivs[d].n].I = i
				if err := nest(d + 1); err != nil {
					return err
				}
				if uint64(end)-uint64(i) <= uint64(step) {
					break // i + step could be more than an int64
				}
				i += step
			}
			return nil
		}
		return nest(0)
	}, nil
}

// reduce compiles scf.reduce.
func (c *compiler) reduce(op *ir.Op) (instr, error) {
	block, err := onlyBlock(op, 0)
	if err != nil {
		return nil, err
	}
	if len(c.gathered) == 0 || len(block.Args()) != 2 {
		return nil, op.Errorf("is no reduction of a parallel loop around it")
	}
	so := c.gathered[0]
	c.gathered = c.gathered[1:]
	v, args := c.use(op.Operand(0)), c.defines(block.Args())
	body, err := c.block(block)
	if err != nil {
		return nil, err
	}
	returned, err := c.terminator(op, block, scf.OpReduceReturn, ir.TypesOf(op.Operands()))
	if err != nil {
		return nil, err
	}
	return func(fr *frame) error {
		fr.copy(args[0], so)
		fr.copy(args[1], v)
		if err := run(body, fr); err != nil {
			return err
		}
		fr.copy(so, returned[0])
		return nil
	}, nil
}
