package arith

import (
	"math"
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// Comparison and selection.
const (
	OpCmpF   ir.OpName = "arith.cmpf"
	OpCmpI   ir.OpName = "arith.cmpi"
	OpSelect ir.OpName = "arith.select"
)

// Predicate is a float comparison, numbered as MLIR does. O.. are false and U..
// true if an operand is NaN.
type Predicate int64

// The float predicates.
const (
	AlwaysFalse Predicate = iota
	OEQ
	OGT
	OGE
	OLT
	OLE
	ONE
	ORD
	UEQ
	UGT
	UGE
	ULT
	ULE
	UNE
	UNO
	AlwaysTrue
)

var predicateNames = []string{"false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord",
	"ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"}

// IntPredicate is an integer comparison, numbered as MLIR does.
type IntPredicate int64

// The integer predicates.
const (
	EQ IntPredicate = iota
	NE
	SLT
	SLE
	SGT
	SGE
	ULTI
	ULEI
	UGTI
	UGEI
)

var intPredicateNames = []string{"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"}

// CmpF compares floats.
func CmpF(b *ir.Builder, pred Predicate, x, y *ir.Value) *ir.Value {
	return b.Create(OpCmpF, []*ir.Value{x, y}, ir.NamedAttr{Name: "predicate", Attr: ir.I64Attr(int64(pred))}).Result(0)
}

// CmpI compares integers.
func CmpI(b *ir.Builder, pred IntPredicate, x, y *ir.Value) *ir.Value {
	return b.Create(OpCmpI, []*ir.Value{x, y}, ir.NamedAttr{Name: "predicate", Attr: ir.I64Attr(int64(pred))}).Result(0)
}

// Select is x where cond holds, else y.
func Select(b *ir.Builder, cond, x, y *ir.Value) *ir.Value { return b.Emit(OpSelect, cond, x, y) }

func truth(v bool) ir.Scalar {
	if v {
		return ir.Scalar{I: 1}
	}
	return ir.Scalar{}
}

// boolLikeOperand infers i1 in the shape of operand 0.
func boolLikeOperand(in *ir.Inference) ([]ir.Type, error) {
	switch t := in.Operands[0].(type) {
	case *ir.TensorType:
		return ir.Single(ir.Tensor(t.Shape(), ir.I1))
	case *ir.VectorType:
		return ir.Single(ir.Vector(t.Shape(), ir.I1))
	}
	return ir.Single(ir.I1)
}

func sameTypeOperands(op *ir.Op) error {
	if x, y := op.Operand(0).Type(), op.Operand(1).Type(); x != y {
		return op.Errorf("operands have types %s and %s, expected one type", x, y)
	}
	return nil
}

var cmpFDef = ir.OpDef{
	Name: OpCmpF, Summary: "comparison of two floats",
	Example:  "%r = arith.cmpf olt, %x, %y : f32",
	Operands: ir.Params(ir.P("lhs", floatLike), ir.P("rhs", floatLike)),
	Results:  ir.Params(ir.P("result", boolLike)),
	Attrs:    predicateAttr(predicateNames),
	Traits:   ir.Pure,
	Infer:    boolLikeOperand, Verify: sameTypeOperands,
	VJP:   noGradient,
	Print: printCompare(predicateNames), Parse: parseCompare(predicateNames),
	Eval: func(op *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
		x, y := in[0].F, in[1].F
		unordered := math.IsNaN(x) || math.IsNaN(y)
		p := Predicate(op.Int("predicate", 0))
		switch p {
		case AlwaysFalse, AlwaysTrue:
			return truth(p == AlwaysTrue), nil
		case ORD, UNO:
			return truth(unordered == (p == UNO)), nil
		}
		if unordered {
			return truth(p > ORD), nil
		}
		switch p {
		case OEQ, UEQ:
			return truth(x == y), nil
		case OGT, UGT:
			return truth(x > y), nil
		case OGE, UGE:
			return truth(x >= y), nil
		case OLT, ULT:
			return truth(x < y), nil
		case OLE, ULE:
			return truth(x <= y), nil
		}
		return truth(x != y), nil
	},
	CppFunc: func(op *ir.Op, a []string) string {
		x, y := a[0], a[1]
		switch Predicate(op.Int("predicate", 0)) {
		case OEQ:
			return x + " == " + y
		case OGT:
			return x + " > " + y
		case OGE:
			return x + " >= " + y
		case OLT:
			return x + " < " + y
		case OLE:
			return x + " <= " + y
		case ONE:
			return "(" + x + " < " + y + ") | (" + x + " > " + y + ")"
		case ORD:
			return "(" + x + " == " + x + ") & (" + y + " == " + y + ")"
		case UEQ:
			return "!((" + x + " < " + y + ") | (" + x + " > " + y + "))"
		case UGT:
			return "!(" + x + " <= " + y + ")"
		case UGE:
			return "!(" + x + " < " + y + ")"
		case ULT:
			return "!(" + x + " >= " + y + ")"
		case ULE:
			return "!(" + x + " > " + y + ")"
		case UNE:
			return x + " != " + y
		case UNO:
			if x == y {
				return x + " != " + x
			}
			return "(" + x + " != " + x + ") | (" + y + " != " + y + ")"
		case AlwaysTrue:
			return "true"
		}
		return "false"
	},
}

var cmpIDef = ir.OpDef{
	Name: OpCmpI, Summary: "comparison of two integers",
	Example:  "%r = arith.cmpi slt, %x, %y : i64",
	Operands: ir.Params(ir.P("lhs", intLike), ir.P("rhs", intLike)),
	Results:  ir.Params(ir.P("result", boolLike)),
	Attrs:    predicateAttr(intPredicateNames),
	Traits:   ir.Pure,
	Infer:    boolLikeOperand, Verify: sameTypeOperands,
	VJP:   noGradient,
	Print: printCompare(intPredicateNames), Parse: parseCompare(intPredicateNames),
	Eval: func(op *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
		x, y := in[0].I, in[1].I
		switch IntPredicate(op.Int("predicate", 0)) {
		case EQ:
			return truth(x == y), nil
		case NE:
			return truth(x != y), nil
		case SLT:
			return truth(x < y), nil
		case SLE:
			return truth(x <= y), nil
		case SGT:
			return truth(x > y), nil
		case SGE:
			return truth(x >= y), nil
		case ULTI:
			return truth(uint64(x) < uint64(y)), nil
		case ULEI:
			return truth(uint64(x) <= uint64(y)), nil
		case UGTI:
			return truth(uint64(x) > uint64(y)), nil
		}
		return truth(uint64(x) >= uint64(y)), nil
	},
	CppFunc: func(op *ir.Op, a []string) string {
		spelling := []string{"==", "!=", "<", "<=", ">", ">=", "<", "<=", ">", ">="}
		p := IntPredicate(op.Int("predicate", 0))
		if p >= ULTI {
			return "(uint64_t)(" + a[0] + ") " + spelling[p] + " (uint64_t)(" + a[1] + ")"
		}
		return a[0] + " " + spelling[p] + " " + a[1]
	},
}

var selectDef = ir.OpDef{
	Name: OpSelect, Summary: "one of two values, by a condition", Cpp: "$0 ? $1 : $2",
	Example:  "%r = arith.select %cond, %x, %y : f32",
	Operands: ir.Params(ir.P("condition", boolLike), ir.P("true_value", ir.AnyType), ir.P("false_value", ir.AnyType)),
	Results:  ir.Params(ir.P("result", ir.AnyType)),
	Traits:   ir.Pure,
	Infer:    func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[1]) },
	Verify: func(op *ir.Op) error {
		t := op.Result(0).Type()
		for i := 1; i < 3; i++ {
			if got := op.Operand(i).Type(); got != t {
				return op.Errorf("operand %d has type %s, expected %s like the result", i, got, t)
			}
		}
		return nil
	},
	Eval: func(_ *ir.Op, in []ir.Scalar) (ir.Scalar, error) {
		if in[0].I != 0 {
			return in[1], nil
		}
		return in[2], nil
	},
	VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
		if !ir.IsFloat(d[0].Type()) {
			return make([]*ir.Value, 3)
		}
		zero := ConstantF(b, 0, d[0].Type())
		cond := op.Operand(0)
		return []*ir.Value{nil, Select(b, cond, d[0], zero), Select(b, cond, zero, d[0])}
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("arith.select ")
		p.Operands(op.Operands())
		p.AttrDict(op)
		p.Write(" : ")
		if c := op.Operand(0).Type(); c != ir.Type(ir.I1) {
			p.Write(c.String(), ", ")
		}
		p.Write(op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		pos := p.Pos()
		cond := ir.Type(ir.I1)
		t, err := p.ParseType()
		if err != nil {
			return err
		}
		if p.OptionalToken(",") {
			cond = t
			if t, err = p.ParseType(); err != nil {
				return err
			}
		}
		s.Results = []ir.Type{t}
		return p.ResolveAll(operands, []ir.Type{cond, t, t}, pos, s)
	},
}

