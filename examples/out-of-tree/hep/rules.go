package hep

import (
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir/rewrite"
)

// Rules are laws of the ops, for canonicalize. Each holds bit for bit: squares do not see a
// sign, and rounding to the nearest is odd.
func Rules() []rewrite.Rule {
	x, y := rewrite.Var("x"), rewrite.Var("y")
	op := rewrite.Op
	return []rewrite.Rule{
		{Law: "mass(-p) => mass(p)", From: op(OpMass, op(aten.OpNeg, x)), To: op(OpMass, x)},
		{Law: "mass_squared(-p) => mass_squared(p)", From: op(OpMassSquared, op(aten.OpNeg, x)), To: op(OpMassSquared, x)},
		{Law: "delta_phi(-x, -y) => -delta_phi(x, y)", From: op(OpDeltaPhi, op(aten.OpNeg, x), op(aten.OpNeg, y)),
			To: op(aten.OpNeg, op(OpDeltaPhi, x, y))},
	}
}
