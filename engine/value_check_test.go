package engine_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// everyWay is every engine, and the builtin one by LLVM IR and by MLIR where there are the
// tools.
func everyWay(t *testing.T) []engine.Options {
	t.Helper()
	out := engines(t)
	add := func(via string, err error) {
		if err != nil {
			t.Logf("SKIPPED: via %s: %v", via, err)
			return
		}
		out = append(out, engine.Options{Engine: engine.Builtin, Pipeline: engine.GradPairs, Via: via})
	}
	_, err := toolchain.FindLLVM(context.Background())
	add(engine.ViaLLVM, err)
	_, err = toolchain.FindMLIR()
	add(engine.ViaMLIR, err)
	return out
}

func imported(t *testing.T, name, text string) *ir.Module {
	t.Helper()
	m, err := torchscript.Import(dialects.Context(), name, []byte(text), torchscript.ImportOptions{})
	require.NoError(t, err)
	return m
}

// TestIntegerDivision wants a division by 0 to be an error at the op, as LibTorch throws
// one, where processors trap, and the least integer by -1 to wrap.
func TestIntegerDivision(t *testing.T) {
	const text = `graph(%%x : %[1]s(4, strides=[1], requires_grad=0, device=cpu),
      %%y : %[1]s(4, strides=[1], requires_grad=0, device=cpu)):
  %%floor : str = prim::Constant[value="floor"]()
  %%trunc : str = prim::Constant[value="trunc"]()
  %%three : int = prim::Constant[value=3]()
  %%1 : %[1]s(4, strides=[1], requires_grad=0, device=cpu) = aten::%[2]s
  %%2 : %[1]s(4, strides=[1], requires_grad=0, device=cpu) = aten::remainder(%%1, %%three)
  return (%%1, %%2)
`
	ops := []struct {
		call string
		want []int64
	}{
		{"div(%x, %y, %trunc)", []int64{-3, 3, 0, math.MinInt64}},
		{"div(%x, %y, %floor)", []int64{-4, 3, 0, math.MinInt64}},
		{"floor_divide(%x, %y)", []int64{-4, 3, 0, math.MinInt64}},
		{"fmod(%x, %y)", []int64{-1, -1, 0, 0}},
		{"remainder(%x, %y)", []int64{1, -1, 0, 0}},
	}
	x, y := []int64{-7, -7, 0, math.MinInt64}, []int64{2, -2, 5, -1}
	for i, o := range everyWay(t) {
		for k, op := range ops {
			dtype, of := "Long", func(v []int64) tensor.Tensor { return tensor.Of([]int64{4}, v) }
			least := int64(math.MinInt64)
			if (i+k)%2 == 1 { // compiling takes long
				dtype, least = "Int", math.MinInt32
				of = func(v []int64) tensor.Tensor {
					narrow := make([]int32, len(v))
					for i := range v {
						narrow[i] = int32(max(v[i], math.MinInt32))
					}
					return tensor.Of([]int64{4}, narrow)
				}
			}
			t.Run(fmt.Sprintf("%s%s%s%s/%s/%s", o.Engine, o.Pipeline, o.CladStyle, o.Via, op.call, dtype), func(t *testing.T) {
				t.Parallel()
				p, err := engine.Compile(context.Background(), imported(t, "whole.graph", fmt.Sprintf(text, dtype, op.call)), o)
				require.NoError(t, err)
				r, err := p.Run([]tensor.Tensor{of(x), of(y)}, nil)
				require.NoError(t, err)
				for i, v := range op.want {
					require.EqualValues(t, max(v, least), r.Outputs[0].At(int64(i)))
				}
				_, err = p.Run([]tensor.Tensor{of(x), of([]int64{1, 2, 0, 3})}, nil)
				require.ErrorContains(t, err, "integer division by zero")
				require.ErrorContains(t, err, "whole.graph:6")
			})
		}
	}
}

// TestDivisorsAreChecked counts the checks of graphs of one division.
func TestDivisorsAreChecked(t *testing.T) {
	const text = `graph(%%x : Long(%[1]s, strides=[1], requires_grad=0, device=cpu),
      %%y : Long(1, strides=[1], requires_grad=0, device=cpu),
      %%f : Float(1, strides=[1], requires_grad=0, device=cpu)):
  %%0 : int = prim::Constant[value=0]()
  %%3 : int = prim::Constant[value=3]()
  %%r : %[2]s(%[1]s, strides=[1], requires_grad=0, device=cpu) = aten::%[3]s
  return (%%r)
`
	for _, c := range []struct {
		sizes, dtype, call string
		checked            bool
	}{
		{"4", "Long", "floor_divide(%x, %y)", true},
		{"4", "Long", "remainder(%x, %0)", true},
		{"4", "Long", "remainder(%x, %3)", false},
		{"4", "Float", "remainder(%x, %f)", false},
		{"4", "Float", "div(%x, %y)", false},
		{"0", "Long", "floor_divide(%x, %y)", false}, // no element is divided
	} {
		text := imported(t, "t.graph", fmt.Sprintf(text, c.sizes, c.dtype, c.call)).String()
		check := require.NotContains
		if c.checked {
			check = require.Contains
		}
		check(t, text, "aten.checked_divisor", c.call)
	}
}

// TestProbabilities wants binary_cross_entropy to refuse what LibTorch throws for.
func TestProbabilities(t *testing.T) {
	const text = `graph(%x : Double(3, strides=[1], requires_grad=1, device=cpu),
      %t : Double(3, strides=[1], requires_grad=0, device=cpu)):
  %none : NoneType = prim::Constant()
  %mean : int = prim::Constant[value=1]()
  %1 : Double(requires_grad=1, device=cpu) = aten::binary_cross_entropy(%x, %t, %none, %mean)
  return (%1)
`
	target, one := tensor.Of([]int64{3}, []float64{1, 0, 0.5}), tensor.Of([]int64{}, []float64{1})
	for _, o := range everyWay(t) {
		t.Run(o.Engine+o.Pipeline+o.CladStyle+o.Via, func(t *testing.T) {
			t.Parallel()
			p, err := engine.Compile(context.Background(), imported(t, "bce.graph", text), o)
			require.NoError(t, err)
			r, err := p.Run([]tensor.Tensor{tensor.Of([]int64{3}, []float64{0, 1, 0.5}), target}, []*tensor.Tensor{&one})
			require.NoError(t, err)
			require.InDelta(t, (200+math.Ln2)/3, r.Outputs[0].At(0), 1e-9)
			for _, wrong := range []float64{math.NaN(), 1 + 1e-15, -1e-300, math.Inf(1)} {
				_, err = p.Run([]tensor.Tensor{tensor.Of([]int64{3}, []float64{0, wrong, 0.5}), target}, []*tensor.Tensor{&one})
				require.ErrorContains(t, err, "all elements of input should be between 0 and 1")
				require.ErrorContains(t, err, "bce.graph:5")
			}
		})
	}
}
