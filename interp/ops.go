package interp

import (
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// op compiles one op; nil for what needs no work by itself.
func (c *compiler) op(op *ir.Op) (instr, error) {
	switch op.Name {
	case funcs.OpReturn, scf.OpYield, linalg.OpYield:
		return nil, nil
	case funcs.OpCall:
		return c.call(op)
	case scf.OpFor:
		return c.loop(op)
	case scf.OpIf:
		return c.branch(op)
	case memref.OpAlloc, memref.OpAlloca:
		out := c.define(op.Result(0))
		t := op.Result(0).Type().(*ir.MemRefType)
		return func(fr []value) error { fr[out].mem = allocate(t.Shape(), t.Elem()); return nil }, nil
	case tensor.OpEmpty:
		out := c.define(op.Result(0))
		t := op.Result(0).Type().(*ir.TensorType)
		return func(fr []value) error { fr[out].mem = allocate(t.Shape(), t.Elem()); return nil }, nil
	case memref.OpLoad, memref.OpStore:
		return c.access(op), nil
	case memref.OpView:
		return c.view(op), nil
	case memref.OpReinterpretCast:
		in, out := c.use(op.Operand(0)), c.define(op.Result(0))
		t := op.Result(0).Type().(*ir.MemRefType)
		return func(fr []value) error {
			m := fr[in].mem
			fr[out].mem = view(t, m.data[m.offset*m.size:])
			return nil
		}, nil
	case linalg.OpGeneric:
		return c.generic(op)
	case linalg.OpFill:
		return c.fill(op), nil
	case aten.OpReshape:
		in, out := c.use(op.Operand(0)), c.define(op.Result(0))
		shape := ir.ShapeOf(op.Result(0).Type())
		return func(fr []value) error {
			m := fr[in].mem
			fr[out].mem = contiguous(shape, m.elem, m.data)
			return nil
		}, nil
	}
	def := op.Def()
	switch {
	case def == nil:
		return nil, op.Errorf("is not a registered op and cannot be run")
	case def.Eval != nil:
		return c.scalar(op), nil
	case def.Scalar != nil:
		return c.lowered(op, lowerElementwise)
	case def.Lower != nil:
		return c.lowered(op, func(b *ir.Builder, op *ir.Op) []*ir.Value { return def.Lower(b, op) })
	case def.Decompose != nil:
		return c.lowered(op, func(b *ir.Builder, op *ir.Op) []*ir.Value { return def.Decompose(b, op) })
	case def.Loops != nil:
		return c.asLoops(op)
	}
	return nil, op.Errorf("has neither a value, a lowering nor loops, and cannot be run")
}

func (c *compiler) uses(vs []*ir.Value) []int {
	out := make([]int, len(vs))
	for i, v := range vs {
		out[i] = c.use(v)
	}
	return out
}

func (c *compiler) defines(vs []*ir.Value) []int {
	out := make([]int, len(vs))
	for i, v := range vs {
		out[i] = c.define(v)
	}
	return out
}

func (c *compiler) call(op *ir.Op) (instr, error) {
	ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
	in, out := c.uses(op.Operands()), c.defines(op.Results())
	return func(fr []value) error {
		f, err := c.x.function(ref.Path)
		if err != nil {
			return err
		}
		args := make([]value, len(in))
		for i, s := range in {
			args[i] = fr[s]
		}
		results, err := c.x.call(f, args)
		for i, s := range out {
			if err == nil {
				fr[s] = results[i]
			}
		}
		return err
	}, nil
}

func (c *compiler) loop(op *ir.Op) (instr, error) {
	lo, hi, step := c.use(op.Operand(0)), c.use(op.Operand(1)), c.use(op.Operand(2))
	inits := c.uses(op.Operands()[3:])
	block := op.Body()
	iv := c.define(block.Arg(0))
	carried := c.defines(block.Args()[1:])
	body, err := c.block(block)
	if err != nil {
		return nil, err
	}
	yields := c.uses(block.Last().Operands())
	out := c.defines(op.Results())
	next := make([]value, len(yields))
	return func(fr []value) error {
		for i, s := range inits {
			fr[carried[i]] = fr[s]
		}
		by := fr[step].num.I
		if by <= 0 {
			return op.Errorf("step is %d, expected a positive number", by)
		}
		end := fr[hi].num.I
		for i := fr[lo].num.I; i < end; i += by {
			fr[iv].num.I = i
			if err := run(body, fr); err != nil {
				return err
			}
			for k, s := range yields {
				next[k] = fr[s]
			}
			for k, s := range carried {
				fr[s] = next[k]
			}
		}
		for k, s := range out {
			fr[s] = fr[carried[k]]
		}
		return nil
	}, nil
}

func (c *compiler) branch(op *ir.Op) (instr, error) {
	cond := c.use(op.Operand(0))
	var bodies [2][]instr
	var yields [2][]int
	for r := 0; r < 2; r++ {
		for _, b := range op.Region(r).Blocks() {
			body, err := c.block(b)
			if err != nil {
				return nil, err
			}
			bodies[r], yields[r] = body, c.uses(b.Last().Operands())
		}
	}
	out := c.defines(op.Results())
	return func(fr []value) error {
		r := 1
		if fr[cond].num.I != 0 {
			r = 0
		}
		if err := run(bodies[r], fr); err != nil {
			return err
		}
		for i, s := range out {
			fr[s] = fr[yields[r][i]]
		}
		return nil
	}, nil
}

func (c *compiler) access(op *ir.Op) instr {
	if op.Name == memref.OpLoad {
		m, indices := c.use(op.Operand(0)), c.uses(op.Operands()[1:])
		out := c.define(op.Result(0))
		return func(fr []value) error {
			mem := fr[m].mem
			at, err := mem.at(op, indices, fr)
			if err != nil {
				return err
			}
			fr[out].num = mem.get(mem.data[at:])
			return nil
		}
	}
	v, m, indices := c.use(op.Operand(0)), c.use(op.Operand(1)), c.uses(op.Operands()[2:])
	return func(fr []value) error {
		mem := fr[m].mem
		at, err := mem.at(op, indices, fr)
		if err != nil {
			return err
		}
		mem.set(mem.data[at:], fr[v].num)
		return nil
	}
}

func (c *compiler) view(op *ir.Op) instr {
	in, shift, out := c.use(op.Operand(0)), c.use(op.Operand(1)), c.define(op.Result(0))
	t := op.Result(0).Type().(*ir.MemRefType)
	return func(fr []value) error {
		m, by := fr[in].mem, fr[shift].num.I
		if by < 0 || by > int64(len(m.data)) {
			return op.Errorf("shift %d is outside of memory of %d bytes", by, len(m.data))
		}
		v := view(t, m.data[by:])
		if err := checkLength(v, "the view"); err != nil {
			return op.Errorf("%v", err)
		}
		fr[out].mem = v
		return nil
	}
}

func (c *compiler) fill(op *ir.Op) instr {
	v, init := c.use(op.Operand(0)), c.use(op.Operand(1))
	out := -1
	if op.NumResults() == 1 {
		out = c.define(op.Result(0))
	}
	return func(fr []value) error {
		m := fr[init].mem
		if out >= 0 { // tensors are values: the operand stays as it is
			m = allocate(m.shape, m.elem)
			fr[out].mem = m
		}
		for at := int64(0); at < int64(len(m.data)); at += m.size {
			m.set(m.data[at:], fr[v].num)
		}
		return nil
	}
}

// lowered runs what an op lowers to: the op is copied into a function of its own,
// lowered there, and compiled in place of itself.
func (c *compiler) lowered(op *ir.Op, lower func(b *ir.Builder, op *ir.Op) []*ir.Value) (instr, error) {
	block := ir.NewBlock(ir.TypesOf(op.Operands())...)
	m := ir.Mapping{}
	for i, v := range op.Operands() {
		m[v] = block.Arg(i)
	}
	b := ir.NewBuilder(c.x.m.Ctx, block)
	b.Loc = op.Loc
	// An operand that occurs twice is one argument of the copy, which is all the same.
	clone := b.Clone(op, m)
	results := lower(ir.BuilderBefore(c.x.m.Ctx, clone), clone)
	for i, r := range clone.Results() {
		r.ReplaceAllUsesWith(results[i])
	}
	clone.Erase()
	for _, v := range op.Operands() {
		c.slot[m[v]] = c.use(v)
	}
	body, err := c.block(block)
	if err != nil {
		return nil, err
	}
	from := c.uses(results)
	out := c.defines(op.Results())
	return func(fr []value) error {
		if err := run(body, fr); err != nil {
			return err
		}
		for i, s := range out {
			fr[s] = fr[from[i]]
		}
		return nil
	}, nil
}

// lowerElementwise makes a generic of an elementwise op; it is the lowering that
// passes use, spelled for one op.
func lowerElementwise(b *ir.Builder, op *ir.Op) []*ir.Value {
	return linalg.Elementwise(b, op).Results()
}

// asLoops runs the loops of an op over the memory of its operands and results.
func (c *compiler) asLoops(op *ir.Op) (instr, error) {
	block := ir.NewBlock()
	var args, outs []*ir.Value
	for _, v := range op.Operands() {
		a := block.AddArg(ir.MemRef(ir.ShapeOf(v.Type()), ir.ElemType(v.Type())))
		args = append(args, a)
		c.slot[a] = c.use(v)
	}
	out := c.defines(op.Results())
	for i, r := range op.Results() {
		a := block.AddArg(ir.MemRef(ir.ShapeOf(r.Type()), ir.ElemType(r.Type())))
		outs = append(outs, a)
		c.slot[a] = out[i]
	}
	b := ir.NewBuilder(c.x.m.Ctx, block)
	b.Loc = op.Loc
	op.Def().Loops(b, op, args, outs)
	body, err := c.block(block)
	if err != nil {
		return nil, err
	}
	return func(fr []value) error {
		for i, r := range op.Results() {
			fr[out[i]].mem = allocate(ir.ShapeOf(r.Type()), ir.ElemType(r.Type()))
		}
		return run(body, fr)
	}, nil
}
