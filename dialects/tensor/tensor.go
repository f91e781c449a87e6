// Package tensor is what is used here of MLIR's tensor dialect, version 16: tensors
// without elements yet, single elements, rectangular slices, and the same elements
// under another shape.
//
//	%e = tensor.empty() : tensor<4x8xf32>
//	%s = tensor.extract_slice %x[1, 2] [2, 3] [1, 2] : tensor<4x8xf32> to tensor<2x3xf32>
//	%c = tensor.collapse_shape %x [[0, 1]] : tensor<4x8xf32> into tensor<32xf32>
//
// Slices and memref's views share the notation of [Window]: a list of offsets, one of
// sizes and one of strides, of which each entry is a number or an operand.
package tensor

import "github.com/cladopt/cladopt/ir"

// The ops.
const (
	OpEmpty         ir.OpName = "tensor.empty"
	OpExtract       ir.OpName = "tensor.extract"
	OpInsert        ir.OpName = "tensor.insert"
	OpExtractSlice  ir.OpName = "tensor.extract_slice"
	OpInsertSlice   ir.OpName = "tensor.insert_slice"
	OpCast          ir.OpName = "tensor.cast"
	OpDim           ir.OpName = "tensor.dim"
	OpCollapseShape ir.OpName = "tensor.collapse_shape"
	OpExpandShape   ir.OpName = "tensor.expand_shape"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "tensor", Summary: "MLIR's tensors: elements, slices and shapes", Ops: []*ir.OpDef{
		&emptyDef, &extractDef, &insertDef, &extractSliceDef, &insertSliceDef, &castDef, &dimDef,
		&collapseShapeDef, &expandShapeDef,
	}}
}

// Empty is a tensor whose elements are not yet given.
func Empty(b *ir.Builder, shape []int64, elem ir.Type) *ir.Value {
	return b.Insert(ir.State{Name: OpEmpty, Results: []ir.Type{ir.Tensor(shape, elem)}}).Result(0)
}

var (
	ranked = ir.Constraint{Name: "ranked tensor", Holds: func(t ir.Type) bool { _, ok := t.(*ir.TensorType); return ok }}
	index  = ir.Constraint{Name: "index", Holds: func(t ir.Type) bool { return t == ir.Type(ir.Index) }}
)

var emptyDef = ir.OpDef{
	Name: OpEmpty, Summary: "a tensor whose elements are not yet given",
	Example:  "%r = tensor.empty() : tensor<4x8xf32>",
	Operands: ir.Params(ir.Var("sizes", index)),
	Results:  ir.Params(ir.P("result", ranked)),
	Traits:   ir.Pure,
	Verify: func(op *ir.Op) error {
		dynamic := CountDynamic(ir.ShapeOf(op.Result(0).Type()))
		if dynamic != op.NumOperands() {
			return op.Errorf("got %d sizes, expected %d, one for each dynamic dimension", op.NumOperands(), dynamic)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("tensor.empty(")
		p.Operands(op.Operands())
		p.Write(")")
		p.AttrDict(op)
		p.Write(" : ", op.Result(0).Type().String())
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		if err := p.ParseToken("("); err != nil {
			return err
		}
		pos := p.Pos()
		sizes, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		t, err := parseTypeAfterAttrs(p, s)
		if err != nil {
			return err
		}
		s.Results = []ir.Type{t}
		return p.ResolveAll(sizes, indices(len(sizes)), pos, s)
	},
}

// parseTypeAfterAttrs reads {attrs} : T.
func parseTypeAfterAttrs(p ir.AsmParser, s *ir.State) (ir.Type, error) {
	if err := p.OptionalAttrDict(s); err != nil {
		return nil, err
	}
	if err := p.ParseToken(":"); err != nil {
		return nil, err
	}
	return p.ParseType()
}

// parseTypes reads {attrs} : T to U, with another word for "to".
func parseTypes(p ir.AsmParser, s *ir.State, word string) (from, to ir.Type, err error) {
	if from, err = parseTypeAfterAttrs(p, s); err != nil {
		return nil, nil, err
	}
	if err = p.ParseKeyword(word); err != nil {
		return nil, nil, err
	}
	to, err = p.ParseType()
	return from, to, err
}

// indices is index, n times.
func indices(n int) []ir.Type {
	types := make([]ir.Type, n)
	for i := range types {
		types[i] = ir.Index
	}
	return types
}
