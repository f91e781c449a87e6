package engine

import (
	"github.com/cladopt/cladopt/clad/abi"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// markUnread marks the inputs that no backward sweep reads: those whose every use is as an operand of
// a kernel whose pullback makes nothing of it. Of plain loops Clad alone knows what it reads.
func markUnread(m *ir.Module, meta *abi.Meta) {
	if meta.Pipeline == gradPlain {
		return
	}
	sweep, derived := m.Symbol(passes.BackwardName), false
	if sweep == nil {
		sweep, derived = m.Symbol(passes.GraphName), true
	}
	for i := range meta.Inputs {
		meta.Inputs[i].Unread = !read(m, sweep.Body().Arg(i), derived)
	}
}

// read reports whether what v stands for may be read by a sweep of calls, or, where derived, by the pullbacks
// of what it calls.
func read(m *ir.Module, v *ir.Value, derived bool) bool {
	for _, use := range v.Uses() {
		call := use.Owner()
		if call.Name != funcs.OpCall {
			return true
		}
		callee := call.Attr("callee")
		if derived { // a pullback begins with the operands of its kernel
			if callee = call.Attr(passes.PullbackMark); callee == nil {
				continue
			}
		}
		ref, ok := callee.(ir.SymbolRefAttr)
		if !ok {
			return true
		}
		f := m.Symbol(ref.Path)
		if f == nil || f.Body() == nil || use.Index() >= len(f.Body().Args()) || !f.Body().Arg(use.Index()).Unused() {
			return true
		}
	}
	return false
}
