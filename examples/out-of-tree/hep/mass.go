package hep

import (
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
)

// Masses.
const (
	OpMassSquared ir.OpName = "hep.mass_squared"
	OpMass        ir.OpName = "hep.mass"
)

// MassSquared appends E² - px² - py² - pz² of each four-vector.
func MassSquared(b *ir.Builder, p *ir.Value) *ir.Value { return b.Emit(OpMassSquared, p) }

// Mass appends the mass of each four-vector.
func Mass(b *ir.Builder, p *ir.Value) *ir.Value { return b.Emit(OpMass, p) }

func massSquared() *ir.OpDef {
	return &ir.OpDef{
		Name:        OpMassSquared,
		Summary:     "squared invariant mass of four-vectors",
		Description: "E² - (px² + py² + pz²).",
		Example:     "%out = hep.mass_squared %p : (tensor<8x4xf32>) -> tensor<8xf32>",
		Torch:       []string{"hep::mass_squared(Tensor p) -> Tensor"},
		Operands:    ir.Params(ir.P("p", floatTensor)),
		Results:     ir.Params(ir.P("out", floatTensor)),
		Traits:      ir.Pure,
		Infer:       inferInvariant,
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			p := op.Operand(0)
			last := int64(len(ir.ShapeOf(p.Type())) - 1)
			squares := func(from, to int64) *ir.Value {
				part := aten.Slice(b, p, last, from, to, 1)
				return aten.Sum(b, aten.Mul(b, part, part), []int64{last}, false)
			}
			return []*ir.Value{aten.Sub(b, squares(3, 4), squares(0, 3))}
		},
	}
}

func mass() *ir.OpDef {
	return &ir.OpDef{
		Name:        OpMass,
		Summary:     "invariant mass of four-vectors",
		Description: "The root of the squared mass; where that is negative, minus the root of its absolute value, as ROOT's M().",
		Example:     "%out = hep.mass %p : (tensor<8x4xf32>) -> tensor<8xf32>",
		Torch:       []string{"hep::mass(Tensor p) -> Tensor"},
		Operands:    ir.Params(ir.P("p", floatTensor)),
		Results:     ir.Params(ir.P("out", floatTensor)),
		Traits:      ir.Pure,
		Infer:       inferInvariant,
		Decompose: func(b *ir.Builder, op *ir.Op) []*ir.Value {
			m2 := MassSquared(b, op.Operand(0))
			return []*ir.Value{aten.Mul(b, aten.Sign(b, m2), aten.Sqrt(b, aten.Abs(b, m2)))}
		},
	}
}
