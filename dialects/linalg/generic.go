package linalg

import (
	"slices"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// Generic makes a loop nest. maps are those of the inputs, then of the inits; the
// results have the types of those inits that are tensors. body gets a scalar for each
// input, then for each init, and returns what is yielded.
func Generic(b *ir.Builder, inputs, inits []*ir.Value, maps []*ir.AffineMap, iters []Iterator,
	body func(b *ir.Builder, args []*ir.Value) []*ir.Value) *ir.Op {
	operands := append(append([]*ir.Value{}, inputs...), inits...)
	block := ir.NewBlock()
	for _, v := range operands {
		block.AddArg(ir.ElemType(v.Type()))
	}
	op := b.Insert(ir.State{Name: OpGeneric, Operands: operands, Results: tensorTypes(inits),
		Regions: []*ir.Region{ir.NewRegion(block)}, Attrs: genericAttrs(maps, iters, len(inputs), len(inits))})
	inner := b.In(block)
	Yield(inner, body(inner, block.Args())...)
	return op
}

// tensorTypes is the types of the values that are tensors, never nil.
func tensorTypes(values []*ir.Value) []ir.Type {
	types := []ir.Type{}
	for _, v := range values {
		if t, ok := v.Type().(*ir.TensorType); ok {
			types = append(types, t)
		}
	}
	return types
}

func genericAttrs(maps []*ir.AffineMap, iters []Iterator, inputs, inits int) []ir.NamedAttr {
	mapAttrs := make([]ir.Attr, len(maps))
	for i, m := range maps {
		mapAttrs[i] = ir.AffineMapAttr{Map: m}
	}
	iterAttrs := make([]ir.Attr, len(iters))
	for i, it := range iters {
		iterAttrs[i] = iteratorAttr(it)
	}
	return []ir.NamedAttr{
		{Name: indexingMaps, Attr: ir.Array(mapAttrs...)},
		{Name: iteratorTypes, Attr: ir.Array(iterAttrs...)},
		segmentAttr(inputs, inits),
	}
}

// segmentsParam is the attribute that all nests have.
var segmentsParam = ir.AttrParam{Name: segmentSizes, Required: true, Doc: "how many operands are inputs and outputs",
	Kind: ir.AttrKind{Name: "array<i32: inputs, outputs>", Holds: func(a ir.Attr) bool {
		d, ok := a.(*ir.DenseArrayAttr)
		return ok && d.Elem == ir.Type(ir.I32) && len(d.Values) == 2
	}}}

func arrayOf(holds func(ir.Attr) bool) func(ir.Attr) bool {
	return func(a ir.Attr) bool {
		l, ok := a.(*ir.ArrayAttr)
		return ok && !slices.ContainsFunc(l.Elems, func(e ir.Attr) bool { return !holds(e) })
	}
}

// genericDef is a function since its derivative makes generics of its own.
func genericDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpGeneric, Summary: "a loop nest whose body is scalar code",
		Example: "%r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = [\"parallel\"]} ins(%x : tensor<4xf32>) outs(%init : tensor<4xf32>) {\n" +
			"^bb0(%a: f32, %b: f32):\n  %s = arith.addf %a, %a : f32\n  linalg.yield %s : f32\n} -> tensor<4xf32>",
		Operands: ir.Params(ir.Var("inputs", ir.AnyType), ir.Var("outputs", ir.AnyType)),
		Results:  ir.Params(ir.Var("results", ir.AnyType)),
		Attrs: []ir.AttrParam{
			{Name: indexingMaps, Required: true, Doc: "for each operand, which element an iteration reads or writes",
				Kind: ir.AttrKind{Name: "an array of affine maps", Holds: arrayOf(func(a ir.Attr) bool { _, ok := a.(ir.AffineMapAttr); return ok })}},
			{Name: iteratorTypes, Required: true, Doc: "the kind of each loop",
				Kind: ir.AttrKind{Name: "an array of iterator types", Holds: arrayOf(func(a ir.Attr) bool {
					o, ok := a.(ir.OpaqueAttr)
					return ok && strings.HasPrefix(string(o), iteratorPrefix)
				})}},
			segmentsParam,
			{Name: "doc", Doc: "a comment", Kind: ir.AttrKind{Name: "a string", Holds: isString}},
			{Name: "library_call", Doc: "a function that does the same", Kind: ir.AttrKind{Name: "a string", Holds: isString}},
		},
		Regions:        1,
		Traits:         ir.PureOnTensors,
		Verify:         verifyGeneric,
		VJP:            genericVJP,
		Differentiable: func(op *ir.Op, _ []bool) error { return Differentiable(op) },
		Print:          printGeneric, Parse: parseGeneric,
	}
}

func isString(a ir.Attr) bool { _, ok := a.(ir.StringAttr); return ok }
