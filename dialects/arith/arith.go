// Package arith is MLIR's arith dialect, version 16, as far as scalars need it:
// constants, integer and float arithmetic, comparisons, selection and casts.
//
// Each op's definition gives its value (Eval), its C++ expression and, for floats,
// its derivative; kernels, the interpreter and both gradient pipelines read them
// from there.
package arith

import (
	"github.com/cladopt/cladopt/ir"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	var ops []*ir.OpDef
	ops = append(ops, &constantDef)
	ops = append(ops, floatDefs()...)
	ops = append(ops, integerDefs()...)
	ops = append(ops, &cmpFDef, &cmpIDef, &selectDef)
	ops = append(ops, castDefs()...)
	return &ir.Dialect{Name: "arith", Summary: "MLIR's arithmetic on scalars", Ops: ops}
}

// Operand constraints: arith ops are elementwise and take scalars here; MLIR's
// tensor and vector forms are accepted where the text is only passed on.
var (
	floatLike = ir.Constraint{Name: "floating-point-like", Holds: ir.IsFloat}
	boolLike  = ir.Constraint{Name: "bool-like", Holds: ir.IsBool}
	intLike   = ir.Constraint{Name: "signless-integer-like", Holds: func(t ir.Type) bool {
		switch e := ir.ElemType(t).(type) {
		case *ir.IntegerType:
			return e.Sign() == ir.Signless
		case *ir.IndexType:
			return true
		}
		return false
	}}
)

// sameAsOperand infers one result of the type of operand 0.
func sameAsOperand(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[0]) }

// sameOperands checks that all operands and results have one type.
func sameOperands(op *ir.Op) error {
	t := op.Result(0).Type()
	for i := 0; i < op.NumOperands(); i++ {
		if got := op.Operand(i).Type(); got != t {
			return op.Errorf("operand %d has type %s, expected %s like the result", i, got, t)
		}
	}
	return nil
}
