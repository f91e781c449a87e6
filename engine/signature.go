package engine

import (
	"fmt"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/diag"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

// DTypeOf is the element type of data for an element type of the IR.
func DTypeOf(t ir.Type) (tensor.DType, error) {
	switch t {
	case ir.Type(ir.F32):
		return tensor.F32, nil
	case ir.Type(ir.F64):
		return tensor.F64, nil
	case ir.Type(ir.I64):
		return tensor.I64, nil
	case ir.Type(ir.I32):
		return tensor.I32, nil
	case ir.Type(ir.I16):
		return tensor.I16, nil
	case ir.Type(ir.I8):
		return tensor.I8, nil
	case ir.Type(ir.I1):
		return tensor.Bool, nil
	}
	return tensor.Invalid, fmt.Errorf("element type %s has no counterpart in data files", t)
}

// Signature is what an imported graph takes and gives, as the contract describes
// it. Sizes must be static.
func Signature(m *ir.Module) (abi.Meta, error) {
	meta := abi.Meta{ABI: abi.Version, Alignment: passes.Alignment}
	f := m.Symbol(passes.GraphName)
	if f == nil || f.Name != funcs.OpFunc || f.Body() == nil {
		return meta, diag.Errorf(m.Op.Loc.Pos, "the module has no function @%s with a body", passes.GraphName)
	}
	t := funcs.Type(f)
	for i, x := range t.Inputs() {
		tt, ok := x.(*ir.TensorType)
		if !ok {
			return meta, f.Errorf("argument %d has type %s, expected a tensor", i, x)
		}
		strides, ok := tt.Strides()
		if !ok || !ir.Static(tt.Shape()) {
			e := f.Errorf("argument %d has type %s: a size is not known", i, x)
			e.Remedy = "bind the sizes with specialize-shapes"
			return meta, e
		}
		d, err := DTypeOf(tt.Elem())
		if err != nil {
			return meta, f.Errorf("argument %d: %v", i, err)
		}
		meta.Inputs = append(meta.Inputs, abi.Value{
			DType: d, Shape: tt.Shape(), Strides: strides,
			RequiresGrad: funcs.ArgAttrs(f, i).Get(passes.RequiresGrad) != nil && ir.IsFloat(tt.Elem()),
		})
	}
	for i, x := range t.Results() {
		tt, ok := x.(*ir.TensorType)
		if !ok || !ir.Static(tt.Shape()) {
			return meta, f.Errorf("result %d has type %s, expected a tensor of known shape", i, x)
		}
		d, err := DTypeOf(tt.Elem())
		if err != nil {
			return meta, f.Errorf("result %d: %v", i, err)
		}
		meta.Outputs = append(meta.Outputs, abi.Value{DType: d, Shape: tt.Shape()})
	}
	mutated := f.Ints(passes.MutationsMark)
	for k, input := range mutated {
		meta.Mutated = append(meta.Mutated, abi.Mutation{Input: int(input), Output: len(meta.Outputs) - len(mutated) + k})
	}
	return meta, nil
}

// Data is the inputs of a graph, checked against its signature.
func checkData(meta abi.Meta, inputs []tensor.Tensor) error {
	if len(inputs) != len(meta.Inputs) {
		return fmt.Errorf("got %d inputs, expected %d", len(inputs), len(meta.Inputs))
	}
	for i, in := range inputs {
		want := meta.Inputs[i]
		if in.DType != want.DType || !sameShape(in.Shape, want.Shape) {
			return fmt.Errorf("input.%d is %s%v, expected %s%v", i, in.DType, in.Shape, want.DType, want.Shape)
		}
	}
	return nil
}

func sameShape(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
