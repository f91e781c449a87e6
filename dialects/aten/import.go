package aten

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/ir"
)

// What Import entries share: reading arguments and ATen's promotion.

// try makes an op from foreign input, whose shapes and types may be wrong.
func try(c *ir.ImportCall, name ir.OpName, operands []*ir.Value, attrs ...ir.NamedAttr) ([]*ir.Value, error) {
	op, err := c.Try(ir.State{Name: name, Operands: operands, Attrs: present(attrs)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return op.Results(), nil
}

// present drops attributes without a value.
func present(attrs []ir.NamedAttr) []ir.NamedAttr {
	var out []ir.NamedAttr
	for _, a := range attrs {
		if a.Attr != nil {
			out = append(out, a)
		}
	}
	return out
}

// one is the only result of the op that try makes.
func one(c *ir.ImportCall, name ir.OpName, operands []*ir.Value, attrs ...ir.NamedAttr) (*ir.Value, error) {
	results, err := try(c, name, operands, attrs...)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// single wraps the one value of an import.
func single(v *ir.Value, err error) ([]*ir.Value, error) {
	if err != nil {
		return nil, err
	}
	return []*ir.Value{v}, nil
}

// tensorArg is a tensor argument that must be given.
func tensorArg(c *ir.ImportCall, name string) (*ir.Value, error) {
	v := c.Args[name].Value
	if v == nil {
		return nil, fmt.Errorf("argument %q is not a tensor", name)
	}
	if _, ok := v.Type().(*ir.TensorType); !ok {
		return nil, fmt.Errorf("argument %q is not a tensor", name)
	}
	return v, nil
}

// intArg is an integer argument, or def where it is None.
func intArg(c *ir.ImportCall, name string, def int64) int64 {
	if a, ok := c.Args[name].Attr.(ir.IntegerAttr); ok {
		return a.Value
	}
	return def
}

// boolArg is a boolean argument, or def where it is None.
func boolArg(c *ir.ImportCall, name string, def bool) bool {
	if a, ok := c.Args[name].Attr.(ir.IntegerAttr); ok {
		return a.Value != 0
	}
	return def
}

// numberArg is a number as a float, or def where it is None.
func numberArg(c *ir.ImportCall, name string, def float64) float64 {
	switch a := c.Args[name].Attr.(type) {
	case ir.IntegerAttr:
		return float64(a.Value)
	case ir.FloatAttr:
		return a.Value
	}
	return def
}

// intsArg is a list of integers, or one integer; nil where it is None.
func intsArg(c *ir.ImportCall, name string) []int64 {
	switch a := c.Args[name].Attr.(type) {
	case ir.IntegerAttr:
		return []int64{a.Value}
	case *ir.DenseArrayAttr:
		return a.Ints()
	}
	return nil
}

// scalarTypes are the element types by ATen's number for them; nil is unsupported.
var scalarTypes = map[int64]ir.Type{1: ir.I8, 2: ir.I16, 3: ir.I32, 4: ir.I64, 6: ir.F32, 7: ir.F64, 11: ir.I1}

// otherScalarTypes are ATen's names of the rest.
var otherScalarTypes = map[int64]string{
	0: "Byte", 5: "Half", 8: "ComplexHalf", 9: "ComplexFloat", 10: "ComplexDouble", 12: "QInt8", 13: "QUInt8", 14: "QInt32", 15: "BFloat16",
}

// dtypeArg is the element type that an argument names, by a type or by ATen's
// number; nil where it is None.
func dtypeArg(c *ir.ImportCall, name string) (ir.Type, error) {
	switch a := c.Args[name].Attr.(type) {
	case nil:
		return nil, nil
	case ir.TypeAttr:
		if SupportedElem(a.Type) {
			return a.Type, nil
		}
		return nil, fmt.Errorf("dtype %s is not supported", a.Type)
	case ir.IntegerAttr:
		if t := scalarTypes[a.Value]; t != nil {
			return t, nil
		}
		name := otherScalarTypes[a.Value]
		if name == "" {
			name = strconv.FormatInt(a.Value, 10)
		}
		return nil, fmt.Errorf("dtype %s is not supported; supported are Float, Double, Long, Int, Short, Char and Bool", name)
	default:
		return nil, fmt.Errorf("%s is not a dtype", a)
	}
}

// typeAttrOf wraps an element type, nil for none.
func typeAttrOf(t ir.Type) ir.Attr {
	if t == nil {
		return nil
	}
	return ir.TypeAttr{Type: t}
}

// onCPU refuses a device other than the processor.
func onCPU(c *ir.ImportCall) error {
	if s, ok := c.Args["device"].Attr.(ir.StringAttr); ok && s != "cpu" {
		return fmt.Errorf("device %q is not supported", string(s))
	}
	return nil
}

// promotedPair reads two arguments, tensors or numbers, and converts them to the
// type that ATen computes in.
func promotedPair(c *ir.ImportCall, first, second string) (x, y *ir.Value, err error) {
	a, b := c.Args[first], c.Args[second]
	t := resultType(a, b)
	if t == nil {
		return nil, nil, fmt.Errorf("arguments %q and %q are not numbers or tensors", first, second)
	}
	return asTensor(c.Builder, a, t), asTensor(c.Builder, b, t), nil
}

// asTensor is an argument as a tensor of element type t, a number as one of rank 0.
func asTensor(b *ir.Builder, a ir.ImportArg, t ir.Type) *ir.Value {
	if a.Value == nil {
		return Full(b, scalarAs(a.Attr, t), nil, t)
	}
	return To(b, a.Value, t)
}

// resultType is ATen's result_type: the types of tensors with dimensions come first,
// then those of rank 0, then those of numbers; a later one counts only if it is of a
// higher category. Nil if an argument is neither tensor nor number.
func resultType(args ...ir.ImportArg) ir.Type {
	var ranks [3]ir.Type // tensors, tensors of rank 0, numbers
	for _, a := range args {
		var t ir.Type
		class := 2
		switch {
		case a.Value != nil:
			t, class = elemOf(a.Value), 0
			if len(shapeOf(a.Value)) == 0 {
				class = 1
			}
		default:
			switch n := a.Attr.(type) {
			case ir.FloatAttr:
				t = ir.F32
			case ir.IntegerAttr:
				t = ir.I64
				if n.Type == ir.Type(ir.I1) {
					t = ir.I1
				}
			default:
				return nil
			}
		}
		ranks[class] = promote(ranks[class], t)
	}
	combine := func(high, low ir.Type) ir.Type {
		switch {
		case high == nil:
			return low
		case low == nil || ir.IsFloat(high):
			return high
		case ir.IsBool(high) || ir.IsFloat(low):
			return promote(high, low)
		}
		return high
	}
	return combine(combine(ranks[0], ranks[1]), ranks[2])
}

// promote is the smallest type that holds both; nil counts as none.
func promote(a, b ir.Type) ir.Type {
	switch {
	case a == nil:
		return b
	case b == nil || a == b:
		return a
	case ir.IsFloat(a) != ir.IsFloat(b):
		if ir.IsFloat(a) {
			return a
		}
		return b
	case ir.IsBool(a):
		return b
	case ir.IsBool(b), ir.ByteSize(a) >= ir.ByteSize(b):
		return a
	}
	return b
}

// refused is an error about a graph that is well-formed and cannot be compiled.
func refused(reason string) error {
	return &diag.Error{Code: diag.Unsupported, Message: reason}
}

var errNoDType = errors.New("attribute \"dtype\" is missing or not an element type")
