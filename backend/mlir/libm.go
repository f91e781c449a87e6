package mlir

import (
	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// exact are the functions of libm for ops that convert-math-to-llvm expands to what
// loses all digits of small operands: log(1 + x) and exp(x) - 1. convert-math-to-libm,
// which has them, refuses what convert-math-to-llvm is there for, so it runs second.
var exact = map[ir.OpName]string{math.OpLog1p: "log1p", math.OpExpM1: "expm1"}

// callExact makes calls of these ops.
func callExact(m *ir.Module) {
	var ops []*ir.Op
	m.Op.Walk(func(op *ir.Op) {
		if exact[op.Name] != "" {
			ops = append(ops, op)
		}
	})
	for _, op := range ops {
		b := ir.BuilderBefore(m.Ctx, op)
		t := op.Result(0).Type()
		work, name := t, exact[op.Name]
		if t != ir.Type(ir.F64) {
			work, name = ir.F32, name+"f"
		}
		callee := m.Symbol(name)
		if callee == nil {
			callee = funcs.Declare(m, name, ir.Func([]ir.Type{work}, []ir.Type{work}))
		}
		y := funcs.Call(b, callee, arith.Cast(b, op.Operand(0), work)).Result(0)
		op.Replace(arith.Cast(b, y, t))
	}
}
