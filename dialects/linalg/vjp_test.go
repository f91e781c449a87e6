package linalg_test

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// nests are generics whose derivative follows from their body. Arguments of f64 want
// a gradient.
var nests = []struct{ name, args, result, body string }{
	{"elementwise", "%x: tensor<2x3xf64>, %y: tensor<2x3xf64>", "tensor<2x3xf64>", `
  %e = tensor.empty() : tensor<2x3xf64>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %y : tensor<2x3xf64>, tensor<2x3xf64>) outs(%e : tensor<2x3xf64>) {
  ^bb0(%a: f64, %b: f64, %o: f64):
    %0 = math.exp %a : f64
    %1 = arith.mulf %0, %b : f64
    %2 = arith.divf %1, %0 : f64
    %3 = arith.addf %1, %2 : f64
    linalg.yield %3 : f64
  } -> tensor<2x3xf64>`},
	{"broadcast", "%x: tensor<3xf64>, %y: tensor<2x1xf64>, %s: tensor<f64>, %i: tensor<2x3xi64>", "tensor<2x3xf64>", `
  %e = tensor.empty() : tensor<2x3xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> ()>, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %y, %s, %i : tensor<3xf64>, tensor<2x1xf64>, tensor<f64>, tensor<2x3xi64>) outs(%e : tensor<2x3xf64>) {
  ^bb0(%a: f64, %b: f64, %c: f64, %k: i64, %o: f64):
    %0 = arith.sitofp %k : i64 to f64
    %1 = arith.mulf %a, %b : f64
    %2 = arith.mulf %1, %c : f64
    %3 = arith.mulf %2, %0 : f64
    linalg.yield %3 : f64
  } -> tensor<2x3xf64>`},
	{"transposed", "%x: tensor<3x2xf64>, %y: tensor<2x3xf64>", "tensor<3x2xf64>", `
  %e = tensor.empty() : tensor<3x2xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #id, affine_map<(d0, d1) -> (d1, d0)>], iterator_types = ["parallel", "parallel"]} ins(%x, %y : tensor<3x2xf64>, tensor<2x3xf64>) outs(%e : tensor<3x2xf64>) {
  ^bb0(%a: f64, %b: f64, %o: f64):
    %0 = math.sin %a : f64
    %1 = arith.mulf %0, %b : f64
    linalg.yield %1 : f64
  } -> tensor<3x2xf64>`},
	{"the same operand twice, a diagonal and a reversal", "%x: tensor<3x3xf64>, %y: tensor<3xf64>", "tensor<3xf64>", `
  %e = tensor.empty() : tensor<3xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, d0)>, affine_map<(d0) -> (1, d0)>, affine_map<(d0) -> (-d0 + 2)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x, %x, %y : tensor<3x3xf64>, tensor<3x3xf64>, tensor<3xf64>) outs(%e : tensor<3xf64>) {
  ^bb0(%a: f64, %b: f64, %c: f64, %o: f64):
    %0 = arith.mulf %a, %b : f64
    %1 = arith.mulf %0, %c : f64
    linalg.yield %1 : f64
  } -> tensor<3xf64>`},
	{"strided and overlapping reads", "%x: tensor<7xf64>", "tensor<3x2xf64>", `
  %e = tensor.empty() : tensor<3x2xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1)>, affine_map<(d0, d1) -> (d0 + d1)>, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %x : tensor<7xf64>, tensor<7xf64>) outs(%e : tensor<3x2xf64>) {
  ^bb0(%a: f64, %b: f64, %o: f64):
    %0 = arith.mulf %a, %b : f64
    linalg.yield %0 : f64
  } -> tensor<3x2xf64>`},
	{"a destination that is read", "%x: tensor<2x3xf64>, %y: tensor<2x3xf64>", "tensor<2x3xf64>", `
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x3xf64>) outs(%y : tensor<2x3xf64>) {
  ^bb0(%a: f64, %o: f64):
    %0 = arith.mulf %a, %o : f64
    linalg.yield %0 : f64
  } -> tensor<2x3xf64>`},
	{"a sum", "%x: tensor<2x3xf64>, %y: tensor<2x3xf64>, %z: tensor<2xf64>", "tensor<2xf64>", `
  %r = linalg.generic {indexing_maps = [#id, #id, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x, %y : tensor<2x3xf64>, tensor<2x3xf64>) outs(%z : tensor<2xf64>) {
  ^bb0(%a: f64, %b: f64, %acc: f64):
    %0 = arith.mulf %a, %b : f64
    %1 = arith.addf %acc, %0 : f64
    linalg.yield %1 : f64
  } -> tensor<2xf64>`},
	{"a product of matrices", "%x: tensor<2x4xf64>, %y: tensor<4x3xf64>", "tensor<2x3xf64>", `
  %z = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<2x3xf64>
  %f = linalg.fill ins(%z : f64) outs(%e : tensor<2x3xf64>) -> tensor<2x3xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<2x4xf64>, tensor<4x3xf64>) outs(%f : tensor<2x3xf64>) {
  ^bb0(%a: f64, %b: f64, %acc: f64):
    %0 = arith.mulf %a, %b : f64
    %1 = arith.addf %0, %acc : f64
    linalg.yield %1 : f64
  } -> tensor<2x3xf64>`},
	{"two outputs and a constant from outside", "%x: tensor<4xf64>", "tensor<4xf64>", `
  %k = arith.constant 3.0 : f64
  %e = tensor.empty() : tensor<4xf64>
  %p:2 = linalg.generic {indexing_maps = [#one, #one, #one], iterator_types = ["parallel"]} ins(%x : tensor<4xf64>) outs(%e, %e : tensor<4xf64>, tensor<4xf64>) {
  ^bb0(%a: f64, %o: f64, %q: f64):
    %0 = arith.mulf %a, %k : f64
    %1 = math.tanh %a : f64
    linalg.yield %0, %1 : f64, f64
  } -> (tensor<4xf64>, tensor<4xf64>)
  %r = linalg.generic {indexing_maps = [#one, #one, #one], iterator_types = ["parallel"]} ins(%p#0, %p#1 : tensor<4xf64>, tensor<4xf64>) outs(%e : tensor<4xf64>) {
  ^bb0(%a: f64, %b: f64, %o: f64):
    %0 = arith.mulf %a, %b : f64
    linalg.yield %0 : f64
  } -> tensor<4xf64>`},
	{"no loops", "%x: tensor<f64>", "tensor<f64>", `
  %e = tensor.empty() : tensor<f64>
  %r = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%x : tensor<f64>) outs(%e : tensor<f64>) {
  ^bb0(%a: f64, %o: f64):
    %0 = arith.mulf %a, %a : f64
    linalg.yield %0 : f64
  } -> tensor<f64>`},
}

