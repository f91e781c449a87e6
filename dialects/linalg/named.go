package linalg

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Fill sets all elements of a destination to a scalar of its element type; the result
// is the filled tensor, or the memory itself.
func Fill(b *ir.Builder, value, init *ir.Value) *ir.Value {
	return named(b, OpFill, []*ir.Value{value}, init)
}

// Matmul adds the product of the matrices x and y to init.
func Matmul(b *ir.Builder, x, y, init *ir.Value) *ir.Value {
	return named(b, OpMatmul, []*ir.Value{x, y}, init)
}

// BatchMatmul is Matmul for each entry of the first dimension.
func BatchMatmul(b *ir.Builder, x, y, init *ir.Value) *ir.Value {
	return named(b, OpBatchMatmul, []*ir.Value{x, y}, init)
}

func named(b *ir.Builder, name ir.OpName, inputs []*ir.Value, init *ir.Value) *ir.Value {
	s := ir.State{Name: name, Operands: append(append([]*ir.Value{}, inputs...), init), Results: tensorTypes([]*ir.Value{init}),
		Attrs: []ir.NamedAttr{segmentAttr(len(inputs), 1)}}
	s.Regions = []*ir.Region{standardRegion(b, name, s.Operands)}
	op := b.Insert(s)
	if op.NumResults() == 0 {
		return init
	}
	return op.Result(0)
}

// Generalize makes a generic that computes what a named op does, and leaves the
// named op where it is.
func Generalize(b *ir.Builder, op *ir.Op) *ir.Op {
	return Generic(b, Inputs(op), Inits(op), Maps(op), Iterators(op), func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		return standardBody(b, op.Name, args)
	})
}

// structure is the maps and iterators of a nest that has a name.
type structure struct {
	maps  []*ir.AffineMap
	iters []Iterator
}

func dims(loops int, results ...int) *ir.AffineMap {
	m := ir.NewMap(loops)
	for _, d := range results {
		m.Results = append(m.Results, ir.AffineDim(d))
	}
	return m
}

var (
	matmulStructure = structure{
		[]*ir.AffineMap{dims(3, 0, 2), dims(3, 2, 1), dims(3, 0, 1)},
		[]Iterator{Parallel, Parallel, Reduction},
	}
	batchMatmulStructure = structure{
		[]*ir.AffineMap{dims(4, 0, 1, 3), dims(4, 0, 3, 2), dims(4, 0, 1, 2)},
		[]Iterator{Parallel, Parallel, Parallel, Reduction},
	}
)

// structureOf is the structure of a named op, nil for others.
func structureOf(op *ir.Op) *structure {
	switch op.Name {
	case OpMatmul:
		return &matmulStructure
	case OpBatchMatmul:
		return &batchMatmulStructure
	case OpFill:
		if op.NumOperands() == 2 {
			rank := len(ir.ShapeOf(op.Operand(1).Type()))
			iters := make([]Iterator, rank)
			for i := range iters {
				iters[i] = Parallel
			}
			return &structure{[]*ir.AffineMap{ir.NewMap(rank), ir.IdentityMap(rank)}, iters}
		}
	}
	return nil
}

// step is an op of the body of a named op; args number its operands: the body's
// arguments first, then the results of the steps before.
type step struct {
	name ir.OpName
	args []int
}

// bodyOf is the body of a named op on elements of type t: a fill yields its value, a
// product yields what has been gathered plus the product of the elements.
func bodyOf(name ir.OpName, t ir.Type) []step {
	if name == OpFill {
		return []step{{OpYield, []int{0}}}
	}
	mul, add := arith.OpMulI, arith.OpAddI
	switch {
	case ir.IsFloat(t):
		mul, add = arith.OpMulF, arith.OpAddF
	case ir.IsBool(t):
		mul, add = arith.OpAndI, arith.OpOrI
	}
	return []step{{mul, []int{0, 1}}, {add, []int{2, 3}}, {OpYield, []int{4}}}
}

// standardBody appends the body of a named op and returns what it yields.
func standardBody(b *ir.Builder, name ir.OpName, args []*ir.Value) []*ir.Value {
	values := append([]*ir.Value{}, args...)
	for _, s := range bodyOf(name, args[0].Type()) {
		var operands []*ir.Value
		for _, i := range s.args {
			operands = append(operands, values[i])
		}
		if s.name == OpYield {
			return operands
		}
		values = append(values, b.Emit(s.name, operands...))
	}
	return nil
}

