package arith

import (
	"fmt"
	"math"
	"strconv"

	"github.com/cladopt/cladopt/ir"
)

// OpConstant names the constant.
const OpConstant ir.OpName = "arith.constant"

// ConstantF is a constant of float type t.
func ConstantF(b *ir.Builder, v float64, t ir.Type) *ir.Value {
	return Constant(b, ir.FloatAttr{Value: v, Type: t})
}

// ConstantI is a constant of integer, boolean or index type t.
func ConstantI(b *ir.Builder, v int64, t ir.Type) *ir.Value {
	return Constant(b, ir.IntegerAttr{Value: v, Type: t})
}

// ConstantOf is a constant of number type t: v.F if t is a float, else v.I.
func ConstantOf(b *ir.Builder, v ir.Scalar, t ir.Type) *ir.Value {
	if ir.IsFloat(t) {
		return ConstantF(b, v.F, t)
	}
	return ConstantI(b, v.I, t)
}

// Constant is the value of a typed attribute.
func Constant(b *ir.Builder, value ir.Attr) *ir.Value {
	return b.Create(OpConstant, nil, ir.NamedAttr{Name: "value", Attr: value}).Result(0)
}

// ConstantValue is the number that a scalar arith.constant defines; false if v is
// something else.
func ConstantValue(v *ir.Value) (ir.Scalar, bool) {
	if v.Def() == nil || v.Def().Name != OpConstant {
		return ir.Scalar{}, false
	}
	switch a := v.Def().Attr("value").(type) {
	case ir.FloatAttr:
		return ir.Scalar{F: a.Value}, true
	case ir.IntegerAttr:
		return ir.Scalar{I: a.Value}, true
	}
	return ir.Scalar{}, false
}

func attrType(a ir.Attr) ir.Type {
	switch a := a.(type) {
	case ir.FloatAttr:
		return a.Type
	case ir.IntegerAttr:
		return a.Type
	case *ir.DenseAttr:
		return a.Type
	}
	return nil
}

var constantDef = ir.OpDef{
	Name:    OpConstant,
	Summary: "a compile-time constant",
	Example: "%c = arith.constant 1.0 : f32",
	Results: ir.Params(ir.P("result", ir.AnyType)),
	Attrs: []ir.AttrParam{{Name: "value", Required: true, Doc: "the number or dense constant", Kind: ir.AttrKind{
		Name: "a typed number or dense constant", Holds: func(a ir.Attr) bool { return attrType(a) != nil },
	}}},
	Traits: ir.Pure | ir.ConstantLike,
	Infer: func(in *ir.Inference) ([]ir.Type, error) {
		if t := attrType(in.Attrs.Get("value")); t != nil {
			return ir.Single(t)
		}
		return nil, fmt.Errorf("attribute \"value\" is missing or has no type")
	},
	Eval: func(op *ir.Op, _ []ir.Scalar) (ir.Scalar, error) {
		if v, ok := ConstantValue(op.Result(0)); ok {
			return v, nil
		}
		return ir.Scalar{}, fmt.Errorf("constant %s is not a scalar", op.Attr("value"))
	},
	VJP: func(*ir.Builder, *ir.Op, []*ir.Value) []*ir.Value { return nil },
	CppFunc: func(op *ir.Op, _ []string) string {
		v, _ := ConstantValue(op.Result(0))
		return Literal(v, op.Result(0).Type())
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("arith.constant")
		p.AttrDict(op, "value")
		p.Write(" ")
		if a := op.Attr("value"); a != nil {
			p.Write(a.String())
		}
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		pos := p.Pos()
		a, err := p.ParseAttr()
		if err != nil {
			return err
		}
		t := attrType(a)
		if t == nil {
			return p.Errorf(pos, "arith.constant: got %s, expected a typed number or dense constant", a)
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "value", Attr: a})
		s.Results = []ir.Type{t}
		return nil
	},
}

// Literal is a number as a C++ literal of the type: exact, with infinities and NaN
// through compiler builtins so that no header is needed.
func Literal(v ir.Scalar, t ir.Type) string {
	f, isFloat := t.(*ir.FloatType)
	switch {
	case ir.IsBool(t):
		return strconv.FormatBool(v.I != 0)
	case !isFloat && v.I == math.MinInt64:
		return "(-9223372036854775807LL - 1)" // the literal alone would overflow before the sign
	case !isFloat && (v.I > math.MaxInt32 || v.I < math.MinInt32):
		return strconv.FormatInt(v.I, 10) + "LL"
	case !isFloat:
		return strconv.FormatInt(v.I, 10)
	}
	suffix, builtin, bits := "", "", 64
	if f.Bits() == 32 {
		suffix, builtin, bits = "f", "f", 32
	}
	switch {
	case math.IsNaN(v.F):
		return "__builtin_nan" + builtin + `("")`
	case math.IsInf(v.F, 1):
		return "__builtin_inf" + builtin + "()"
	case math.IsInf(v.F, -1):
		return "-__builtin_inf" + builtin + "()"
	}
	text := strconv.FormatFloat(v.F, 'g', -1, bits)
	hasPoint := false
	for _, c := range text {
		hasPoint = hasPoint || c == '.' || c == 'e'
	}
	if !hasPoint {
		text += ".0"
	}
	return text + suffix
}
