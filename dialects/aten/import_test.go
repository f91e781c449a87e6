package aten_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// in is input i as an argument of a node.
type in int

// graphText is an observed graph of one node, whose constants are literals here.
func graphText(inputs []tensor.Tensor, outputs int, op string, args []any) string {
	var b strings.Builder
	for i, x := range inputs {
		kind := map[tensor.DType]string{tensor.F64: "Double", tensor.F32: "Float", tensor.I64: "Long", tensor.Bool: "Bool"}[x.DType]
		var sizes, strides []string
		row := tensor.RowMajor(x.Shape)
		for d, n := range x.Shape {
			sizes, strides = append(sizes, fmt.Sprint(n)), append(strides, fmt.Sprint(row[d]))
		}
		fields := ""
		if len(sizes) > 0 {
			fields = strings.Join(sizes, ", ") + ", strides=[" + strings.Join(strides, ", ") + "], "
		}
		grad := 0
		if x.DType == tensor.F64 {
			grad = 1
		}
		if i > 0 {
			b.WriteString(",\n      ")
		} else {
			b.WriteString("graph(")
		}
		fmt.Fprintf(&b, "%%%d : %s(%srequires_grad=%d, device=cpu)", i, kind, fields, grad)
	}
	if len(inputs) == 0 {
		b.WriteString("graph(")
	}
	b.WriteString("):\n")
	next := len(inputs)
	define := func(text string) string {
		name := fmt.Sprintf("%%%d", next)
		next++
		fmt.Fprintf(&b, "  %s : %s\n", name, text)
		return name
	}
	var literal func(a any) string
	literal = func(a any) string {
		switch a := a.(type) {
		case in:
			return fmt.Sprintf("%%%d", int(a))
		case nil:
			return define("NoneType = prim::Constant()")
		case bool:
			return define(fmt.Sprintf("bool = prim::Constant[value=%d]()", map[bool]int{true: 1}[a]))
		case int:
			return define(fmt.Sprintf("int = prim::Constant[value=%d]()", a))
		case float64:
			text := fmt.Sprint(a)
			if math.IsInf(a, 0) {
				text = strings.ToLower(strings.TrimPrefix(text, "+"))
			} else if !strings.ContainsAny(text, ".e") {
				text += "."
			}
			return define("float = prim::Constant[value=" + text + "]()")
		case string:
			return define(fmt.Sprintf("str = prim::Constant[value=%q]()", a))
		case []int:
			var elems []string
			for _, v := range a {
				elems = append(elems, literal(v))
			}
			return define("int[] = prim::ListConstruct(" + strings.Join(elems, ", ") + ")")
		case []in:
			var elems []string
			for _, v := range a {
				elems = append(elems, literal(v))
			}
			return define("Tensor[] = prim::ListConstruct(" + strings.Join(elems, ", ") + ")")
		}
		panic(fmt.Sprintf("%T", a))
	}
	var names []string
	for _, a := range args {
		names = append(names, literal(a))
	}
	call := "aten::" + op + "(" + strings.Join(names, ", ") + ")"
	var results []string
	if outputs < 0 { // a list
		list := define("Tensor[] = " + call)
		for range -outputs {
			results = append(results, fmt.Sprintf("%%%d", next))
			next++
		}
		fmt.Fprintf(&b, "  %s = prim::ListUnpack(%s)\n", strings.Join(results, ", "), list)
	} else {
		for range outputs {
			results = append(results, fmt.Sprintf("%%%d", next))
			next++
		}
		fmt.Fprintf(&b, "  %s = %s\n", strings.Join(results, ", "), call)
	}
	fmt.Fprintf(&b, "  return (%s)\n", strings.Join(results, ", "))
	return b.String()
}

func compiled(text string) (*engine.Program, error) {
	m, err := torchscript.Import(dialects.Context(), "t.graph", []byte(text), torchscript.ImportOptions{})
	if err != nil {
		return nil, err
	}
	return engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
}

func doubles(shape []int64, values ...float64) tensor.Tensor { return tensor.Of(shape, values) }

