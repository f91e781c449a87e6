package mlir

import (
	"github.com/cladopt/cladopt/backend/cpp"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// The attributes of the LLVM dialect that are set on functions.
const (
	linkage = "llvm.linkage" // hands a function's linkage through convert-func-to-llvm
	noAlias = "llvm.noalias" // as __restrict
)

// Prepare is a copy of m, a module after plan-memory, that MLIR's lowering makes the
// same of as the C++ back end makes of m.
func Prepare(m *ir.Module) (*ir.Module, error) {
	m = ir.CloneModule(m)
	if err := returnStatuses(m); err != nil {
		return nil, err
	}
	if err := flattenEmpty(m); err != nil {
		return nil, err
	}
	callExact(m)
	for f := m.Body().First(); f != nil; f = f.Next() {
		if f.Name != funcs.OpFunc || f.Body() == nil {
			continue
		}
		hoistRows(f)
		if !cpp.IsSweep(f) {
			f.SetAttr(linkage, ir.OpaqueAttr("#llvm.linkage<internal>"))
		}
		for i, t := range funcs.Type(f).Inputs() {
			if _, ok := t.(*ir.MemRefType); ok {
				funcs.SetArgAttr(f, i, noAlias, ir.UnitAttr{})
			}
		}
	}
	return m, ir.Verify(m.Ctx, m.Op)
}

// hoistRows moves memory on the stack to the start of f: in LLVM what a loop allocates
// is there until the function returns.
func hoistRows(f *ir.Op) {
	var rows []*ir.Op
	f.Walk(func(op *ir.Op) {
		if op.Name == memref.OpAlloca && op.NumOperands() == 0 && op.Block() != f.Body() {
			rows = append(rows, op)
		}
	})
	for _, op := range rows {
		op.MoveBefore(f.Body().First())
	}
}
