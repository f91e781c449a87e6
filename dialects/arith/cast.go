package arith

import (
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// The casts.
const (
	OpExtF      ir.OpName = "arith.extf"
	OpTruncF    ir.OpName = "arith.truncf"
	OpSIToFP    ir.OpName = "arith.sitofp"
	OpUIToFP    ir.OpName = "arith.uitofp"
	OpFPToSI    ir.OpName = "arith.fptosi"
	OpExtSI     ir.OpName = "arith.extsi"
	OpExtUI     ir.OpName = "arith.extui"
	OpTruncI    ir.OpName = "arith.trunci"
	OpIndexCast ir.OpName = "arith.index_cast"
	OpBitcast   ir.OpName = "arith.bitcast"
)

// Cast converts a number to type t as C++ does, with two exceptions of ATen's: to
// boolean is "not zero", and from boolean is 0 or 1.
func Cast(b *ir.Builder, x *ir.Value, t ir.Type) *ir.Value {
	from := x.Type()
	cast := func(name ir.OpName, v *ir.Value, to ir.Type) *ir.Value {
		return b.Insert(ir.State{Name: name, Operands: []*ir.Value{v}, Results: []ir.Type{to}}).Result(0)
	}
	switch {
	case from == t:
		return x
	case t == ir.Type(ir.I1) && ir.IsFloat(from):
		return CmpF(b, UNE, x, ConstantF(b, 0, from))
	case t == ir.Type(ir.I1):
		return CmpI(b, NE, x, ConstantI(b, 0, from))
	case from == ir.Type(ir.Index) || t == ir.Type(ir.Index):
		switch {
		case ir.IsFloat(from):
			return Cast(b, Cast(b, x, ir.I64), t)
		case ir.IsFloat(t):
			return Cast(b, Cast(b, x, ir.I64), t)
		case from == ir.Type(ir.I1):
			return Cast(b, Cast(b, x, ir.I64), t)
		}
		return cast(OpIndexCast, x, t)
	case ir.IsFloat(from) && ir.IsFloat(t):
		if ir.ByteSize(from) < ir.ByteSize(t) {
			return cast(OpExtF, x, t)
		}
		return cast(OpTruncF, x, t)
	case ir.IsFloat(from):
		return cast(OpFPToSI, x, t)
	case ir.IsFloat(t) && from == ir.Type(ir.I1):
		return cast(OpUIToFP, x, t)
	case ir.IsFloat(t):
		return cast(OpSIToFP, x, t)
	case from == ir.Type(ir.I1):
		return cast(OpExtUI, x, t)
	case ir.ByteSize(from) < ir.ByteSize(t):
		return cast(OpExtSI, x, t)
	}
	return cast(OpTruncI, x, t)
}

func castDefs() []*ir.OpDef {
	type row struct {
		name     ir.OpName
		summary  string
		example  string
		from, to ir.Constraint
		eval     func(v ir.Scalar, from ir.Type) (ir.Scalar, error)
	}
	keep := func(v ir.Scalar, _ ir.Type) (ir.Scalar, error) { return v, nil }
	signExtend := func(v ir.Scalar, from ir.Type) (ir.Scalar, error) { return ir.Scalar{I: signed(v.I, from)}, nil }
	toFloat := func(v ir.Scalar, from ir.Type) (ir.Scalar, error) {
		return ir.Scalar{F: float64(signed(v.I, from))}, nil
	}
	rows := []row{
		{OpExtF, "a float as a wider float", "f32 to f64", floatLike, floatLike, keep},
		{OpTruncF, "a float rounded to a narrower float", "f64 to f32", floatLike, floatLike, keep},
		{OpSIToFP, "a signed integer as a float", "i64 to f32", intLike, floatLike, toFloat},
		{OpUIToFP, "an unsigned integer as a float", "i1 to f32", intLike, floatLike,
			func(v ir.Scalar, from ir.Type) (ir.Scalar, error) {
				return ir.Scalar{F: float64(unsigned(v.I, from))}, nil
			}},
		{OpFPToSI, "a float as a signed integer, rounded towards zero", "f32 to i64", floatLike, intLike,
			func(v ir.Scalar, _ ir.Type) (ir.Scalar, error) {
				if math.IsNaN(v.F) || v.F >= 1<<63 || v.F < -(1<<63) {
					return ir.Scalar{}, fmt.Errorf("%v has no value as a signed integer", v.F)
				}
				return ir.Scalar{I: int64(v.F)}, nil
			}},
		{OpExtSI, "a signed integer as a wider one", "i32 to i64", intLike, intLike, signExtend},
		{OpExtUI, "an unsigned integer as a wider one", "i1 to i64", intLike, intLike,
			func(v ir.Scalar, from ir.Type) (ir.Scalar, error) {
				return ir.Scalar{I: int64(unsigned(v.I, from))}, nil
			}},
		{OpTruncI, "the low bits of an integer", "i64 to i32", intLike, intLike, keep},
		{OpIndexCast, "an integer as an index or back", "i64 to index", intLike, intLike, keep},
	}
	var ops []*ir.OpDef
	for _, r := range rows {
		ops = append(ops, &ir.OpDef{
			Name: r.name, Summary: r.summary,
			Example:  "%r = " + string(r.name) + " %x : " + r.example,
			Operands: ir.Params(ir.P("in", r.from)),
			Results:  ir.Params(ir.P("out", r.to)),
			Traits:   ir.Pure,
			Print:    printCast, Parse: parseCast,
			Eval: func(op *ir.Op, in []ir.Scalar) (ir.Scalar, error) { return r.eval(in[0], op.Operand(0).Type()) },
			VJP: func(b *ir.Builder, op *ir.Op, d []*ir.Value) []*ir.Value {
				from := op.Operand(0).Type()
				if !ir.IsFloat(from) || !ir.IsFloat(d[0].Type()) {
					return []*ir.Value{nil}
				}
				return []*ir.Value{Cast(b, d[0], from)}
			},
			CppFunc: func(op *ir.Op, a []string) string {
				if (op.Name == OpExtSI || op.Name == OpSIToFP) && ir.IsBool(op.Operand(0).Type()) {
					return "-(" + CppType(op.Result(0).Type()) + ")(" + a[0] + ")" // true is -1
				}
				return "(" + CppType(op.Result(0).Type()) + ")(" + a[0] + ")"
			},
		})
	}
	return append(ops, bitcastDef())
}

// signed is v as a signed number of the width of t: the one bit of i1 is its sign.
func signed(v int64, t ir.Type) int64 {
	if ir.IsBool(t) {
		return -(v & 1)
	}
	return v
}

// unsigned is the bits of v as an unsigned number of the width of t.
func unsigned(v int64, t ir.Type) uint64 {
	if i, ok := t.(*ir.IntegerType); ok && i.Bits() < 64 {
		return uint64(v) & (1<<i.Bits() - 1)
	}
	return uint64(v)
}

// CppType is the C++ type of a scalar type.
func CppType(t ir.Type) string {
	switch t {
	case ir.Type(ir.F32):
		return "float"
	case ir.Type(ir.F64):
		return "double"
	case ir.Type(ir.I1):
		return "bool"
	case ir.Type(ir.Index):
		return "int64_t"
	}
	if i, ok := t.(*ir.IntegerType); ok {
		return fmt.Sprintf("int%d_t", i.Bits())
	}
	return t.String()
}

func printCast(p *ir.Printer, op *ir.Op) {
	p.Write(string(op.Name), " ")
	p.Operands(op.Operands())
	p.AttrDict(op)
	p.Write(" : ", op.Operand(0).Type().String(), " to ", op.Result(0).Type().String())
}

func parseCast(p ir.AsmParser, s *ir.State) error {
	operand, err := p.ParseOperand()
	if err != nil {
		return err
	}
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	if err := p.ParseToken(":"); err != nil {
		return err
	}
	from, err := p.ParseType()
	if err != nil {
		return err
	}
	if err := p.ParseKeyword("to"); err != nil {
		return err
	}
	to, err := p.ParseType()
	if err != nil {
		return err
	}
	v, err := p.Resolve(operand, from)
	if err != nil {
		return err
	}
	s.Operands, s.Results = []*ir.Value{v}, []ir.Type{to}
	return nil
}
