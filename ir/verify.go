package ir

import (
	"fmt"

	"github.com/cladopt/cladopt/diag"
)

// The invariants of the IR. Tests cite them by number.
//
//	V1   Every op of a registered dialect is registered itself.
//	V2   An op has the operands, results, regions and required attributes that its
//	     definition lists, of the types and kinds it lists.
//	V3   Where a definition infers result types, the results have the inferred types;
//	     a dynamic size agrees with any.
//	V4   An operand is defined before its use: earlier in the same block, or before
//	     or around the op that encloses the use.
//	V5   No value is used inside an op isolated from above that is defined outside.
//	V6   The blocks of an op that wants terminators end in one, and terminators stand
//	     nowhere else.
//	V7   Symbol names are unique in their symbol table.
//	V8   Symbols that are referred to exist, and calls match the function's type.
//	V9   Use lists, parent links and indices are consistent.
//	V10  What the op's own Verify says.
const maxVerifyErrors = 100

// Verify checks every invariant of op and everything in it; the error is a
// *diag.List of all violations, up to a hundred.
func Verify(ctx *Context, op *Op) error {
	v := &verifier{ctx: ctx}
	v.op(op)
	return v.errs.Err()
}

type verifier struct {
	ctx  *Context
	errs diag.List
}

func (v *verifier) errorf(op *Op, format string, args ...any) {
	if v.errs.Len() < maxVerifyErrors {
		v.errs.Add(op.Errorf(format, args...))
	}
}

func (v *verifier) op(op *Op) {
	v.links(op)
	sound := true
	if def := op.def; def != nil {
		before := v.errs.Len()
		v.params(op, def)
		sound = v.errs.Len() == before
		if sound {
			v.inferred(op, def)
		}
	} else if v.ctx.Dialect(op.Name.Dialect()) != nil {
		v.errorf(op, "is not an op of dialect %q (V1)", op.Name.Dialect())
	}
	for i := range op.operands {
		v.dominance(op, &op.operands[i])
	}
	if op.Has(SymbolTable) {
		v.symbols(op)
	}
	for _, r := range op.regions {
		for _, b := range r.blocks {
			v.block(op, b)
		}
	}
	// The op's own check comes last: it may rely on all of the above.
	if op.def != nil && op.def.Verify != nil && sound {
		if err := op.def.Verify(op); err != nil {
			v.located(op, err)
		}
	}
}

// located adds err, giving it the op's position unless it has one.
func (v *verifier) located(op *Op, err error) {
	for _, e := range diag.All(err) {
		if e.Pos.Known() || e.Op != "" {
			v.errs.Add(e)
		} else {
			v.errorf(op, "%s", e.Message)
		}
	}
}

func (v *verifier) params(op *Op, def *OpDef) {
	if err := def.checkOperandCount(len(op.operands)); err != nil {
		v.errorf(op, "%v (V2)", err)
	} else {
		for i := range op.operands {
			if op.operands[i].value == nil {
				v.errorf(op, "operand %d is null (V2)", i)
				continue
			}
			v.constraint(op, "operand", def.Operands, i, len(op.operands), op.operands[i].value.typ)
		}
	}
	least, variadic := 0, false
	for _, p := range def.Results {
		if p.Kind == Variadic {
			variadic = true
		} else {
			least++
		}
	}
	if n := len(op.results); n < least || n > least && !variadic {
		v.errorf(op, "got %d results, expected %d (V2)", n, least)
	} else {
		for i := range op.results {
			v.constraint(op, "result", def.Results, i, n, op.results[i].typ)
		}
	}
	if len(op.regions) != def.Regions {
		v.errorf(op, "got %d regions, expected %d (V2)", len(op.regions), def.Regions)
	}
	for _, a := range def.Attrs {
		switch value := op.Attr(a.Name); {
		case value == nil && a.Required:
			v.errorf(op, "requires attribute %q, %s (V2)", a.Name, a.Kind.Name)
		case value != nil && a.Kind.Holds != nil && !a.Kind.Holds(value):
			v.errorf(op, "attribute %q is %s, expected %s (V2)", a.Name, value, a.Kind.Name)
		}
	}
}

func (v *verifier) constraint(op *Op, what string, params []Param, i, n int, t Type) {
	p := ParamOf(params, i, n)
	if p == nil || p.Type.Holds == nil || p.Type.Holds(t) {
		return
	}
	v.errorf(op, "%s %d (%s) must be %s, got %s (V2)", what, i, p.Name, p.Type.Name, t)
}

