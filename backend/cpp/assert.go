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

// assertion is what an assertion says, with the lines of the graph it came from.
func assertion(op *ir.Op) string {
	if at := Places(op.Loc); at != "" {
		return at + ": " + cf.Message(op)
	}
	return cf.Message(op)
}

// mayFail reports whether f holds an assertion or calls a function that does.
func mayFail(m *ir.Module, f *ir.Op) bool {
	seen := map[*ir.Op]bool{}
	var visit func(f *ir.Op) bool
	visit = func(f *ir.Op) bool {
		if f == nil || seen[f] {
			return false
		}
		seen[f] = true
		found := false
		f.Walk(func(op *ir.Op) {
			if ref, ok := op.Attr("callee").(ir.SymbolRefAttr); ok && op.Name == funcs.OpCall {
				found = found || visit(m.Symbol(ref.Path))
			}
			found = found || op.Name == cf.OpAssert
		})
		return found
	}
	return visit(f)
}
