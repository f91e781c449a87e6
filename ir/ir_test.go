package ir_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/ir"
)

// testContext has a small dialect: t.make makes a value, t.use uses values, t.end
// ends a block, t.iso holds a region that sees nothing outside.
func testContext(t *testing.T) *ir.Context {
	any1 := ir.P("x", ir.AnyType)
	d := &ir.Dialect{Name: "t", Uniform: true, Ops: []*ir.OpDef{
		{Name: "t.make", Summary: "makes", Results: ir.Params(any1), Traits: ir.Pure},
		{Name: "t.use", Summary: "uses", Operands: ir.Params(ir.Var("xs", ir.AnyType)), Results: ir.Params(ir.Var("ys", ir.AnyType)), Traits: ir.Pure},
		{Name: "t.same", Summary: "infers", Operands: ir.Params(any1), Results: ir.Params(any1), Traits: ir.Pure,
			Infer: func(in *ir.Inference) ([]ir.Type, error) { return ir.Single(in.Operands[0]) }},
		{Name: "t.end", Summary: "ends", Traits: ir.Terminator},
		{Name: "t.iso", Summary: "isolated", Regions: 1, Traits: ir.IsolatedFromAbove},
		{Name: "t.region", Summary: "region", Regions: 1},
	}}
	ctx, err := ir.NewContext(d)
	require.NoError(t, err)
	return ctx
}

func values(b *ir.Builder, t ir.Type) *ir.Value {
	return b.Insert(ir.State{Name: "t.make", Results: []ir.Type{t}}).Result(0)
}

func TestTypesAreInterned(t *testing.T) {
	a, b := ir.Tensor([]int64{4, ir.Dynamic}, ir.F32), ir.Tensor([]int64{4, ir.Dynamic}, ir.F32)
	require.True(t, a == b)
	require.Equal(t, "tensor<4x?xf32>", a.String())
	strided := ir.StridedTensor([]int64{4, 6}, ir.F32, []int64{1, 4})
	require.Equal(t, "tensor<4x6xf32, {strides = array<i64: 1, 4>}>", strided.String())
	require.True(t, ir.StridedTensor([]int64{4, 6}, ir.F32, []int64{6, 1}) == ir.Tensor([]int64{4, 6}, ir.F32))
	require.True(t, ir.StridedTensor([]int64{1, 6}, ir.F32, []int64{99, 1}) == ir.Tensor([]int64{1, 6}, ir.F32), "the stride of a single row says nothing")
	require.Equal(t, "memref<4xf32, strided<[2], offset: ?>>",
		ir.MemRefOf([]int64{4}, ir.F32, &ir.StridedAttr{Strides: []int64{2}, Offset: ir.Dynamic}, nil).String())
	require.Equal(t, "() -> (() -> ())", ir.Func(nil, []ir.Type{ir.Func(nil, nil)}).String())
}

func TestAttributesPrintAsMLIR(t *testing.T) {
	for want, a := range map[string]ir.Attr{
		`"a\22b\\\C3\A9"`:                   ir.StringAttr("a\"b\\é"),
		"true":                              ir.BoolAttr(true),
		"-1 : i64":                          ir.I64Attr(-1),
		"0.1 : f32":                         ir.FloatAttr{Value: 0.1, Type: ir.F32},
		"0x7FC00000 : f32":                  ir.FloatAttr{Value: math.NaN(), Type: ir.F32},
		"array<i64: 1, 2>":                  ir.I64Array(1, 2),
		"array<i64>":                        ir.I64Array(),
		`{a, "b c" = 1 : i64}`:              ir.Dict(ir.NamedAttr{Name: "b c", Attr: ir.I64Attr(1)}, ir.NamedAttr{Name: "a", Attr: ir.UnitAttr{}}),
		"affine_map<(d0) -> (d0)>":          ir.AffineMapAttr{Map: ir.IdentityMap(1)},
		"dense<2> : tensor<4xi64>":          &ir.DenseAttr{Type: ir.Tensor([]int64{4}, ir.I64), Values: []ir.Scalar{{I: 2}}},
		"dense<> : tensor<0xf32>":           &ir.DenseAttr{Type: ir.Tensor([]int64{0}, ir.F32)},
		"dense<[[1, 2]]> : tensor<1x2xi64>": &ir.DenseAttr{Type: ir.Tensor([]int64{1, 2}, ir.I64), Values: []ir.Scalar{{I: 1}, {I: 2}}},
	} {
		require.Equal(t, want, a.String())
		require.True(t, ir.AttrEqual(a, a))
	}
	require.False(t, ir.AttrEqual(ir.F64Attr(0), ir.F64Attr(math.Copysign(0, -1))))
}

