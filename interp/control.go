package interp

import (
	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/cf"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// call compiles func.call. The callee is compiled when it is first called.
func (c *compiler) call(op *ir.Op) (instr, error) {
	ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
	in, out := c.uses(op.Operands()), c.defines(op.Results())
	x := c.x
	return func(fr *frame) error {
		if err := x.step(op); err != nil {
			return err
		}
		f, err := x.function(ref.Path)
		if err != nil {
			return err // located in the callee, and kept with it: notes would gather there
		}
		args := make([]value, len(in))
		for i, s := range in {
			args[i] = fr.get(s)
		}
		results, err := x.call(f, args)
		if err != nil {
			return within(err, op, "in @%s, called here", ref.Path)
		}
		for i, s := range out {
			fr.set(s, results[i])
		}
		return nil
	}, nil
}

// onlyBlock is the block of region i of op, nil if it has none.
func onlyBlock(op *ir.Op, i int) (*ir.Block, error) {
	switch blocks := op.Region(i).Blocks(); len(blocks) {
	case 0:
		return nil, nil
	case 1:
		return blocks[0], nil
	default:
		return nil, op.Errorf("has a region of %d blocks, expected one", len(blocks))
	}
}

// loop compiles scf.for.
func (c *compiler) loop(op *ir.Op) (instr, error) {
	block, err := onlyBlock(op, 0)
	if err != nil {
		return nil, err
	}
	if !isNumber(op.Operand(0).Type()) {
		return nil, op.Errorf("counts in type %s, which cannot be interpreted as a number", op.Operand(0).Type())
	}
	lo, hi, step := c.use(op.Operand(0)).n, c.use(op.Operand(1)).n, c.use(op.Operand(2)).n
	inits := c.uses(op.Operands()[3:])
	iv := c.define(block.Arg(0)).n
	carried := c.defines(block.Args()[1:])
	body, err := c.block(block)
	if err != nil {
		return nil, err
	}
	yields, err := c.terminator(op, block, scf.OpYield, ir.TypesOf(op.Results()))
	if err != nil {
		return nil, err
	}
	out := c.defines(op.Results())
	next := make([]value, len(yields))
	x := c.x
	return func(fr *frame) error {
		for k, s := range inits {
			fr.copy(carried[k], s)
		}
		by, end := fr.nums[step].I, fr.nums[hi].I
		if by <= 0 {
			return op.Errorf("step is %d, expected a positive number", by)
		}
		for i := fr.nums[lo].I; i < end; {
			if err := x.step(op); err != nil {
				return err
			}
			fr.nums[iv].I = i
			if err := run(body, fr); err != nil {
				return err
			}
			// All are read before any is written: a body may yield what it carries in another order.
			for k, s := range yields {
				next[k] = fr.get(s)
			}
			for k, s := range carried {
				fr.set(s, next[k])
			}
			if uint64(end)-uint64(i) <= uint64(by) {
				break // i + by could be more than an int64
			}
			i += by
		}
		for k, s := range out {
			fr.copy(s, carried[k])
		}
		return nil
	}, nil
}

// branch compiles scf.if.
func (c *compiler) branch(op *ir.Op) (instr, error) {
	cond := c.use(op.Operand(0)).n
	var bodies [2][]instr
	var yields [2][]slot
	for r := range bodies {
		block, err := onlyBlock(op, r)
		if err != nil {
			return nil, err
		}
		if block == nil {
			if r == 0 || op.NumResults() > 0 {
				return nil, op.Errorf("has a branch that is missing")
			}
			continue
		}
		if bodies[r], err = c.block(block); err != nil {
			return nil, err
		}
		if yields[r], err = c.terminator(op, block, scf.OpYield, ir.TypesOf(op.Results())); err != nil {
			return nil, err
		}
	}
	out := c.defines(op.Results())
	return func(fr *frame) error {
		r := 1
		if fr.nums[cond].I != 0 {
			r = 0
		}
		if err := run(bodies[r], fr); err != nil {
			return err
		}
		for i, s := range out {
			fr.copy(s, yields[r][i])
		}
		return nil
	}, nil
}

// assert compiles cf.assert. What failed is what the message tells, not the assertion.
func (c *compiler) assert(op *ir.Op) (instr, error) {
	cond := c.use(op.Operand(0)).n
	return func(fr *frame) error {
		if fr.nums[cond].I == 0 {
			return diag.Errorf(op.Loc.Pos, "%s", cf.Message(op))
		}
		return nil
	}, nil
}