func predicateAttr(names []string) []ir.AttrParam {
	return []ir.AttrParam{{Name: "predicate", Required: true, Doc: "which comparison, by MLIR's number", Kind: ir.AttrKind{
		Name: "a predicate number",
		Holds: func(a ir.Attr) bool {
			i, ok := a.(ir.IntegerAttr)
			return ok && i.Value >= 0 && i.Value < int64(len(names))
		},
	}}}
}

func printCompare(names []string) func(p *ir.Printer, op *ir.Op) {
	return func(p *ir.Printer, op *ir.Op) {
		pred := op.Int("predicate", -1)
		if pred < 0 || pred >= int64(len(names)) {
			pred = 0
		}
		p.Write(string(op.Name), " ", names[pred], ", ")
		p.Operands(op.Operands())
		PrintFastMath(p, op)
		p.AttrDict(op, "predicate", "fastmath")
		p.Write(" : ", op.Operand(0).Type().String())
	}
}

func parseCompare(names []string) func(p ir.AsmParser, s *ir.State) error {
	return func(p ir.AsmParser, s *ir.State) error {
		pos := p.Pos()
		word, err := p.AnyKeyword()
		if err != nil {
			return err
		}
		pred := slices.Index(names, word)
		if pred < 0 {
			return p.Errorf(pos, "unknown predicate %q, expected one of %v", word, names)
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "predicate", Attr: ir.I64Attr(int64(pred))})
		if err := p.ParseToken(","); err != nil {
			return err
		}
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := ParseFastMath(p, s); err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		pos = p.Pos()
		t, err := p.ParseType()
		if err != nil {
			return err
		}
		s.Results, err = boolLikeOperand(&ir.Inference{Operands: []ir.Type{t}})
		if err != nil {
			return err
		}
		return p.ResolveAll(operands, []ir.Type{t, t}, pos, s)
	}
}