const aliases = "#id = affine_map<(d0, d1) -> (d0, d1)>\n#one = affine_map<(d0) -> (d0)>\n"

func parse(t *testing.T, ctx *ir.Context, args, result, body string) *ir.Module {
	t.Helper()
	args = strings.ReplaceAll(args, "xf64>", "xf64> {cladopt.requires_grad}")
	args = strings.ReplaceAll(args, "<f64>", "<f64> {cladopt.requires_grad}")
	text := fmt.Sprintf("%sfunc.func @graph(%s) -> %s {%s\n  func.return %%r : %s\n}\n", aliases, args, result, body, result)
	m, err := mlir.Parse(ctx, "nest.mlir", []byte(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, ir.Verify(ctx, m.Op))
	return m
}

// TestDerivativesOfNests holds the derived adjoints against finite differences, and
// the module that has them against mlir-opt.
func TestDerivativesOfNests(t *testing.T) {
	ctx := dialects.Context()
	for _, n := range nests {
		t.Run(n.name, func(t *testing.T) {
			m := parse(t, ctx, n.args, n.result, n.body)
			p, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
			require.NoError(t, err)
			r := rand.New(rand.NewSource(3))
			draw := func(d tensor.DType, shape []int64) tensor.Tensor {
				x, err := tensor.New(d, shape)
				require.NoError(t, err)
				for k := int64(0); k < x.Len(); k++ {
					if d == tensor.I64 {
						tensor.Values[int64](x)[k] = 1 + r.Int63n(4)
					} else {
						tensor.Values[float64](x)[k] = 0.5 + r.Float64()
					}
				}
				return x
			}
			var in []tensor.Tensor
			for _, v := range p.Meta.Inputs {
				in = append(in, draw(v.DType, v.Shape))
			}
			seed := draw(tensor.F64, p.Meta.Outputs[0].Shape)
			got, err := p.Run(in, []*tensor.Tensor{&seed})
			require.NoError(t, err)
			value := func(i, k int, h float64) (total float64) {
				moved := append([]tensor.Tensor{}, in...)
				moved[i] = in[i].Clone()
				tensor.Values[float64](moved[i])[k] += h
				out, err := p.Run(moved, nil)
				require.NoError(t, err)
				for e, v := range tensor.Values[float64](out.Outputs[0]) {
					total += v * tensor.Values[float64](seed)[e]
				}
				return total
			}
			for i, g := range got.Gradients {
				if g == nil {
					continue
				}
				for k, v := range tensor.Values[float64](*g) {
					want := (value(i, k, 1e-6) - value(i, k, -1e-6)) / 2e-6
					require.InDelta(t, want, v, 1e-7+1e-6*math.Abs(want), "input %d, element %d", i, k)
				}
			}

			whole := ir.CloneModule(m)
			require.NoError(t, engine.RunPipeline(whole, "differentiate", nil))
			if _, err := exec.LookPath("mlir-opt-16"); err != nil {
				t.Skip("SKIPPED: mlir-opt-16 is not installed (Debian: mlir-16-tools)")
			}
			cmd := exec.Command("mlir-opt-16", "--allow-unregistered-dialect")
			cmd.Stdin = strings.NewReader(ir.Print(whole.Op, ir.PrintOptions{Generic: true}))
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", out, whole)
		})
	}
}

// pullBack gives the only generic of a module an adjoint of ones where wanted says
// so, and returns what its derivative gives.
func pullBack(t *testing.T, m *ir.Module, wanted ...bool) (op *ir.Op, out, douts []*ir.Value) {
	t.Helper()
	m.Op.Walk(func(o *ir.Op) {
		if o.Name == linalg.OpGeneric {
			op = o
		}
	})
	for i, w := range wanted {
		douts = append(douts, nil)
		if w {
			douts[i] = op.Parent().Body().AddArg(op.Result(i).Type())
		}
	}
	return op, op.Def().VJP(ir.BuilderAfter(m.Ctx, op), op, douts), douts
}

func TestAdjointsThatAreNothing(t *testing.T) {
	ctx := dialects.Context()
	m := parse(t, ctx, "%x: tensor<4xf64>, %y: tensor<4xf64>, %i: tensor<4xi64>", "tensor<4xf64>", `
  %r = linalg.generic {indexing_maps = [#one, #one, #one, #one], iterator_types = ["parallel"]} ins(%x, %y, %i : tensor<4xf64>, tensor<4xf64>, tensor<4xi64>) outs(%x : tensor<4xf64>) {
  ^bb0(%a: f64, %b: f64, %k: i64, %o: f64):
    %0 = arith.sitofp %k : i64 to f64
    %1 = arith.mulf %a, %0 : f64
    %2 = arith.addf %1, %b : f64
    linalg.yield %2 : f64
  } -> tensor<4xf64>`)
	_, out, _ := pullBack(t, ir.CloneModule(m), false)
	require.Equal(t, make([]*ir.Value, 4), out, "no adjoint came in")

	op, out, douts := pullBack(t, m, true)
	require.NotNil(t, out[0])
	require.Same(t, douts[0], out[1], "a summand's adjoint is the sum's")
	require.Nil(t, out[2], "integers have none")
	require.Nil(t, out[3], "the destination is not read")
	nest := out[0].Def()
	require.Equal(t, []*ir.Value{op.Operand(2), douts[0]}, linalg.Inputs(nest), "only what the adjoints need is read")

	floor := parse(t, ctx, "%x: tensor<4xf64>", "tensor<4xf64>", `
  %r = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : tensor<4xf64>) outs(%x : tensor<4xf64>) {
  ^bb0(%a: f64, %o: f64):
    %0 = math.floor %a : f64
    linalg.yield %0 : f64
  } -> tensor<4xf64>`)
	_, out, _ = pullBack(t, floor, true)
	require.Equal(t, make([]*ir.Value, 2), out, "a step is flat")
}

// TestUnderivable wants nests that have no derivative here to say so, and not to give
// a wrong one.
func TestUnderivable(t *testing.T) {
	ctx := dialects.Context()
	for want, body := range map[string]string{
		"by something else than a sum": `
  %r = linalg.generic {indexing_maps = [#one, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : tensor<4xf64>) outs(%s : tensor<f64>) {
  ^bb0(%a: f64, %acc: f64):
    %0 = arith.maxf %a, %acc : f64
    linalg.yield %0 : f64
  } -> tensor<f64>`,
		"reads a float from outside": `
  %k = tensor.extract %s[] : tensor<f64>
  %r = linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%s : tensor<f64>) {
  ^bb0(%o: f64):
    %0 = arith.mulf %k, %k : f64
    linalg.yield %0 : f64
  } -> tensor<f64>`,
		"has no derivative here": `
  %r = linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%s : tensor<f64>) {
  ^bb0(%o: f64):
    %c = arith.cmpf olt, %o, %o : f64
    %0 = scf.if %c -> (f64) {
      scf.yield %o : f64
    } else {
      scf.yield %o : f64
    }
    linalg.yield %0 : f64
  } -> tensor<f64>`,
	} {
		m := parse(t, ctx, "%x: tensor<4xf64>, %s: tensor<f64>", "tensor<f64>", body)
		m.Op.Walk(func(op *ir.Op) {
			if op.Name == linalg.OpGeneric {
				require.ErrorContains(t, linalg.Differentiable(op), want)
			}
		})
		require.ErrorContains(t, engine.RunPipeline(m, "differentiate", nil), want)
	}
}

// TestGeneralize wants a product to compute the same by its name and as a generic.
func TestGeneralize(t *testing.T) {
	ctx := dialects.Context()
	m := parse(t, ctx, "%x: tensor<2x2x3xf64>, %y: tensor<2x3x2xf64>, %z: tensor<2x2x2xf64>", "tensor<2x2x2xf64>", `
  %r = linalg.batch_matmul ins(%x, %y : tensor<2x2x3xf64>, tensor<2x3x2xf64>) outs(%z : tensor<2x2x2xf64>) -> tensor<2x2x2xf64>`)
	_, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
	require.ErrorContains(t, err, "has no derivative here", "it is not silently taken for a constant")
	require.NoError(t, engine.RunPipeline(m, "lower-to-linalg", nil))
	p, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
	require.NoError(t, err)
	var in []tensor.Tensor
	for _, v := range p.Meta.Inputs {
		x, err := tensor.New(v.DType, v.Shape)
		require.NoError(t, err)
		for k := range tensor.Values[float64](x) {
			tensor.Values[float64](x)[k] = float64(k + 1)
		}
		in = append(in, x)
	}
	got, err := p.Run(in, nil)
	require.NoError(t, err)
	// [[1 2 3] [4 5 6]] [[1 2] [3 4] [5 6]] = [[22 28] [49 64]], and the second of the
	// batch [[220 244] [301 334]]; the destination, 1 to 8, is added.
	require.Equal(t, []float64{23, 30, 52, 68, 225, 250, 308, 342}, tensor.Values[float64](got.Outputs[0]))
}

// TestPure wants nests on tensors to be pure, and those that write memory not.
func TestPure(t *testing.T) {
	ctx := dialects.Context()
	m, err := mlir.Parse(ctx, "pure.mlir", []byte(`
func.func @f(%t: tensor<4xf32>, %m: memref<4xf32>, %v: f32) {
  %0 = linalg.fill ins(%v : f32) outs(%t : tensor<4xf32>) -> tensor<4xf32>
  linalg.fill ins(%v : f32) outs(%m : memref<4xf32>)
  func.return
}`))
	require.NoError(t, err)
	require.NoError(t, engine.RunPipeline(m, "dce", nil))
	text := m.String()
	require.Equal(t, 1, strings.Count(text, "linalg.fill"), "%s", text)
	require.Contains(t, text, "outs(%arg1 : memref<4xf32>)")
}
