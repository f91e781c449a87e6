package interp

import (
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// op compiles one op: control flow and memory by name, all else by what its
// definition brings. nil is an op that does nothing at run time.
func (c *compiler) op(op *ir.Op) (instr, error) {
	switch op.Name {
	case funcs.OpCall:
		return c.call(op)
	case scf.OpFor:
		return c.loop(op)
	case scf.OpIf:
		return c.branch(op)
	case scf.OpWhile:
		return c.while(op)
	case scf.OpParallel:
		return c.parallel(op)
	case scf.OpReduce:
		return c.reduce(op)
	case cf.OpAssert:
		return c.assert(op)
	case memref.OpAlloc, memref.OpAlloca, tensor.OpEmpty:
		return c.allocate(op)
	case memref.OpDealloc: // memory lives as long as it is in sight
		return nil, nil
	case memref.OpLoad, tensor.OpExtract:
		return c.load(op)
	case memref.OpStore:
		return c.store(op)
	case memref.OpCopy:
		return c.copy(op)
	case memref.OpDim, tensor.OpDim:
		return c.dim(op)
	case memref.OpView:
		return c.view(op)
	case memref.OpReinterpretCast, memref.OpSubview, memref.OpCast:
		return c.reinterpret(op)
	case tensor.OpInsert:
		return c.insert(op)
	case tensor.OpExtractSlice:
		return c.extractSlice(op)
	case tensor.OpInsertSlice:
		return c.insertSlice(op)
	case aten.OpReshape, tensor.OpCast, tensor.OpCollapseShape, tensor.OpExpandShape:
		return c.renamed(op)
	case linalg.OpGeneric:
		return c.generic(op)
	case linalg.OpFill:
		return c.fill(op)
	case linalg.OpIndex:
		return c.index(op)
	}
	def := op.Def()
	switch {
	case def == nil:
		return nil, op.Errorf("is not a registered op and cannot be interpreted")
	case op.Has(ir.ConstantLike) && isDense(op):
		return c.dense(op)
	case def.Eval != nil:
		return c.scalar(op)
	case def.Scalar != nil:
		return c.lowered(op, func(b *ir.Builder, op *ir.Op) []*ir.Value { return linalg.Elementwise(b, op).Results() })
	case def.Lower != nil:
		return c.lowered(op, def.Lower)
	case def.Decompose != nil:
		return c.lowered(op, def.Decompose)
	case def.Loops != nil:
		return c.loops(op)
	}
	return nil, op.Errorf("has no Eval, Scalar, Lower or Loops and cannot be interpreted")
}

// checkTypes is an error if a type of op is none that the interpreter lays out.
func (c *compiler) checkTypes(op *ir.Op) error {
	for _, vs := range [][]*ir.Value{op.Operands(), op.Results()} {
		for _, v := range vs {
			if _, err := c.layout(v.Type()); err != nil {
				return op.Errorf("%v", err)
			}
		}
	}
	return nil
}

// rounding is what happens to a number that an op has computed.
type rounding struct {
	f32  bool
	wrap int // to so many bits; 0: not
}

// rounding is that of the result of op. A wide f32 is one computed from f32; what
// makes an f32 of something else is there to round.
func (c *compiler) rounding(op *ir.Op) rounding {
	switch t := ir.ElemType(op.Result(0).Type()).(type) {
	case *ir.FloatType:
		wide := false
		for _, v := range op.Operands() {
			wide = wide || c.wide && v.Type() == ir.Type(ir.F32)
		}
		return rounding{f32: t == ir.F32 && !wide}
	case *ir.IntegerType:
		if t.Bits() < 64 {
			return rounding{wrap: t.Bits()}
		}
	}
	return rounding{}
}

func (r rounding) apply(v ir.Scalar) ir.Scalar {
	switch {
	case r.f32:
		v.F = float64(float32(v.F))
	case r.wrap == 1:
		v.I &= 1
	case r.wrap > 0:
		v.I = v.I << (64 - r.wrap) >> (64 - r.wrap)
	}
	return v
}

// scalar compiles an op on numbers, or the same on each element of tensors.
func (c *compiler) scalar(op *ir.Op) (instr, error) {
	if op.NumResults() != 1 {
		return nil, op.Errorf("has %d results; an op with Eval has one", op.NumResults())
	}
	if isMemory(op.Result(0).Type()) {
		return c.mapped(op)
	}
	for _, v := range append(op.Operands(), op.Result(0)) {
		if !isNumber(v.Type()) {
			return nil, op.Errorf("works on type %s, which cannot be interpreted as a number", v.Type())
		}
	}
	eval, round := op.Def().Eval, c.rounding(op)
	in := make([]int, op.NumOperands())
	for i := range in {
		in[i] = c.use(op.Operand(i)).n
	}
	out := c.define(op.Result(0))
	if op.Has(ir.ConstantLike) && len(in) == 0 {
		v, err := eval(op, nil)
		if err != nil {
			return nil, op.Errorf("%v", err)
		}
		c.constants = append(c.constants, constant{out, value{num: round.apply(v)}})
		return nil, nil
	}
	args, to := make([]ir.Scalar, len(in)), out.n
	return func(fr *frame) error {
		for i, s := range in {
			args[i] = fr.nums[s]
		}
		v, err := eval(op, args)
		if err != nil {
			return op.Errorf("%v", err)
		}
		fr.nums[to] = round.apply(v)
		return nil
	}, nil
}

// mapped compiles an op of numbers that is written on tensors of one shape.
func (c *compiler) mapped(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	values := append(op.Operands(), op.Result(0))
	layouts := make([]*layout, len(values))
	for i, v := range values {
		if _, ok := v.Type().(*ir.MemRefType); ok {
			return nil, op.Errorf("works on type %s, which cannot be interpreted as a number", v.Type())
		}
		layouts[i], _ = c.layout(v.Type())
	}
	last := len(values) - 1
	to := layouts[last]
	for i, l := range layouts[:last] {
		if isMemory(values[i].Type()) && l.count != to.count {
			return nil, op.Errorf("operand %d has type %s, expected the shape of the result, %s", i, values[i].Type(), op.Result(0).Type())
		}
	}
	eval, round := op.Def().Eval, c.rounding(op)
	in, out := c.uses(op.Operands()), c.define(op.Result(0))
	args := make([]ir.Scalar, len(in))
	return func(fr *frame) error {
		data := make([]byte, to.bytes)
		for k := int64(0); k < to.count; k++ {
			for i, s := range in {
				if s.memory {
					args[i] = layouts[i].get(fr.mems[s.n][k*layouts[i].size:])
				} else {
					args[i] = fr.nums[s.n]
				}
			}
			v, err := eval(op, args)
			if err != nil {
				return op.Errorf("%v", err)
			}
			to.set(data[k*to.size:], round.apply(v))
		}
		fr.mems[out.n] = data
		return nil
	}, nil
}

func isDense(op *ir.Op) bool {
	_, ok := op.Attr("value").(*ir.DenseAttr)
	return ok && op.NumResults() == 1
}

// dense compiles a constant tensor.
func (c *compiler) dense(op *ir.Op) (instr, error) {
	if err := c.checkTypes(op); err != nil {
		return nil, err
	}
	values := op.Attr("value").(*ir.DenseAttr).Values
	l, _ := c.layout(op.Result(0).Type())
	if len(values) != 1 && int64(len(values)) != l.count {
		return nil, op.Errorf("has %d values, expected %d, or one for all", len(values), l.count)
	}
	data := make([]byte, l.bytes)
	for k := int64(0); k < l.count; k++ {
		l.set(data[k*l.size:], values[k%int64(len(values))])
	}
	c.constants = append(c.constants, constant{c.define(op.Result(0)), value{mem: data}})
	return nil, nil
}
