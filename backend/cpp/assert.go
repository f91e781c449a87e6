package cpp

import (
	"slices"

	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// Assertions lists what the assertions of m say, each text once. A function with an
// assertion, or that calls one, returns an int: CT_ERROR_DATA plus the place in this
// list of the first assertion that does not hold.
func Assertions(m *ir.Module) []string {
	var out []string
	m.Op.Walk(func(op *ir.Op) {
		if op.Name == cf.OpAssert {
			if text := assertion(op); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	})
	return out
}

// AssertionNumbers is the place in Assertions of each assertion of m.
func AssertionNumbers(m *ir.Module) map[*ir.Op]int {
	texts, out := Assertions(m), map[*ir.Op]int{}
	m.Op.Walk(func(op *ir.Op) {
		if op.Name == cf.OpAssert {
			out[op] = slices.Index(texts, assertion(op))
		}
	})
	return out
}

// assertion is what an assertion says, with the lines of the graph it came from.
func assertion(op *ir.Op) string {
	if at := Places(op.Loc); at != "" {
		return at + ": " + cf.Message(op)
	}
	return cf.Message(op)
}

// MayFail finds the functions of m that hold an assertion or call one that does.
func MayFail(m *ir.Module) map[*ir.Op]bool {
	fails := map[*ir.Op]bool{}
	seen := map[*ir.Op]bool{}
	var visit func(f *ir.Op) bool
	visit = func(f *ir.Op) bool {
		if f == nil || seen[f] {
			return fails[f]
		}
		seen[f] = true
		f.Walk(func(op *ir.Op) {
			switch op.Name {
			case funcs.OpCall:
				if ref, ok := op.Attr("callee").(ir.SymbolRefAttr); ok && visit(m.Symbol(ref.Path)) {
					fails[f] = true
				}
			case cf.OpAssert:
				fails[f] = true
			}
		})
		return fails[f]
	}
	for f := m.Body().First(); f != nil; f = f.Next() {
		visit(f)
	}
	return fails
}
