package interp

import (
	"github.com/cladopt/cladopt/ir"
)

// maxLowerings bounds how often what an op lowers to is lowered itself.
const maxLowerings = 32

// scratch is a copy of op in a block of its own, whose arguments are its operands:
// the module that is run stays as it is.
func (c *compiler) scratch(op *ir.Op) (b *ir.Builder, block *ir.Block, clone *ir.Op) {
	block = ir.NewBlock(ir.TypesOf(op.Operands())...)
	m := ir.Mapping{}
	for i, v := range op.Operands() {
		m[v] = block.Arg(i) // an operand that occurs twice is one argument of the copy
		c.slots[m[v]] = c.use(v)
	}
	clone = ir.NewBuilder(c.x.m.Ctx, block).Clone(op, m)
	return ir.BuilderBefore(c.x.m.Ctx, clone), block, clone
}

// lowered compiles what an op lowers to in place of it.
func (c *compiler) lowered(op *ir.Op, lower func(b *ir.Builder, op *ir.Op) []*ir.Value) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	if c.depth >= maxLowerings {
		return nil, op.Errorf("lowers to ops that are lowered in turn, more than %d deep", maxLowerings)
	}
	b, block, clone := c.scratch(op)
	results := lower(b, clone)
	if len(results) != clone.NumResults() {
		return nil, op.Errorf("lowers to %d values, expected %d", len(results), clone.NumResults())
	}
	for i, r := range clone.Results() {
		if !ir.Compatible(results[i].Type(), r.Type()) {
			return nil, op.Errorf("lowers to a value of type %s, expected %s", results[i].Type(), r.Type())
		}
		r.ReplaceAllUsesWith(results[i])
	}
	clone.Erase()
	c.depth++
	body, err := c.block(block)
	c.depth--
	if err != nil {
		return nil, within(err, op, "%s is interpreted from what it lowers to", op.Name)
	}
	from, out := c.uses(results), c.defines(op.Results())
	return func(fr *frame) error {
		if err := run(body, fr); err != nil {
			return within(err, op, "in %s", op.Name)
		}
		for i, s := range out {
			fr.copy(s, from[i])
		}
		return nil
	}, nil
}

// loops compiles the loops of an op over the memory of its operands and results.
func (c *compiler) loops(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	b, block, clone := c.scratch(op)
	asMemory := func(v *ir.Value, s slot) *ir.Value {
		if !isMemory(v.Type()) {
			return v
		}
		a := block.AddArg(ir.MemRef(ir.ShapeOf(v.Type()), ir.ElemType(v.Type())))
		c.slots[a] = s
		return a
	}
	var args, outs []*ir.Value
	for _, v := range clone.Operands() {
		args = append(args, asMemory(v, c.use(v)))
	}
	out := c.defines(op.Results())
	layouts := make([]*layout, len(out))
	for i, r := range op.Results() {
		if !isMemory(r.Type()) {
			return nil, op.Errorf("has result %d of type %s; an op with Loops gives tensors", i, r.Type())
		}
		layouts[i], _ = c.layout(r.Type())
		outs = append(outs, asMemory(r, out[i]))
	}
	clone.Def().Loops(b, clone, args, outs)
	clone.Erase()
	c.depth++
	body, err := c.block(block)
	c.depth--
	if err != nil {
		return nil, within(err, op, "%s is interpreted from its loops", op.Name)
	}
	return func(fr *frame) error {
		for i, s := range out {
			fr.mems[s.n] = make([]byte, layouts[i].bytes)
		}
		if err := run(body, fr); err != nil {
			return within(err, op, "in %s", op.Name)
		}
		return nil
	}, nil
}
