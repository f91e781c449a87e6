package llvm

import (
	"cmp"
	"fmt"
	"strings"

	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/abi"
)

// entries writes the four functions of the contract.
func (w *writer) entries() {
	w.entry("abi", types.I32)
	w.ret(constant.NewInt(types.I32, abi.Version))
	w.end()
	w.metaEntry()
	bytes := w.pointer(types.I8)
	table := w.pointer(bytes)

	in, out, ws := lir.NewParam("in", table), lir.NewParam("out", table), lir.NewParam("ws", bytes)
	w.entry("forward", types.I32, lir.NewParam("host", bytes), in, out, ws)
	w.acceptHost()
	w.sweep(cpp.ForwardEntry(w.m), map[cpp.Table]value.Value{cpp.Inputs: in, cpp.Outputs: out}, nil, ws)

	in, out, ws = lir.NewParam("in", table), lir.NewParam("out", table), lir.NewParam("ws", bytes)
	gradOut, gradIn := lir.NewParam("grad_out", table), lir.NewParam("grad_in", table)
	w.entry("backward", types.I32, lir.NewParam("host", bytes), in, out, gradOut, gradIn, ws)
	w.acceptHost()
	b, ok := cpp.BackwardEntry(w.m)
	if !ok {
		w.ret(constant.NewInt(types.I32, abi.ErrorGradient))
		w.end()
		return
	}
	tables := map[cpp.Table]value.Value{cpp.Inputs: in, cpp.Outputs: out, cpp.Adjoints: gradOut, cpp.Gradients: gradIn}
	w.sweep(b, tables, w.standIns(b, gradOut, ws), ws)
}

// entry starts a function that callers see.
func (w *writer) entry(what string, result types.Type, params ...*lir.Param) {
	f := lir.NewFunc(cmp.Or(w.options.Name, "ct")+"_"+what, result, params...)
	f.FuncAttrs = []lir.FuncAttribute{w.own}
	w.out.Funcs = append(w.out.Funcs, f)
	w.begin(f)
}

// metaEntry writes ct_meta, whose text ends in a zero.
func (w *writer) metaEntry() {
	text := w.out.NewGlobalDef("meta", constant.NewCharArrayFromString(w.options.Meta+"\x00"))
	text.Linkage = enum.LinkagePrivate
	text.UnnamedAddr = enum.UnnamedAddrUnnamedAddr
	text.Immutable = true
	text.Align = 1
	w.entry("meta", w.pointer(types.I8))
	if w.usesOpaque() {
		w.ret(named{opaque{}, text.Ident()})
	} else {
		zero := i64(0)
		first := constant.NewGetElementPtr(text.ContentType, text, zero, zero)
		first.InBounds = true
		w.ret(first)
	}
	w.end()
}

// contractNames are the names of the contract for entry points that have others.
func (w *writer) contractNames() string {
	if w.options.Name == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n; The names of the contract.\n")
	for _, f := range w.out.Funcs {
		what, ok := strings.CutPrefix(f.Name(), w.options.Name+"_")
		if !ok || f.Linkage != enum.LinkageNone {
			continue
		}
		fmt.Fprintf(&b, "@ct_%s = weak alias %s, %s\n", what, f.Sig, named{w.pointer(f.Sig), f.Ident()})
	}
	return b.String()
}

// acceptHost begins an entry point: no host, or one of this version.
func (w *writer) acceptHost() {
	given, accepted := w.newBlock("given"), w.newBlock("accepted")
	w.fork(w.isNull(w.fn.Params[0]), accepted, given)
	w.enter(given)
	version := w.load(types.I32, w.cast(w.fn.Params[0], types.I32))
	refused := w.newBlock("refused")
	w.fork(w.emit(lir.NewICmp(enum.IPredEQ, version, constant.NewInt(types.I32, abi.Version))), accepted, refused)
	w.enter(refused)
	w.ret(constant.NewInt(types.I32, abi.ErrorHost))
	w.enter(accepted)
}

// standIns are the memory that stands for what the caller leaves out: zeros for adjoints,
// cleared if any is left out, and for gradients memory that nobody reads.
func (w *writer) standIns(b cpp.Entry, gradOut, ws value.Value) map[cpp.Table]value.Value {
	l := w.options.Layout
	out := map[cpp.Table]value.Value{cpp.Adjoints: ws, cpp.Gradients: ws}
	if l.Sink > 0 {
		out[cpp.Gradients] = w.offset(types.I8, ws, i64(l.Planned+l.Zeros))
	}
	if l.Zeros == 0 {
		return out
	}
	zeros := w.offset(types.I8, ws, i64(l.Planned))
	out[cpp.Adjoints] = zeros
	var missing value.Value
	for _, s := range b.Slots {
		if s.Table == cpp.Adjoints {
			m := w.isNull(w.loadPointer(w.offset(w.pointer(types.I8), gradOut, i64(s.Index))))
			if missing == nil {
				missing = m
			} else {
				missing = w.emit(lir.NewOr(missing, m))
			}
		}
	}
	if missing == nil {
		return out
	}
	clears, cleared := w.newBlock("clear"), w.newBlock("cleared")
	w.fork(missing, clears, cleared)
	w.enter(clears)
	name := "llvm.memset.p0i8.i64"
	if w.usesOpaque() {
		name = "llvm.memset.p0.i64"
	}
	immediate := lir.NewParam("", types.I1)
	immediate.Attrs = []lir.ParamAttribute{enum.ParamAttrImmArg}
	memset := w.external(name, types.Void, lir.NewParam("", w.pointer(types.I8)), lir.NewParam("", types.I8), lir.NewParam("", types.I64), immediate)
	w.call(memset, zeros, constant.NewInt(types.I8, 0), i64(l.Zeros), constant.False)
	w.jump(cleared)
	w.enter(cleared)
	return out
}

// sweep calls what e says with the pointers that are in the tables, and returns how it went.
func (w *writer) sweep(e cpp.Entry, tables, standIns map[cpp.Table]value.Value, ws value.Value) {
	f := w.functions[e.Sweep]
	var args []value.Value
	for _, s := range e.Slots {
		p := w.loadPointer(w.offset(w.pointer(types.I8), tables[s.Table], i64(s.Index)))
		if other := standIns[s.Table]; other != nil {
			p = w.emit(lir.NewSelect(w.isNull(p), other, p))
		}
		args = append(args, w.castTo(p, f.Params[len(args)].Typ))
	}
	args = append(args, ws)
	result := w.call(f, args...)
	if result == nil {
		result = constant.NewInt(types.I32, 0)
	}
	w.ret(result)
	w.end()
}
