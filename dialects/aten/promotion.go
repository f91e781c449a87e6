package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// Promote brings the arguments of one op, tensors or numbers, to the element type
// that ATen computes in; numbers become constants of rank 0.
func Promote(b *ir.Builder, args []ir.ImportArg) ([]*ir.Value, error) {
	t := resultType(args...)
	if t == nil {
		return nil, fmt.Errorf("an argument is neither a tensor nor a number")
	}
	out := make([]*ir.Value, len(args))
	for i, a := range args {
		out[i] = asTensor(b, a, t)
	}
	return out, nil
}

// InDouble is an argument, a tensor or a number, as a tensor of f64.
func InDouble(b *ir.Builder, a ir.ImportArg) *ir.Value { return asTensor(b, a, ir.F64) }

// ScalarType is the element type of ATen's number for it, nil if it is not supported.
func ScalarType(n int64) ir.Type { return scalarTypes[n] }

// TakesBooleansOnly reports whether a parameter is a mask or condition.
func TakesBooleansOnly(c ir.Constraint) bool { return c.Name == boolTensor.Name }

// TakesIndices reports whether a parameter is indices into another tensor.
func TakesIndices(c ir.Constraint) bool { return c.Name == indexTensor.Name }
