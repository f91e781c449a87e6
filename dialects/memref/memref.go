// Package memref is what is used here of MLIR's memref dialect, version 16: memory
// that is allocated, read, written and seen in other shapes.
//
//	%m = memref.alloc() : memref<4x8xf32>
//	%v = memref.load %m[%i, %j] : memref<4x8xf32>
//	%s = memref.subview %m[1, 2] [2, 3] [1, 2] : memref<4x8xf32> to memref<2x3xf32, strided<[8, 2], offset: 10>>
//
// A memref is a view: its type says by [Layout] how far apart the elements are and
// where the first one is. No op checks an index when it runs.
package memref

import "github.com/cladopt/cladopt/ir"

// The ops.
const (
	OpAlloc           ir.OpName = "memref.alloc"
	OpAlloca          ir.OpName = "memref.alloca"
	OpDealloc         ir.OpName = "memref.dealloc"
	OpLoad            ir.OpName = "memref.load"
	OpStore           ir.OpName = "memref.store"
	OpCopy            ir.OpName = "memref.copy"
	OpView            ir.OpName = "memref.view"
	OpReinterpretCast ir.OpName = "memref.reinterpret_cast"
	OpSubview         ir.OpName = "memref.subview"
	OpCast            ir.OpName = "memref.cast"
	OpDim             ir.OpName = "memref.dim"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "memref", Summary: "MLIR's memory", Ops: []*ir.OpDef{
		allocation(OpAlloc, "memory from the heap"), allocation(OpAlloca, "memory on the stack"), &deallocDef,
		&loadDef, &storeDef, &copyDef,
		&viewDef, &reinterpretCastDef, &subviewDef, &castDef, &dimDef,
	}}
}

var (
	memory = ir.Constraint{Name: "memref", Holds: func(t ir.Type) bool { _, ok := t.(*ir.MemRefType); return ok }}
	index  = ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }}
)

// Layout is how far apart the elements of memory of type t are in each dimension and
// where the first one is, counted in elements from where the memory starts;
// ir.Dynamic is what only the run knows. It is false for layouts that are not
// strided, such as affine maps.
func Layout(t *ir.MemRefType) (strides []int64, offset int64, ok bool) {
	switch l := t.Layout().(type) {
	case nil:
		var sizes *ir.Sizes
		strides = make([]int64, len(t.Shape()))
		step := int64(1)
		for i := len(strides) - 1; i >= 0; i-- {
			strides[i] = step
			step = sizes.Mul(step, t.Shape()[i])
		}
		return strides, 0, true
	case *ir.StridedAttr:
		return append([]int64{}, l.Strides...), l.Offset, len(l.Strides) == len(t.Shape())
	}
	return nil, 0, false
}

// strided is the memref type of a shape and layout; row-major memory gets none.
func strided(shape []int64, elem ir.Type, strides []int64, offset int64, space ir.Attr) *ir.MemRefType {
	plain := ir.MemRefOf(shape, elem, nil, space)
	if sameLayout(plain, strides, offset) {
		return plain
	}
	return ir.MemRefOf(shape, elem, &ir.StridedAttr{Strides: append([]int64{}, strides...), Offset: offset}, space)
}

// sameLayout reports whether memory of type t has exactly this layout.
func sameLayout(t *ir.MemRefType, strides []int64, offset int64) bool {
	have, at, ok := Layout(t)
	if !ok || at != offset || len(have) != len(strides) {
		return false
	}
	for i := range have {
		if have[i] != strides[i] {
			return false
		}
	}
	return true
}

// mayEqual reports whether a and b are equal or one of them is known only when run.
func mayEqual(a, b int64) bool { return a == b || a == ir.Dynamic || b == ir.Dynamic }

// sameSpace verifies that source and result lie in one memory space.
func sameSpace(op *ir.Op, from, to *ir.MemRefType) error {
	if !ir.AttrEqual(from.Space(), to.Space()) {
		return op.Errorf("%s and %s lie in different memory spaces", from, to)
	}
	return nil
}

// parseType reads {attrs} : T.
func parseType(p ir.AsmParser, s *ir.State) (ir.Type, error) {
	if err := p.OptionalAttrDict(s); err != nil {
		return nil, err
	}
	if err := p.ParseToken(":"); err != nil {
		return nil, err
	}
	return p.ParseType()
}

// parseFromTo reads {attrs} : T to U and resolves the operands: the first of type T,
// the others indices. U is the type of the result.
func parseFromTo(p ir.AsmParser, s *ir.State, operands ...ir.UnresolvedOperand) error {
	pos := p.Pos()
	from, err := parseType(p, s)
	if err != nil {
		return err
	}
	if err := p.ParseKeyword("to"); err != nil {
		return err
	}
	to, err := p.ParseType()
	if err != nil {
		return err
	}
	s.Results = []ir.Type{to}
	types := []ir.Type{from}
	for range operands[1:] {
		types = append(types, ir.Index)
	}
	return p.ResolveAll(operands, types, pos, s)
}
