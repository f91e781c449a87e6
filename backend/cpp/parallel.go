package cpp

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Loops marked scf.ParallelMark that make enough work run on the threads that the host
// lends. Such a loop becomes a function of its own that runs some of its turns: what a
// lambda captured would not be __restrict, and loops over it not vectorised.

// grainWork is how many scalar operations a task makes at least.
const grainWork = 1 << 15

// A part is a loop as a function of its first turn and the one after its last.
type part struct {
	name         string
	turns, grain int64
	args         []*ir.Value // of the kernel, after those two
}

var partName = regexp.MustCompile(`^(\w+)_part\d+$`)

// KernelOf is the kernel that the emitted function of that name belongs to: itself, or
// the one whose loop it runs turns of.
func KernelOf(name string) string {
	if m := partName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}

// writeParts writes the functions for the loops of kernel f that the host's threads run.
func (w *writer) writeParts(f *ir.Op) error {
	w.parts = map[*ir.Op]*part{}
	if w.fails[f] {
		return nil // a failure has to leave the kernel
	}
	for op := f.Body().First(); op != nil; op = op.Next() {
		turns, grain := sharedTurns(op)
		if grain == 0 {
			continue
		}
		p := &part{name: fmt.Sprintf("%s_part%d", FunctionName(f), len(w.parts)), turns: turns, grain: grain}
		if err := w.writePart(f, op, p); err != nil {
			return err
		}
		w.parts[op] = p
	}
	return nil
}

// sharedTurns is how many turns a loop has and how many make a task; no grain if the
// loop is not to be shared.
func sharedTurns(op *ir.Op) (turns, grain int64) {
	work := op.Int(scf.ParallelMark, 0)
	if op.Name != scf.OpFor || op.NumResults() > 0 || work <= 0 {
		return 0, 0
	}
	var bounds [3]int64
	for i := range bounds {
		c, ok := arith.ConstantValue(op.Operand(i))
		if !ok {
			return 0, 0
		}
		bounds[i] = c.I
	}
	if bounds[0] != 0 || bounds[2] != 1 || bounds[1] < 2 || work < 2*grainWork/bounds[1] {
		return 0, 0
	}
	leaves := false
	op.Walk(func(inner *ir.Op) { leaves = leaves || inner.Name == cf.OpAssert })
	if leaves {
		return 0, 0
	}
	return bounds[1], (grainWork + work - 1) / work
}

func (w *writer) writePart(f, loop *ir.Op, p *part) error {
	w.names, w.pending, w.next, w.depth = map[*ir.Value]string{}, map[*ir.Value]expr{}, 0, 0
	params := []string{"int64_t begin", "int64_t end"}
	written := writtenIn(loop)
	var rows, casts []*ir.Op
	take := func(v *ir.Value) {
		if w.names[v] != "" {
			return
		}
		name := argName(f, v)
		if name == "" {
			name = fmt.Sprintf("p%d", len(p.args))
		}
		w.names[v] = name
		p.args = append(p.args, v)
		params = append(params, parameter(v, name, written[v]))
	}
	for _, v := range freeValues(loop) {
		switch d := v.Def(); {
		case d != nil && d.Name == arith.OpConstant:
			if err := w.op(d); err != nil {
				return err
			}
		case d != nil && d.Name == memref.OpAlloca && within(v, loop):
			rows = append(rows, d)
		case d != nil && d.Name == memref.OpReinterpretCast:
			take(base(v))
			casts = append(casts, d)
		default:
			take(v)
		}
	}
	title := p.name + ": turns of a loop of " + FunctionName(f)
	if at := Places(f.Loc); at != "" {
		title += " (" + at + ")"
	}
	for _, l := range wrap("// ", clean(title), 96) {
		w.line("%s", l)
	}
	w.line("__attribute__((noinline)) static void %s(%s) {", p.name, strings.Join(params, ", "))
	w.indent++
	for _, c := range casts {
		w.names[c.Result(0)] = w.names[base(c.Result(0))]
	}
	for _, r := range rows {
		if err := w.local(r); err != nil {
			return err
		}
	}
	w.shared = true
	err := w.loopOver(loop, "begin", "end", "1")
	w.shared = false
	if err != nil {
		return err
	}
	w.indent--
	w.line("}")
	w.line("")
	return nil
}

// callPart writes the call that stands for the loop.
func (w *writer) callPart(p *part) {
	args := []string{"begin", "end"}
	for _, v := range p.args {
		args = append(args, w.use(v).text)
	}
	w.line("ct::parallel(%d, %d, [&](int64_t begin, int64_t end) { %s(%s); });", p.turns, p.grain, p.name, strings.Join(args, ", "))
}

// base is the memory that v is, seen through casts.
func base(v *ir.Value) *ir.Value {
	for d := v.Def(); d != nil && d.Name == memref.OpReinterpretCast; d = v.Def() {
		v = d.Operand(0)
	}
	return v
}

// freeValues are what ops inside op read that is defined outside, in the order of the text.
func freeValues(op *ir.Op) []*ir.Value {
	var out []*ir.Value
	seen := map[*ir.Value]bool{}
	op.Walk(func(inner *ir.Op) {
		for _, v := range inner.Operands() {
			if seen[v] || inner == op || insideOf(v, op) {
				continue
			}
			seen[v] = true
			out = append(out, v)
		}
	})
	return out
}

// insideOf reports whether v is defined by, or is a block argument of, something in op.
func insideOf(v *ir.Value, op *ir.Op) bool {
	var at *ir.Op
	if d := v.Def(); d != nil {
		at = d.Parent()
	} else {
		at = v.Block().Owner()
	}
	for ; at != nil; at = at.Parent() {
		if at == op {
			return true
		}
	}
	return false
}

// within reports whether all uses of v are inside op.
func within(v *ir.Value, op *ir.Op) bool {
	for _, u := range v.Uses() {
		at := u.Owner()
		for ; at != nil && at != op; at = at.Parent() {
		}
		if at == nil {
			return false
		}
	}
	return true
}

// writtenIn are the memrefs that ops inside op may write to, and what they are casts of.
func writtenIn(op *ir.Op) map[*ir.Value]bool {
	written := map[*ir.Value]bool{}
	op.Walk(func(inner *ir.Op) {
		switch inner.Name {
		case memref.OpLoad:
		case memref.OpStore:
			written[base(inner.Operand(1))] = true
		case linalg.OpFill, linalg.OpGeneric, funcs.OpCall:
			for _, v := range inner.Operands() {
				written[base(v)] = true
			}
		}
	})
	return written
}