// numbers is the elements of a tensor as floats.
func numbers(t tensor.Tensor) []float64 {
	out := []float64{}
	for i := int64(0); i < t.Len(); i++ {
		switch v := t.At(i).(type) {
		case float64:
			out = append(out, v)
		case float32:
			out = append(out, float64(v))
		case int64:
			out = append(out, float64(v))
		case bool:
			out = append(out, map[bool]float64{true: 1}[v])
		}
	}
	return out
}

type shape = []int64

// matrix is 2x3, with ties, a zero and a negative.
var (
	matrix = doubles(shape{2, 3}, 3, -1, 3, 0, 2, 5)
	row    = doubles(shape{3}, 0.5, -1.5, 2)
	smooth = doubles(shape{2, 3}, 0.7, -1.2, 2.1, 0.4, 1.6, -0.3)
)

// TestImports holds what spellings that are built from other ops compute, and their
// gradients against finite differences.
func TestImports(t *testing.T) {
	inf := math.Inf(1)
	type results [][]float64
	held := 0
	for _, c := range []struct {
		op     string
		inputs []tensor.Tensor
		args   []any
		shapes []shape
		want   results
	}{
		{"floor_divide", []tensor.Tensor{smooth}, []any{in(0), 0.5}, []shape{{2, 3}}, results{{1, -3, 4, 0, 3, -1}}},
		{"pow", []tensor.Tensor{row}, []any{2, in(0)}, []shape{{3}}, results{{math.Sqrt2, math.Pow(2, -1.5), 4}}},
		{"celu", []tensor.Tensor{row}, []any{in(0), 2.0}, []shape{{3}}, results{{0.5, 2 * math.Expm1(-0.75), 2}}},
		{"selu", []tensor.Tensor{row}, []any{in(0)}, []shape{{3}}, results{{0.52535049, 1.7580993 * math.Expm1(-1.5), 2.10140197}}},
		{"prelu", []tensor.Tensor{smooth, row}, []any{in(0), in(1)}, []shape{{2, 3}}, results{{0.7, 1.8, 2.1, 0.4, 1.6, -0.6}}},
		{"prelu", []tensor.Tensor{doubles(shape{}, -2), doubles(shape{1}, 0.5)}, []any{in(0), in(1)}, []shape{{}}, results{{-1}}},
		{"square", []tensor.Tensor{tensor.Of(shape{2}, []bool{true, false})}, []any{in(0)}, []shape{{2}}, results{{1, 0}}},
		{"glu", []tensor.Tensor{doubles(shape{4}, 1, 2, 0, 0)}, []any{in(0), -1}, []shape{{2}}, results{{0.5, 1}}},
		{"clamp", []tensor.Tensor{smooth, row}, []any{in(0), in(1), nil}, []shape{{2, 3}}, results{{0.7, -1.2, 2.1, 0.5, 1.6, 2}}},
		{"clamp", []tensor.Tensor{smooth}, []any{in(0), nil, 0.5}, []shape{{2, 3}}, results{{0.5, -1.2, 0.5, 0.4, 0.5, -0.3}}},
		{"masked_fill", []tensor.Tensor{row, tensor.Of(shape{3}, []bool{true, false, true})}, []any{in(0), in(1), 7},
			[]shape{{3}}, results{{7, -1.5, 7}}},
		{"dropout", []tensor.Tensor{row}, []any{in(0), 0.5, false}, []shape{{3}}, results{{0.5, -1.5, 2}}},
		{"to", []tensor.Tensor{row}, []any{in(0), 4, false, true, nil}, []shape{{3}}, results{{0, -1, 2}}},

		{"arange", nil, []any{5, nil, nil, nil, nil}, []shape{{5}}, results{{0, 1, 2, 3, 4}}},
		{"arange", nil, []any{1, 2.1, 0.5, 7, nil, nil, nil}, []shape{{3}}, results{{1, 1.5, 2}}},
		{"arange", nil, []any{5, 0, -2, 4, nil, nil, nil}, []shape{{3}}, results{{5, 3, 1}}},
		{"linspace", nil, []any{0, 1, 5, 7, nil, nil, nil}, []shape{{5}}, results{{0, 0.25, 0.5, 0.75, 1}}},
		{"eye", nil, []any{2, 3, 7, nil, nil, nil}, []shape{{2, 3}}, results{{1, 0, 0, 0, 1, 0}}},
		{"full", nil, []any{[]int{2}, 3, 7, nil, nil, nil}, []shape{{2}}, results{{3, 3}}},
		{"ones_like", []tensor.Tensor{row}, []any{in(0), nil, nil, nil, nil, nil}, []shape{{3}}, results{{1, 1, 1}}},
		{"tril", []tensor.Tensor{matrix}, []any{in(0), 0}, []shape{{2, 3}}, results{{3, 0, 0, 0, 2, 0}}},
		{"tril", []tensor.Tensor{matrix}, []any{in(0), -1}, []shape{{2, 3}}, results{{0, 0, 0, 0, 0, 0}}},
		{"triu", []tensor.Tensor{matrix}, []any{in(0), 1}, []shape{{2, 3}}, results{{0, -1, 3, 0, 0, 5}}},

		{"transpose", []tensor.Tensor{matrix}, []any{in(0), 0, -1}, []shape{{3, 2}}, results{{3, 0, -1, 2, 3, 5}}},
		{"mT", []tensor.Tensor{matrix}, []any{in(0)}, []shape{{3, 2}}, results{{3, 0, -1, 2, 3, 5}}},
		{"movedim", []tensor.Tensor{doubles(shape{1, 2, 3}, 0, 1, 2, 3, 4, 5)}, []any{in(0), 0, 2}, []shape{{2, 3, 1}}, results{{0, 1, 2, 3, 4, 5}}},
		{"movedim", []tensor.Tensor{doubles(shape{1, 2, 3}, 0, 1, 2, 3, 4, 5)}, []any{in(0), []int{-1, 0}, []int{0, 1}}, []shape{{3, 1, 2}}, results{{0, 3, 1, 4, 2, 5}}},
		{"unflatten", []tensor.Tensor{matrix}, []any{in(0), 1, []int{-1, 1}}, []shape{{2, 3, 1}}, results{{3, -1, 3, 0, 2, 5}}},
		{"flatten", []tensor.Tensor{matrix}, []any{in(0), 0, -1}, []shape{{6}}, results{{3, -1, 3, 0, 2, 5}}},
		{"unsqueeze", []tensor.Tensor{row}, []any{in(0), -1}, []shape{{3, 1}}, results{{0.5, -1.5, 2}}},
		{"repeat", []tensor.Tensor{doubles(shape{2}, 1, 2)}, []any{in(0), []int{2, 2}}, []shape{{2, 4}}, results{{1, 2, 1, 2, 1, 2, 1, 2}}},
		{"select", []tensor.Tensor{matrix}, []any{in(0), 1, -1}, []shape{{2}}, results{{3, 5}}},
		{"select_scatter", []tensor.Tensor{matrix, doubles(shape{2}, 8, 9)}, []any{in(0), in(1), 1, 1}, []shape{{2, 3}}, results{{3, 8, 3, 0, 9, 5}}},
		{"slice", []tensor.Tensor{row}, []any{in(0), 0, 0, 3, 2}, []shape{{2}}, results{{0.5, 2}}},
		{"chunk", []tensor.Tensor{row}, []any{in(0), 2, 0}, []shape{{2}, {1}}, results{{0.5, -1.5}, {2}}},
		{"chunk", []tensor.Tensor{doubles(shape{0})}, []any{in(0), 2, 0}, []shape{{0}, {0}}, results{{}, {}}},
		{"adaptive_avg_pool1d", []tensor.Tensor{doubles(shape{1, 5}, 1, 2, 3, 4, 5)}, []any{in(0), 2}, []shape{{1, 2}}, results{{2, 4}}},
		{"avg_pool1d", []tensor.Tensor{doubles(shape{1, 1}, 3)}, []any{in(0), 2, 2, 0, true}, []shape{{1, 1}}, results{{3}}},
		{"max_pool1d", []tensor.Tensor{doubles(shape{1, 1}, 3)}, []any{in(0), 2, 2, 0, 1, true}, []shape{{1, 1}}, results{{3}}},
		// What is listed twice has one gradient.
		{"index_fill", []tensor.Tensor{row, tensor.Of(shape{2}, []int64{1, 1}), doubles(shape{}, 7)}, []any{in(0), 0, in(1), in(2)}, []shape{{3}}, results{{0.5, 7, 2}}},
		{"full_like", []tensor.Tensor{row, doubles(shape{}, 7)}, []any{in(0), in(1)}, []shape{{3}}, results{{7, 7, 7}}},
		{"unbind", []tensor.Tensor{matrix}, []any{in(0), 0}, []shape{{3}, {3}}, results{{3, -1, 3}, {0, 2, 5}}},
		{"split", []tensor.Tensor{row}, []any{in(0), []int{1, 2}, 0}, []shape{{1}, {2}}, results{{0.5}, {-1.5, 2}}},

		{"sum", []tensor.Tensor{matrix}, []any{in(0), []int{-1}, true, nil}, []shape{{2, 1}}, results{{5, 7}}},
		{"prod", []tensor.Tensor{matrix}, []any{in(0), 1, false, nil}, []shape{{2}}, results{{-9, 0}}},
		{"prod", []tensor.Tensor{doubles(shape{3}, 0, 4, 0)}, []any{in(0), nil}, []shape{{}}, results{{0}}},
		{"any", []tensor.Tensor{matrix}, []any{in(0), 0, false}, []shape{{3}}, results{{1, 1, 1}}},
		{"all", []tensor.Tensor{matrix}, []any{in(0), 1, true}, []shape{{2, 1}}, results{{1, 0}}},
		{"count_nonzero", []tensor.Tensor{matrix}, []any{in(0), nil}, []shape{{}}, results{{5}}},
		{"argmax", []tensor.Tensor{matrix}, []any{in(0), 1, false}, []shape{{2}}, results{{0, 2}}},
		{"argmin", []tensor.Tensor{matrix}, []any{in(0), nil, false}, []shape{{}}, results{{1}}},
		{"argmax", []tensor.Tensor{matrix}, []any{in(0), nil, true}, []shape{{1, 1}}, results{{5}}},
		{"max", []tensor.Tensor{smooth}, []any{in(0), 0, false}, []shape{{3}, {3}}, results{{0.7, 1.6, 2.1}, {0, 1, 0}}},
		{"min", []tensor.Tensor{smooth}, []any{in(0)}, []shape{{}}, results{{-1.2}}},
		{"var", []tensor.Tensor{matrix}, []any{in(0), []int{1}, 0, false}, []shape{{2}}, results{{32. / 9, 38. / 9}}},
		{"std", []tensor.Tensor{matrix}, []any{in(0), true}, []shape{{}}, results{{math.Sqrt(4.8)}}},
		{"var_mean", []tensor.Tensor{matrix}, []any{in(0), []int{1}, false, true}, []shape{{2, 1}, {2, 1}}, results{{32. / 9, 38. / 9}, {5. / 3, 7. / 3}}},
		{"logsumexp", []tensor.Tensor{doubles(shape{2}, 1000, 1000)}, []any{in(0), []int{0}, false}, []shape{{}}, results{{1000 + math.Ln2}}},
		{"norm", []tensor.Tensor{matrix}, []any{in(0), 2}, []shape{{}}, results{{math.Sqrt(48)}}},
		{"norm", []tensor.Tensor{smooth}, []any{in(0), 3, []int{1}, true}, []shape{{2, 1}}, results{{
			math.Cbrt(0.343 + 1.728 + 9.261), math.Cbrt(0.064 + 4.096 + 0.027)}}},
		{"linalg_vector_norm", []tensor.Tensor{smooth}, []any{in(0), 1.5, nil, false, nil}, []shape{{}}, results{{math.Pow(
			math.Pow(0.7, 1.5)+math.Pow(1.2, 1.5)+math.Pow(2.1, 1.5)+math.Pow(0.4, 1.5)+math.Pow(1.6, 1.5)+math.Pow(0.3, 1.5), 1/1.5)}}},
		{"linalg_vector_norm", []tensor.Tensor{smooth}, []any{in(0), 0.5, []int{0}, false, nil}, []shape{{3}}, results{{
			math.Pow(math.Sqrt(0.7)+math.Sqrt(0.4), 2), math.Pow(math.Sqrt(1.2)+math.Sqrt(1.6), 2), math.Pow(math.Sqrt(2.1)+math.Sqrt(0.3), 2)}}},
		{"linalg_vector_norm", []tensor.Tensor{smooth}, []any{in(0), inf, []int{1}, false, nil}, []shape{{2}}, results{{2.1, 1.6}}},
		{"linalg_vector_norm", []tensor.Tensor{matrix}, []any{in(0), 0, nil, false, nil}, []shape{{}}, results{{5}}},
		{"linalg_norm", []tensor.Tensor{row}, []any{in(0), nil, nil, false, nil}, []shape{{}}, results{{math.Sqrt(6.5)}}},
	} {
		t.Run(fmt.Sprint(c.op, c.args), func(t *testing.T) {
			outputs := len(c.want)
			if outputs > 1 && (c.op == "chunk" || c.op == "unbind" || c.op == "split") {
				outputs = -outputs
			}
			text := graphText(c.inputs, outputs, c.op, c.args)
			p, err := compiled(text)
			require.NoError(t, err, "%s", text)
			r, err := p.Run(c.inputs, nil)
			require.NoError(t, err, "%s", text)
			for i, out := range r.Outputs {
				require.Equal(t, fmt.Sprint(c.shapes[i]), fmt.Sprint(append(shape{}, out.Shape...)), "%s", text)
				require.InDeltaSlice(t, c.want[i], numbers(out), 2e-7, "%s", text)
			}
			held += requireGradient(t, p, c.inputs)
		})
	}
	require.Greater(t, held, 150, "gradients were not compared")
}