func (v *verifier) inferred(op *Op, def *OpDef) {
	if def.Infer == nil {
		return
	}
	want, err := def.InferResults(op.Operands(), op.attrs)
	if err != nil {
		v.errorf(op, "%v (V3)", err)
		return
	}
	for i, t := range want {
		if got := op.results[i].typ; !Compatible(got, t) {
			v.errorf(op, "result %d has type %s, expected %s (V3)", i, got, t)
		}
	}
}

// Compatible reports whether the types are equal but for sizes that one of them
// leaves dynamic, and for encodings.
func Compatible(a, b Type) bool {
	if a == b {
		return true
	}
	ta, ok1 := a.(*TensorType)
	tb, ok2 := b.(*TensorType)
	if !ok1 || !ok2 || ta.elem != tb.elem || len(ta.shape) != len(tb.shape) {
		return false
	}
	for i := range ta.shape {
		if ta.shape[i] != tb.shape[i] && ta.shape[i] != Dynamic && tb.shape[i] != Dynamic {
			return false
		}
	}
	return true
}

func (v *verifier) links(op *Op) {
	for i := range op.operands {
		u := &op.operands[i]
		if u.owner != op || u.index != i {
			v.errorf(op, "operand %d has a broken use link (V9)", i)
		}
	}
	for i := range op.results {
		if r := &op.results[i]; r.def != op || r.index != i {
			v.errorf(op, "result %d has a broken owner link (V9)", i)
		}
	}
	for _, r := range op.regions {
		if r.owner != op {
			v.errorf(op, "a region has a broken owner link (V9)")
		}
	}
}

// dominance checks V4 and V5 for one operand.
func (v *verifier) dominance(user *Op, u *Use) {
	value := u.value
	if value == nil {
		return
	}
	home := value.block
	if value.def != nil {
		home = value.def.block
	}
	for op := user; op != nil; op = op.Parent() {
		if op.block == home && home != nil {
			if value.def != nil && (value.def == op || !value.def.IsBefore(op)) {
				v.errorf(user, "operand %d is used before it is defined (V4)", u.index)
			}
			return
		}
		if p := op.Parent(); p != nil && p.Has(IsolatedFromAbove) {
			v.errorf(user, "operand %d is defined outside of %s, which is isolated from above (V5)", u.index, p.Name)
			return
		}
	}
	v.errorf(user, "operand %d is not defined in any enclosing block (V4)", u.index)
}

func (v *verifier) symbols(table *Op) {
	seen := map[string]*Op{}
	for _, r := range table.regions {
		for _, b := range r.blocks {
			for op := b.first; op != nil; op = op.next {
				name, ok := op.Attr(SymbolName).(StringAttr)
				if !ok {
					continue
				}
				if first := seen[string(name)]; first != nil {
					e := op.Errorf("symbol @%s is defined twice (V7)", string(name))
					e.Notes = append(e.Notes, diag.Note{Pos: first.Loc.Pos, Message: "first defined here"})
					v.errs.Add(e)
				} else {
					seen[string(name)] = op
				}
			}
		}
	}
}

func (v *verifier) block(owner *Op, b *Block) {
	for _, a := range b.args {
		if a.block != b {
			v.errorf(owner, "a block argument has a broken owner link (V9)")
		}
	}
	for op := b.first; op != nil; op = op.next {
		if op.block != b {
			v.errorf(op, "has a broken block link (V9)")
		}
		if op.Has(Terminator) && op.next != nil {
			v.errorf(op, "is a terminator and must be the last op of its block (V6)")
		}
		v.op(op)
	}
	if owner.def == nil || owner.Has(NoTerminator) {
		return
	}
	if b.last == nil {
		v.errorf(owner, "has an empty block, expected a terminator (V6)")
	} else if b.last.def != nil && !b.last.Has(Terminator) {
		v.errorf(b.last, "ends its block but is not a terminator (V6)")
	}
}

// LookupSymbol finds a symbol in the nearest enclosing symbol table of op, or nil.
func LookupSymbol(op *Op, name string) *Op {
	for p := op.Parent(); p != nil; p = p.Parent() {
		if p.Has(SymbolTable) {
			if found := p.Body().Symbol(name); found != nil {
				return found
			}
		}
	}
	return nil
}

// CheckSymbol is LookupSymbol that must find an op of the given name (V8).
func CheckSymbol(op *Op, attr string, kind OpName) (*Op, error) {
	ref, ok := op.Attr(attr).(SymbolRefAttr)
	if !ok {
		return nil, fmt.Errorf("requires attribute %q, a symbol", attr)
	}
	found := LookupSymbol(op, ref.Path)
	switch {
	case found == nil:
		return nil, fmt.Errorf("symbol @%s is not defined (V8)", ref.Path)
	case found.Name != kind:
		return nil, fmt.Errorf("symbol @%s is a %s, expected a %s (V8)", ref.Path, found.Name, kind)
	}
	return found, nil
}
