package mlir

import (
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/ir"
)

// flattenEmpty gives memory without elements the type memref<0xT>: MLIR 16 has no bare
// pointer for memref<3x0xT>, whose strides it does not know. Nothing reads or writes
// such memory: loads, which no loop reaches, become zeros, and what would fill it goes.
func flattenEmpty(m *ir.Module) error {
	for f := m.Body().First(); f != nil; f = f.Next() {
		if f.Name != funcs.OpFunc {
			continue
		}
		if t := funcs.Type(f); hasEmpty(t.Inputs()) || hasEmpty(t.Results()) {
			funcs.SetType(f, ir.Func(flattened(t.Inputs()), flattened(t.Results())))
		}
		if f.Body() == nil {
			continue
		}
		for _, a := range f.Body().Args() {
			a.SetType(flat(a.Type()))
		}
		if err := flattenIn(m.Ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// flattenIn rewrites the ops of f that make or use memory without elements.
func flattenIn(ctx *ir.Context, f *ir.Op) error {
	var ops []*ir.Op
	f.Walk(func(op *ir.Op) {
		if op != f && (hasEmpty(ir.TypesOf(op.Operands())) || hasEmpty(ir.TypesOf(op.Results()))) {
			ops = append(ops, op)
		}
	})
	nothing := map[ir.Type]*ir.Value{}
	for _, op := range ops {
		b := ir.BuilderBefore(ctx, op)
		switch {
		case op.Name == funcs.OpCall || op.Name == funcs.OpReturn:
			for _, r := range op.Results() {
				r.SetType(flat(r.Type()))
			}
		case op.Name == memref.OpLoad:
			op.Replace(arith.ConstantOf(b, ir.Scalar{}, op.Result(0).Type()))
		case op.NumResults() == 0 && (op.Name == memref.OpStore || op.Name == memref.OpCopy || strings.HasPrefix(string(op.Name), "linalg.")):
			op.Erase()
		case op.NumResults() == 1 && isEmpty(op.Result(0).Type()):
			t := flat(op.Result(0).Type())
			if nothing[t] == nil {
				nothing[t] = memref.Alloca(ir.BuilderBefore(ctx, f.Body().First()), t.(*ir.MemRefType))
			}
			op.Replace(nothing[t])
		default:
			return op.Errorf("has memory without elements, for which mlir-opt 16 has no form here")
		}
	}
	return nil
}

func isEmpty(t ir.Type) bool {
	m, ok := t.(*ir.MemRefType)
	if !ok {
		return false
	}
	n, known := ir.NumElements(m.Shape())
	return known && n == 0
}

func hasEmpty(types []ir.Type) bool {
	for _, t := range types {
		if isEmpty(t) {
			return true
		}
	}
	return false
}

func flat(t ir.Type) ir.Type {
	if !isEmpty(t) {
		return t
	}
	return ir.MemRef([]int64{0}, ir.ElemType(t))
}

func flattened(types []ir.Type) []ir.Type {
	out := make([]ir.Type, len(types))
	for i, t := range types {
		out[i] = flat(t)
	}
	return out
}