// standardRegion is the region of a named op with these operands; it is empty where
// they are not of one number type, which such an op does not verify with.
func standardRegion(b *ir.Builder, name ir.OpName, operands []*ir.Value) *ir.Region {
	block := ir.NewBlock()
	uniform := len(operands) == 3 || name == OpFill && len(operands) == 2
	for _, v := range operands {
		t := ir.ElemType(v.Type())
		uniform = uniform && t == ir.ElemType(operands[0].Type()) && (ir.IsFloat(t) || ir.IsInteger(t) || t == ir.Type(ir.Index))
		block.AddArg(t)
	}
	if uniform {
		inner := b.In(block)
		Yield(inner, standardBody(inner, name, block.Args())...)
	}
	return ir.NewRegion(block)
}

// hasStandardRegion reports whether the region of a named op is the one that its name
// stands for; flags of the arithmetic are not looked at.
func hasStandardRegion(op *ir.Op) bool {
	body := op.Body()
	if body == nil || len(op.Region(0).Blocks()) != 1 || len(body.Args()) != op.NumOperands() {
		return false
	}
	for _, a := range body.Args() {
		if a.Type() != ir.ElemType(op.Operand(0).Type()) {
			return false
		}
	}
	values := append([]*ir.Value{}, body.Args()...)
	inner := body.First()
	for _, s := range bodyOf(op.Name, body.Arg(0).Type()) {
		if inner == nil || inner.Name != s.name || inner.NumOperands() != len(s.args) {
			return false
		}
		for k, i := range s.args {
			if inner.Operand(k) != values[i] {
				return false
			}
		}
		values = append(values, inner.Results()...)
		inner = inner.Next()
	}
	return inner == nil
}

func fillDef() *ir.OpDef {
	return namedDef(OpFill, "sets all elements of a destination to a number",
		"%r = linalg.fill ins(%v : f32) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>",
		ir.P("value", ir.AnyType))
}

func matmulDef() *ir.OpDef {
	d := namedDef(OpMatmul, "adds the product of two matrices to a destination",
		"%r = linalg.matmul ins(%x, %y : tensor<4x8xf32>, tensor<8x3xf32>) outs(%init : tensor<4x3xf32>) -> tensor<4x3xf32>",
		ir.P("lhs", shaped), ir.P("rhs", shaped))
	return contraction(d)
}

func batchMatmulDef() *ir.OpDef {
	d := namedDef(OpBatchMatmul, "adds products of matrices, one for each entry of a batch, to a destination",
		"%r = linalg.batch_matmul ins(%x, %y : tensor<2x4x8xf32>, tensor<2x8x3xf32>) outs(%init : tensor<2x4x3xf32>) -> tensor<2x4x3xf32>",
		ir.P("lhs", shaped), ir.P("rhs", shaped))
	return contraction(d)
}

// contraction marks a product, which no engine knows by name: all make it generic.
func contraction(d *ir.OpDef) *ir.OpDef {
	d.Traits |= ir.Contraction
	d.Lower = func(b *ir.Builder, op *ir.Op) []*ir.Value { return Generalize(b, op).Results() }
	return d
}

var shaped = ir.Constraint{Name: "tensor or memref", Holds: func(t ir.Type) bool {
	switch t.(type) {
	case *ir.TensorType, *ir.MemRefType:
		return true
	}
	return false
}}

// namedDef defines a named op of the given inputs and one output. All operands have
// elements of one type: MLIR's casts between them are not supported.
func namedDef(name ir.OpName, summary, example string, inputs ...ir.Param) *ir.OpDef {
	return &ir.OpDef{
		Name: name, Summary: summary, Example: example,
		Operands: append(inputs, ir.P("output", shaped)),
		Results:  ir.Params(ir.Var("results", ir.AnyType)),
		Attrs:    []ir.AttrParam{segmentsParam},
		Regions:  1,
		Traits:   ir.PureOnTensors,
		Verify: func(op *ir.Op) error {
			t := ir.ElemType(op.Operand(0).Type())
			for _, v := range op.Operands() {
				if e := ir.ElemType(v.Type()); e != t {
					return op.Errorf("operands have elements of %s and %s, expected one type", t, e)
				}
			}
			if err := verifyStructure(op); err != nil {
				return err
			}
			if !hasStandardRegion(op) {
				return op.Errorf("the region is not that of %s", op.Name)
			}
			return nil
		},
		Print: func(p *ir.Printer, op *ir.Op) {
			if _, inits := segments(op); inits != 1 || !hasStandardRegion(op) {
				p.Generic(op)
				return
			}
			p.Write(string(op.Name))
			p.AttrDict(op, segmentSizes)
			printOperands(p, op)
			printResults(p, op)
		},
		Parse: func(p ir.AsmParser, s *ir.State) error {
			if err := p.OptionalAttrDict(s); err != nil {
				return err
			}
			if err := parseOperands(p, s); err != nil {
				return err
			}
			s.Regions = []*ir.Region{standardRegion(ir.NewBuilder(p.Context(), nil), name, s.Operands)}
			return parseResults(p, s)
		},
	}
}
