package hep

import (
	"fmt"
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// OpDeltaPhi names the difference of two azimuthal angles.
const OpDeltaPhi ir.OpName = "hep.delta_phi"

// DeltaPhi appends x - y brought to -pi to pi.
func DeltaPhi(b *ir.Builder, x, y *ir.Value) *ir.Value { return b.Emit(OpDeltaPhi, x, y) }

func deltaPhi() *ir.OpDef {
	return &ir.OpDef{
		Name:        OpDeltaPhi,
		Summary:     "difference of azimuthal angles, from -pi to pi",
		Description: "x - y less the nearest multiple of 2 pi. The derivative is that of x - y.",
		Example:     "%out = hep.delta_phi %x, %y : (tensor<8x1xf32>, tensor<5xf32>) -> tensor<8x5xf32>",
		Torch:       []string{"hep::delta_phi(Tensor x, Tensor y) -> Tensor"},
		Operands:    ir.Params(ir.P("x", floatTensor), ir.P("y", floatTensor)),
		Results:     ir.Params(ir.P("out", floatTensor)),
		Traits:      ir.Pure | ir.Elementwise,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if in.Elem(0) != in.Elem(1) {
				return nil, fmt.Errorf("element types differ: got %s and %s", in.Elem(0), in.Elem(1))
			}
			shape, err := in.Broadcast(in.Shape(0), in.Shape(1))
			if err != nil {
				return nil, err
			}
			return ir.Single(ir.Tensor(shape, in.Elem(0)))
		},
		Scalar: func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
			turn := arith.ConstantF(b, 2*gomath.Pi, args[0].Type())
			d := arith.SubF(b, args[0], args[1])
			turns := math.Unary(b, math.OpRound, arith.DivF(b, d, turn))
			return []*ir.Value{arith.SubF(b, d, arith.MulF(b, turns, turn))}
		},
	}
}
