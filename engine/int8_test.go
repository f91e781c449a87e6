package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/tensor"
)

// TestBytesAreNoWorkspace compiles kernels whose scratch memory is tensors of i8, which
// look like the workspace.
func TestBytesAreNoWorkspace(t *testing.T) {
	const text = `graph(%x : Char(2, 3, strides=[3, 1], requires_grad=0, device=cpu),
      %y : Char(4, strides=[1], requires_grad=0, device=cpu)):
  %zero : int = prim::Constant[value=0]()
  %one : int = prim::Constant[value=1]()
  %dims : int[] = prim::ListConstruct(%one)
  %none : NoneType = prim::Constant()
  %no : bool = prim::Constant[value=0]()
  %1 : Char(2, strides=[1], requires_grad=0, device=cpu) = aten::amax(%x, %dims, %no)
  %2 : Char(2, strides=[1], requires_grad=0, device=cpu) = aten::amin(%x, %dims, %no)
  %3 : Char(requires_grad=0, device=cpu) = aten::max(%y)
  %4 : Char(requires_grad=0, device=cpu) = aten::min(%y)
  %5 : Char(4, strides=[1], requires_grad=0, device=cpu), %6 : Long(4, strides=[1], requires_grad=0, device=cpu) = aten::sort(%y, %zero, %no)
  %7 : Long(requires_grad=0, device=cpu) = aten::argmax(%y, %none, %no)
  %8 : Char(2, strides=[1], requires_grad=0, device=cpu) = aten::add(%1, %2, %one)
  return (%1, %2, %3, %4, %5, %6, %7, %8)
`
	m := imported(t, "bytes.graph", text)
	x, y := tensor.Of([]int64{2, 3}, []int8{1, -128, 3, 100, 127, 5}), tensor.Of([]int64{4}, []int8{7, -3, 100, 0})
	want := []any{[]int8{3, 127}, []int8{-128, 5}, []int8{100}, []int8{-3}, []int8{-3, 0, 7, 100}, []int64{1, 3, 0, 2}, []int64{2}, []int8{-125, -124}}
	for _, o := range everyWay(t) {
		t.Run(o.Engine+o.Pipeline+o.CladStyle+o.Via, func(t *testing.T) {
			t.Parallel()
			p, err := engine.Compile(context.Background(), m, o)
			require.NoError(t, err)
			r, err := p.Run([]tensor.Tensor{x, y}, nil)
			require.NoError(t, err)
			for i, w := range want {
				if bytes, ok := w.([]int8); ok {
					require.Equal(t, bytes, tensor.Values[int8](r.Outputs[i]), "output %d", i)
					continue
				}
				require.Equal(t, w, tensor.Values[int64](r.Outputs[i]), "output %d", i)
			}
		})
	}
}
