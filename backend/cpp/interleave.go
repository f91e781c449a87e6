package cpp

import (
	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// Compilers interleave the turns of short loops only. In a long body each operation waits for
// the one before, and the next turn is further away than processors look ahead: several turns
// at once fill the waiting.

const (
	// elementaryCost is about how many instructions an elementary function is.
	elementaryCost = 25
	// longBody is how many instructions a turn has at least for that; processors overlap turns
	// of fewer by themselves.
	longBody = elementaryCost
	// vectorTurns is how many turns the longest vectors make one: the others are left over.
	vectorTurns = 16
	maxTogether = 4
)

// Together is how many turns of vectors of a loop of m to compute at once, 0 if the compiler may choose.
func Together(m *ir.Module, loop *ir.Op) int64 {
	cost, ok := turnCost(m, loop.Body())
	if !ok || cost < longBody {
		return 0
	}
	n := int64(maxTogether)
	if turns, known := constantTurns(loop); known {
		for n > 1 && turns < n*n*vectorTurns { // what is left over has to be little
			n /= 2
		}
	}
	if n < 2 {
		return 0
	}
	return n
}

// constantTurns is how often the body of a loop runs, if its bounds are constants.
func constantTurns(loop *ir.Op) (int64, bool) {
	var bounds [3]int64
	for i := range bounds {
		c, ok := arith.ConstantValue(loop.Operand(i))
		if !ok {
			return 0, false
		}
		bounds[i] = c.I
	}
	if bounds[2] <= 0 {
		return 0, false
	}
	return max(0, (bounds[1]-bounds[0]+bounds[2]-1)/bounds[2]), true
}

// turnCost estimates the instructions of a body; not ok if compilers make no vectors of it.
func turnCost(m *ir.Module, body *ir.Block) (cost int64, ok bool) {
	for op := body.First(); op != nil; op = op.Next() {
		each := int64(1)
		switch function := functionForClad(op); {
		case op.Name == funcs.OpCall:
			ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
			callee := m.Symbol(ref.Path)
			if callee == nil || callee.Body() == nil {
				return 0, false
			}
			if each, ok = turnCost(m, callee.Body()); !ok {
				return 0, false
			}
		case op.NumRegions() > 0:
			return 0, false
		case isElementary(function):
			each = elementaryCost
		case function != "" && !instructions[function]:
			return 0, false
		}
		cost += each
	}
	return cost, true
}

// instructions are the functions of namespace ct that are few instructions.
var instructions = map[string]bool{"abs": true, "ceil": true, "floor": true, "trunc": true, "roundeven": true, "sqrt": true, "rsqrt": true, "max": true, "min": true, "quotient": true}

// isElementary reports whether a function of namespace ct is written for vectorisation.
func isElementary(name string) bool {
	f, err := elementary.Open("elementary/" + name + ".inc")
	if err == nil {
		f.Close()
	}
	return err == nil
}
