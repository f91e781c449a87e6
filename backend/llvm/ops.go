package llvm

import (
	"fmt"

	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

func (w *writer) ops(b *ir.Block) error {
	for op := b.First(); op != nil; op = op.Next() {
		if err := w.op(op); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) op(op *ir.Op) error {
	switch op.Name {
	case scf.OpFor:
		return w.loop(op)
	case scf.OpIf:
		return w.conditional(op)
	case scf.OpYield:
		return nil // read by what encloses it
	case funcs.OpReturn:
		if op.NumOperands() > 0 {
			return op.Errorf("returns values, which have no LLVM IR form here: results are memory")
		}
		return nil
	case funcs.OpCall:
		return w.callOp(op)
	case cf.OpAssert:
		return w.assert(op)
	case linalg.OpFill, linalg.OpGeneric:
		return w.product(op)
	case memref.OpStore:
		return w.storeOp(op)
	case memref.OpAlloca:
		return w.row(op)
	case arith.OpConstant:
		c, err := w.constant(op)
		w.values[op.Result(0)] = c
		return err
	}
	args, err := w.operands(op)
	if err != nil {
		return err
	}
	var v value.Value
	switch op.Name {
	case memref.OpLoad:
		v, err = w.loadOp(op)
	case memref.OpView:
		v, err = w.view(op, args)
	case memref.OpReinterpretCast:
		v = args[0] // its layout says where its elements are
	default:
		v, err = w.scalar(op, args)
	}
	if err != nil {
		return err
	}
	w.values[op.Result(0)] = v
	return nil
}

// operands are the values of all operands of op.
func (w *writer) operands(op *ir.Op) ([]value.Value, error) {
	var out []value.Value
	for _, v := range op.Operands() {
		x, err := w.use(op, v)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// use is the value of v, which op reads.
func (w *writer) use(op *ir.Op, v *ir.Value) (value.Value, error) {
	if x, ok := w.values[v]; ok {
		return x, nil
	}
	return nil, op.Errorf("reads a value of type %s that has no LLVM IR form", v.Type())
}

// noForm is the error of an op that should not be there any more.
func noForm(op *ir.Op) error {
	e := op.Errorf("has no LLVM IR form")
	e.Remedy = "lower it to loops first"
	return e
}

// callOp calls another function of the module and passes its failure on.
func (w *writer) callOp(op *ir.Op) error {
	ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
	callee := w.m.Symbol(ref.Path)
	f := w.functions[callee]
	if f == nil || op.NumResults() > 0 {
		return op.Errorf("calls %s, which has no body here or has results", ref.Path)
	}
	args, err := w.operands(op)
	if err != nil {
		return err
	}
	for i, a := range args { // memory of the same elements may have been bytes here
		if t, ok := callee.Body().Arg(i).Type().(*ir.MemRefType); ok {
			elem, err := w.memory(op, t.Elem())
			if err != nil {
				return err
			}
			args[i] = w.cast(a, elem)
		}
	}
	failed := w.call(f, args...)
	if failed != nil {
		w.unless(w.emit(lir.NewICmp(enum.IPredEQ, failed, constant.NewInt(types.I32, 0))), failed)
	}
	return nil
}

// scalarType is the type of a value of type t.
func scalarType(op *ir.Op, t ir.Type) (types.Type, error) {
	switch t {
	case ir.Type(ir.F32):
		return types.Float, nil
	case ir.Type(ir.F64):
		return types.Double, nil
	case ir.Type(ir.Index):
		return types.I64, nil
	}
	if i, ok := t.(*ir.IntegerType); ok {
		return types.NewInt(uint64(i.Bits())), nil
	}
	return nil, op.Errorf("type %s has no LLVM IR form", t)
}

// memory is the type of elements of type t in memory, where a boolean is a byte.
func (w *writer) memory(op *ir.Op, t ir.Type) (types.Type, error) {
	if ir.IsBool(t) {
		return types.I8, nil
	}
	return scalarType(op, t)
}

// constant is the number that op defines.
func (w *writer) constant(op *ir.Op) (value.Value, error) {
	v, ok := arith.ConstantValue(op.Result(0))
	if !ok {
		return nil, op.Errorf("is no scalar, which alone have an LLVM IR form")
	}
	t, err := scalarType(op, op.Result(0).Type())
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *types.FloatType:
		if t.Kind == types.FloatKindFloat {
			v.F = float64(float32(v.F))
		}
		return constant.NewFloat(t, v.F), nil
	case *types.IntType:
		if t.BitSize == 1 {
			return constant.NewBool(v.I != 0), nil
		}
		return constant.NewInt(t, v.I), nil
	}
	return nil, fmt.Errorf("internal error: type %s of a constant", t)
}
