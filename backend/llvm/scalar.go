package llvm

import (
	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// scalar computes the result of a scalar op: an instruction, or a call of a function that
// package cpp has the text of.
func (w *writer) scalar(op *ir.Op, a []value.Value) (value.Value, error) {
	switch op.Name {
	case arith.OpCmpF:
		return w.compare(floatPredicates[op.Int("predicate", 0)], a[0], a[1]), nil
	case arith.OpCmpI:
		return w.emit(lir.NewICmp(intPredicates[op.Int("predicate", 0)], a[0], a[1])), nil
	case arith.OpSelect:
		return w.choose(a[0], a[1], a[2]), nil
	}
	if f, ok := instructions[op.Name]; ok {
		v := f(w, a)
		if cpp.IsSum(op) {
			switch i := v.(type) {
			case *lir.InstFAdd:
				i.FastMathFlags = sumFlags
			case *lir.InstFSub:
				i.FastMathFlags = sumFlags
			}
		}
		return v, nil
	}
	if len(a) == 1 && op.NumResults() == 1 {
		to, err := scalarType(op, op.Result(0).Type())
		if err != nil {
			return nil, err
		}
		if v, ok := w.convert(op.Name, a[0], to); ok {
			return v, nil
		}
	}
	return w.elementary(op, a)
}

// instructions are the ops that are one instruction, or some.
var instructions = map[ir.OpName]func(w *writer, a []value.Value) value.Value{
	arith.OpAddF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFAdd(a[0], a[1])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpSubF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFSub(a[0], a[1])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpMulF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFMul(a[0], a[1])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpDivF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFDiv(a[0], a[1])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpRemF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFRem(a[0], a[1])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpNegF: func(w *writer, a []value.Value) value.Value {
		i := lir.NewFNeg(a[0])
		i.FastMathFlags = flags
		return w.emit(i)
	},
	arith.OpMaxF: func(w *writer, a []value.Value) value.Value { return w.extremum(enum.FPredOGT, a[0], a[1]) },
	arith.OpMinF: func(w *writer, a []value.Value) value.Value { return w.extremum(enum.FPredOLT, a[0], a[1]) },

	// Integers wrap around: no flags.
	arith.OpAddI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewAdd(a[0], a[1])) },
	arith.OpSubI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewSub(a[0], a[1])) },
	arith.OpMulI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewMul(a[0], a[1])) },
	arith.OpDivSI: func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewSDiv(a[0], a[1])) },
	arith.OpRemSI: func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewSRem(a[0], a[1])) },
	arith.OpAndI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewAnd(a[0], a[1])) },
	arith.OpOrI:   func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewOr(a[0], a[1])) },
	arith.OpXOrI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewXor(a[0], a[1])) },
	arith.OpShLI:  func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewShl(a[0], a[1])) },
	arith.OpShRSI: func(w *writer, a []value.Value) value.Value { return w.emit(lir.NewAShr(a[0], a[1])) },
	arith.OpMaxSI: func(w *writer, a []value.Value) value.Value {
		return w.choose(w.emit(lir.NewICmp(enum.IPredSGT, a[0], a[1])), a[0], a[1])
	},
	arith.OpMinSI: func(w *writer, a []value.Value) value.Value {
		return w.choose(w.emit(lir.NewICmp(enum.IPredSLT, a[0], a[1])), a[0], a[1])
	},
	arith.OpFloorDivS: (*writer).floorDivide,
}

// floorDivide is the quotient rounded down: one less where the signs differ and something
// is left over.
func (w *writer) floorDivide(a []value.Value) value.Value {
	t := a[0].Type().(*types.IntType)
	zero := constant.NewInt(t, 0)
	quotient := w.emit(lir.NewSDiv(a[0], a[1]))
	rest := w.emit(lir.NewICmp(enum.IPredNE, w.emit(lir.NewSRem(a[0], a[1])), zero))
	signs := w.emit(lir.NewICmp(enum.IPredSLT, w.emit(lir.NewXor(a[0], a[1])), zero))
	below := w.emit(lir.NewAdd(quotient, constant.NewInt(t, -1)))
	return w.choose(w.emit(lir.NewAnd(rest, signs)), below, quotient)
}

// extremum is x where the comparison holds or x is NaN, else y, which may be NaN.
func (w *writer) extremum(p enum.FPred, x, y value.Value) value.Value {
	return w.choose(w.emit(lir.NewOr(w.compare(p, x, y), w.compare(enum.FPredUNO, x, x))), x, y)
}

func (w *writer) compare(p enum.FPred, x, y value.Value) value.Value {
	i := lir.NewFCmp(p, x, y)
	i.FastMathFlags = flags
	return w.emit(i)
}

func (w *writer) choose(c, x, y value.Value) value.Value {
	i := lir.NewSelect(c, x, y)
	if types.IsFloat(x.Type()) {
		i.FastMathFlags = flags
	}
	return w.emit(i)
}

// floatPredicates and intPredicates are in the order of MLIR's numbers.
var floatPredicates = []enum.FPred{enum.FPredFalse, enum.FPredOEQ, enum.FPredOGT, enum.FPredOGE, enum.FPredOLT, enum.FPredOLE, enum.FPredONE, enum.FPredORD,
	enum.FPredUEQ, enum.FPredUGT, enum.FPredUGE, enum.FPredULT, enum.FPredULE, enum.FPredUNE, enum.FPredUNO, enum.FPredTrue}

var intPredicates = []enum.IPred{enum.IPredEQ, enum.IPredNE, enum.IPredSLT, enum.IPredSLE, enum.IPredSGT, enum.IPredSGE,
	enum.IPredULT, enum.IPredULE, enum.IPredUGT, enum.IPredUGE}

// convert is a cast of x; false if name is none.
func (w *writer) convert(name ir.OpName, x value.Value, to types.Type) (value.Value, bool) {
	switch name {
	case arith.OpExtF:
		return w.emit(lir.NewFPExt(x, to)), true
	case arith.OpTruncF:
		return w.emit(lir.NewFPTrunc(x, to)), true
	case arith.OpSIToFP:
		return w.emit(lir.NewSIToFP(x, to)), true
	case arith.OpUIToFP:
		return w.emit(lir.NewUIToFP(x, to)), true
	case arith.OpFPToSI:
		return w.emit(lir.NewFPToSI(x, to)), true
	case arith.OpExtSI:
		return w.emit(lir.NewSExt(x, to)), true
	case arith.OpExtUI:
		return w.emit(lir.NewZExt(x, to)), true
	case arith.OpTruncI:
		return w.emit(lir.NewTrunc(x, to)), true
	case arith.OpBitcast:
		return w.emit(lir.NewBitCast(x, to)), true
	case arith.OpIndexCast:
		from, result := x.Type().(*types.IntType).BitSize, to.(*types.IntType).BitSize
		switch {
		case from < result:
			return w.emit(lir.NewSExt(x, to)), true
		case from > result:
			return w.emit(lir.NewTrunc(x, to)), true
		}
		return x, true
	}
	return nil, false
}