// requireGradient holds the gradients of the first floating output against central
// differences, where the inputs are not at a kink; it returns how many numbers it held.
func requireGradient(t *testing.T, p *engine.Program, inputs []tensor.Tensor) (held int) {
	t.Helper()
	if !engine.NeedsGradient(p.Meta) || p.Meta.Outputs[0].DType != tensor.F64 {
		return 0
	}
	adjoints := make([]*tensor.Tensor, len(p.Meta.Outputs))
	for i, v := range p.Meta.Outputs {
		if v.DType == tensor.F64 {
			zero, err := tensor.New(v.DType, v.Shape)
			require.NoError(t, err)
			adjoints[i] = &zero
		}
	}
	seed := *adjoints[0]
	for k := range tensor.Values[float64](seed) {
		tensor.Values[float64](seed)[k] = 0.3 + 0.7*float64(k)
	}
	r, err := p.Run(inputs, adjoints)
	require.NoError(t, err)
	for i := range inputs {
		if r.Gradients[i] == nil {
			continue
		}
		for k, g := range tensor.Values[float64](*r.Gradients[i]) {
			want := difference(t, p, inputs, i, k, seed)
			require.InDelta(t, want, g, 1e-6*max(1, math.Abs(want)), "gradient of input %d, element %d", i, k)
			held++
		}
	}
	return held
}