func TestUseListsFollowChanges(t *testing.T) {
	ctx := testContext(t)
	m := ir.NewModule(ctx)
	b := ir.NewBuilder(ctx, m.Body())
	x, y := values(b, ir.F32), values(b, ir.F32)
	u := b.Insert(ir.State{Name: "t.use", Operands: []*ir.Value{x, y, x, y}})
	require.Len(t, x.Uses(), 2)
	x.ReplaceAllUsesWith(y)
	require.True(t, x.Unused())
	require.Len(t, y.Uses(), 4)
	u.SetOperand(0, x)
	require.True(t, x.HasOneUse())
	u.Erase()
	require.True(t, x.Unused() && y.Unused())
	require.Equal(t, 2, m.Body().Len())
	require.NoError(t, ir.Verify(ctx, m.Op))
}

func TestPrintingOfBrokenIRDoesNotPanic(t *testing.T) {
	ctx := testContext(t)
	m := ir.NewModule(ctx)
	b := ir.NewBuilder(ctx, m.Body())
	x := values(b, ir.F32)
	b.Insert(ir.State{Name: "t.use", Operands: []*ir.Value{x}})
	x.Def().Remove()
	require.Contains(t, m.String(), "<<UNKNOWN SSA VALUE>>")
}

// TestVerifierFindsEachViolation breaks one invariant at a time.
func TestVerifierFindsEachViolation(t *testing.T) {
	ctx := testContext(t)
	end := func(b *ir.Builder) { b.Insert(ir.State{Name: "t.end"}) }
	region := func(b *ir.Builder, name ir.OpName, fill func(b *ir.Builder)) {
		block := ir.NewBlock()
		b.Insert(ir.State{Name: name, Regions: []*ir.Region{ir.NewRegion(block)}})
		fill(b.In(block))
	}
	for want, build := range map[string]func(b *ir.Builder){
		"t.nope: is not an op of dialect \"t\" (V1)": func(b *ir.Builder) { b.Insert(ir.State{Name: "t.nope"}) },
		"t.same: got 0 operands, expected 1 (V2)":    func(b *ir.Builder) { b.Insert(ir.State{Name: "t.same", Results: []ir.Type{ir.F32}}) },
		"t.make: got 0 results, expected 1 (V2)":     func(b *ir.Builder) { b.Insert(ir.State{Name: "t.make"}) },
		"t.region: got 0 regions, expected 1 (V2)":   func(b *ir.Builder) { b.Insert(ir.State{Name: "t.region"}) },
		"t.same: result 0 has type f64, expected f32 (V3)": func(b *ir.Builder) {
			b.Insert(ir.State{Name: "t.same", Operands: []*ir.Value{values(b, ir.F32)}, Results: []ir.Type{ir.F64}})
		},
		"t.use: operand 0 is used before it is defined (V4)": func(b *ir.Builder) {
			x := values(b, ir.F32)
			u := b.Insert(ir.State{Name: "t.use", Operands: []*ir.Value{x}})
			u.MoveBefore(x.Def())
		},
		"t.use: operand 0 is defined outside of t.iso, which is isolated from above (V5)": func(b *ir.Builder) {
			x := values(b, ir.F32)
			region(b, "t.iso", func(b *ir.Builder) { b.Insert(ir.State{Name: "t.use", Operands: []*ir.Value{x}}); end(b) })
		},
		"t.region: has an empty block, expected a terminator (V6)": func(b *ir.Builder) { region(b, "t.region", func(*ir.Builder) {}) },
		"t.make: ends its block but is not a terminator (V6)":      func(b *ir.Builder) { region(b, "t.region", func(b *ir.Builder) { values(b, ir.F32) }) },
		"t.end: is a terminator and must be the last op of its block (V6)": func(b *ir.Builder) {
			region(b, "t.region", func(b *ir.Builder) { end(b); end(b) })
		},
		"t.use: symbol @f is defined twice (V7)": func(b *ir.Builder) {
			for i := 0; i < 2; i++ {
				b.Insert(ir.State{Name: "t.use", Attrs: []ir.NamedAttr{{Name: ir.SymbolName, Attr: ir.StringAttr("f")}}})
			}
		},
	} {
		m := ir.NewModule(ctx)
		build(ir.NewBuilder(ctx, m.Body()))
		require.ErrorContains(t, ir.Verify(ctx, m.Op), want)
	}
}

func TestSizesRelyOnNothingStatic(t *testing.T) {
	var s *ir.Sizes
	require.Equal(t, int64(12), s.Mul(3, 4))
	require.Equal(t, ir.Dynamic, s.Mul(ir.Dynamic, 4))
	require.Equal(t, ir.Dynamic, s.Mul(1<<40, 1<<40), "a product that does not fit is not a size")
	_, ok := s.DivideExactly(10, 4)
	require.False(t, ok)
	require.False(t, s.Equal(3, 4))
	require.True(t, s.Equal(ir.Dynamic, 4))
}
