package engine_test

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	funcs "github.com/cladopt/cladopt/dialects/func"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

var valueName = regexp.MustCompile(`%\w+`)

// exampleModule makes a function of an op's Example: its operands are the arguments,
// its floating results the results; floats are f64.
func exampleModule(t *testing.T, ctx *ir.Context, def *ir.OpDef) *ir.Module {
	t.Helper()
	example := strings.ReplaceAll(def.Example, "f32", "f64")
	result, rest, ok := strings.Cut(example, " = ")
	require.True(t, ok, "the Example of %s names no result", def.Name)
	at := strings.LastIndex(rest, " : ")
	require.Positive(t, at)
	head, types := rest[:at], rest[at+3:]
	if brace := strings.IndexByte(head, '{'); brace >= 0 {
		head = head[:brace]
	}
	names := valueName.FindAllString(head, -1)
	if !strings.HasPrefix(types, "(") {
		types = "(" + strings.Join(repeat(types, len(names)), ", ") + ") -> " + types
	}
	m, err := mlir.Parse(ctx, string(def.Name), []byte(fmt.Sprintf("func.func private @f%s", types)))
	require.NoError(t, err)
	ft := funcs.Type(m.Symbol("f"))
	var params, outs, outTypes []string
	for i, n := range names {
		grad := ""
		if ir.IsFloat(ft.Inputs()[i]) {
			grad = " {cladopt.requires_grad}"
		}
		params = append(params, fmt.Sprintf("%s: %s%s", n, ft.Inputs()[i], grad))
	}
	name, _, _ := strings.Cut(result, ":")
	for i, x := range ft.Results() {
		if !ir.IsFloat(x) && len(ft.Results()) > 1 {
			continue
		}
		suffix := ""
		if len(ft.Results()) > 1 {
			suffix = fmt.Sprintf("#%d", i)
		}
		outs, outTypes = append(outs, name+suffix), append(outTypes, x.String())
	}
	text := fmt.Sprintf("func.func @graph(%s) -> (%s) {\n  %s\n  func.return %s : %s\n}\n", strings.Join(params, ", "),
		strings.Join(outTypes, ", "), example, strings.Join(outs, ", "), strings.Join(outTypes, ", "))
	m, err = mlir.Parse(ctx, string(def.Name), []byte(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, ir.Verify(ctx, m.Op), "%s", text)
	if def.Differentiable != nil {
		f := m.Symbol(passes.GraphName)
		for i := range f.Body().Args() {
			wrt := make([]bool, len(f.Body().Args()))
			wrt[i] = true
			if def.Differentiable(f.Body().First(), wrt) != nil {
				funcs.SetArgAttr(f, i, passes.RequiresGrad, nil)
			}
		}
	}
	return m
}

func repeat(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// draw makes random inputs of an op: floats from lo to hi unless the op says other.
func draw(t *testing.T, r *rand.Rand, def *ir.OpDef, op *ir.Op, p *engine.Program, lo, hi float64) []tensor.Tensor {
	t.Helper()
	var out []tensor.Tensor
	for i, v := range p.Meta.Inputs {
		x, err := tensor.New(v.DType, v.Shape)
		require.NoError(t, err)
		a, b := lo, hi
		if def.Sample != nil && v.DType != tensor.F64 {
			a, b = def.Sample(op, i)
		} else if v.DType != tensor.F64 {
			a, b = 0, 2
		}
		for k := int64(0); k < x.Len(); k++ {
			switch v.DType {
			case tensor.F64:
				tensor.Values[float64](x)[k] = a + (b-a)*r.Float64()
			case tensor.I64:
				tensor.Values[int64](x)[k] = int64(a) + r.Int63n(int64(b)-int64(a)+1)
			case tensor.Bool:
				x.Data[k] = byte(r.Intn(2))
			default:
				t.Fatalf("%s: no random values of type %s", def.Name, v.DType)
			}
		}
		out = append(out, x)
	}
	return out
}

// ranges are the intervals that floats are drawn from, until the op has values there.
var ranges = [][2]float64{{-0.9, 0.9}, {0.2, 0.9}, {1.1, 2}}

// TestDerivativesOfEveryOp runs the op table: the gradient of every op's Example, as
// the interpreter and as compiled code compute it, against finite differences in f64.
// A new op is covered by being registered.
func TestDerivativesOfEveryOp(t *testing.T) {
	ctx := dialects.Context()
	tested := 0
	for _, def := range ctx.Dialect("aten").Ops {
		if def.Traits&ir.NotDifferentiable != 0 {
			continue
		}
		m := exampleModule(t, ctx, def)
		meta, err := engine.Signature(m)
		require.NoError(t, err)
		if !engine.NeedsGradient(meta) || meta.Outputs[0].DType != tensor.F64 {
			continue
		}
		tested++
		t.Run(string(def.Name), func(t *testing.T) {
			t.Parallel()
			op := m.Symbol(passes.GraphName).Body().First()
			oracle, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
			require.NoError(t, err)
			r := rand.New(rand.NewSource(7))
			var in []tensor.Tensor
			for _, limits := range ranges {
				in = draw(t, r, def, op, oracle, limits[0], limits[1])
				var out *engine.Result
				if out, err = oracle.Run(in, nil); err == nil && finite(out.Outputs) {
					break
				}
			}
			require.NoError(t, err)
			adjoints := make([]*tensor.Tensor, len(oracle.Meta.Outputs))
			for i, v := range oracle.Meta.Outputs {
				g, err := tensor.New(v.DType, v.Shape)
				require.NoError(t, err)
				for k := range tensor.Values[float64](g) {
					tensor.Values[float64](g)[k] = r.Float64() - 0.5
				}
				adjoints[i] = &g
			}
			ways := engines(t)
			if os.Getenv("CLADOPT_LONG") == "" {
				ways = ways[:min(len(ways), 2)] // both pipelines in make check
			}
			for _, o := range ways {
				p, err := engine.Compile(context.Background(), m, o)
				require.NoError(t, err)
				got, err := p.Run(in, adjoints)
				require.NoError(t, err)
				for i := range in {
					if got.Gradients[i] == nil {
						continue
					}
					for k, g := range tensor.Values[float64](*got.Gradients[i]) {
						want := difference(t, oracle, in, i, k, adjoints)
						require.InDelta(t, want, g, 1e-6+1e-5*math.Abs(want), "%s %s: input %d, element %d", o.Engine, o.Pipeline, i, k)
					}
				}
			}
		})
	}
	require.Greater(t, tested, 60)
}

func finite(outs []tensor.Tensor) bool {
	for _, o := range outs {
		for _, v := range tensor.Values[float64](o) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return false
			}
		}
	}
	return true
}

// difference is the central difference of sum(adjoint * output) by one element.
func difference(t *testing.T, p *engine.Program, in []tensor.Tensor, i, k int, adjoints []*tensor.Tensor) float64 {
	t.Helper()
	const h = 1e-6
	value := func(step float64) float64 {
		moved := append([]tensor.Tensor{}, in...)
		moved[i] = in[i].Clone()
		tensor.Values[float64](moved[i])[k] += step
		r, err := p.Run(moved, nil)
		require.NoError(t, err)
		total := 0.0
		for o, out := range r.Outputs {
			for e, v := range tensor.Values[float64](out) {
				total += v * tensor.Values[float64](*adjoints[o])[e]
			}
		}
		return total
	}
	return (value(h) - value(-h)) / (2 * h)
}