func difference(t *testing.T, p *engine.Program, inputs []tensor.Tensor, i, k int, seed tensor.Tensor) float64 {
	t.Helper()
	const h = 1e-5
	value := func(step float64) float64 {
		moved := append([]tensor.Tensor{}, inputs...)
		moved[i] = inputs[i].Clone()
		tensor.Values[float64](moved[i])[k] += step
		r, err := p.Run(moved, nil)
		require.NoError(t, err)
		total := 0.0
		for e, v := range tensor.Values[float64](r.Outputs[0]) {
			total += v * tensor.Values[float64](seed)[e]
		}
		return total
	}
	return (value(h) - value(-h)) / (2 * h)
}

// TestGradientConventions holds gradients at ties and at 0, which differences cannot
// tell, against what derivatives.yaml says.
func TestGradientConventions(t *testing.T) {
	tied := doubles(shape{3}, 2, 1, 2)
	zeros := doubles(shape{2}, 0, 0)
	for _, c := range []struct {
		op   string
		x    tensor.Tensor
		args []any
		want []float64
	}{
		{"amax", tied, []any{in(0), []int{0}, false}, []float64{0.5, 0, 0.5}},
		{"max", tied, []any{in(0)}, []float64{0.5, 0, 0.5}},
		{"max", tied, []any{in(0), 0, false}, []float64{1, 0, 0}},
		{"linalg_vector_norm", tied, []any{in(0), math.Inf(1), nil, false, nil}, []float64{0.5, 0, 0.5}},
		{"norm", zeros, []any{in(0), 2}, []float64{0, 0}},
		{"norm", zeros, []any{in(0), 1}, []float64{0, 0}},
		{"norm", zeros, []any{in(0), 3}, []float64{0, 0}},
		{"std", zeros, []any{in(0), true}, []float64{0, 0}},
		{"prod", doubles(shape{3}, 2, 0, 3), []any{in(0), nil}, []float64{0, 6, 0}},
		{"prod", doubles(shape{3}, 2, 0, 0), []any{in(0), nil}, []float64{0, 0, 0}},
		{"relu", zeros, []any{in(0)}, []float64{0, 0}},
	} {
		outputs := 1
		if c.op == "max" && len(c.args) > 1 {
			outputs = 2
		}
		p, err := compiled(graphText([]tensor.Tensor{c.x}, outputs, c.op, c.args))
		require.NoError(t, err)
		adjoints := make([]*tensor.Tensor, outputs)
		one, err := tensor.New(tensor.F64, p.Meta.Outputs[0].Shape)
		require.NoError(t, err)
		for k := range tensor.Values[float64](one) {
			tensor.Values[float64](one)[k] = 1
		}
		adjoints[0] = &one
		r, err := p.Run([]tensor.Tensor{c.x}, adjoints)
		require.NoError(t, err)
		require.InDeltaSlice(t, c.want, numbers(*r.Gradients[0]), 1e-12, "%s %v", c.op, c.args)
	}
}

// TestRefusedArguments holds that what cannot be imported is refused with a reason.
func TestRefusedArguments(t *testing.T) {
	for _, c := range []struct {
		op     string
		args   []any
		reason string
	}{
		{"dropout", []any{in(0), 0.5, true}, "draws random numbers"},
		{"linalg_norm", []any{in(0), 2, []int{0, 1}, false, nil}, "norm of a matrix"},
		{"amax", []any{in(0), []int{5}, false}, "dimension 5 is out of range"},
		{"transpose", []any{in(0), 0, 2}, "out of range"},
		{"movedim", []any{in(0), []int{0, 0}, []int{0, 1}}, "each may occur once"},
		{"unflatten", []any{in(0), 1, []int{2, 2}}, "do not multiply to 3"},
		{"select", []any{in(0), 1, 3}, "index 3 is out of range"},
		{"chunk", []any{in(0), 0, 0}, "chunks is 0"},
		{"split", []any{in(0), []int{1, 2}, 0}, "do not add up to 2"},
		{"repeat", []any{in(0), []int{2}}, "fewer numbers"},
		{"arange", []any{0, 5, 0, nil, nil, nil, nil}, "has no numbers"},
		{"to", []any{in(0), 5, false, false, nil}, "dtype Half is not supported"},
		{"to", []any{in(0), 23, false, false, nil}, "dtype 23 is not supported"},
		{"glu", []any{in(0), 1}, "expected an even size"},
		{"roll", []any{in(0), []int{1}, []int{2}}, "dimension 2 is out of range"},
		{"diagonal", []any{in(0), 0, 1, -1}, "have no diagonal"},
		{"linalg_cross", []any{in(0), in(0), 0}, "size 3 in dimension 0"},
	} {
		_, err := compiled(graphText([]tensor.Tensor{matrix}, 1, c.op, c.args))
		require.ErrorContains(t, err, c.reason, "%s %v", c.op, c.args)
	}
}
