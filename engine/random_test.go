package engine_test

import (
	"bytes"
	"context"
	"math"
	"math/rand"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

// seeds is how many random graphs a test takes in make test, in make check and in make
// soak.
func seeds(test, check, soak int64) int64 {
	switch {
	case os.Getenv("CLADOPT_SOAK") != "":
		return soak
	case os.Getenv("CLADOPT_LONG") != "":
		return check
	}
	return test
}

// randomCase is a random graph with inputs, adjoints, and what the interpreter makes of
// them; false if its numbers are too great to have digits to compare.
func randomCase(t *testing.T, seed int64) (m *ir.Module, text string, d *engine.Data, ok bool) {
	t.Helper()
	r := rand.New(rand.NewSource(seed))
	text = randomir.Aten(r, 30)
	m, err := mlir.Parse(dialects.Context(), "random.mlir", []byte(text))
	require.NoError(t, err)
	oracle, err := engine.Compile(context.Background(), m, engine.Options{Engine: engine.Interp})
	require.NoError(t, err, "seed %d\n%s", seed, text)
	draw := func(shape []int64) tensor.Tensor {
		x, err := tensor.New(tensor.F64, shape)
		require.NoError(t, err)
		for k := range tensor.Values[float64](x) {
			tensor.Values[float64](x)[k] = 2*r.Float64() - 1
		}
		return x
	}
	d = &engine.Data{}
	for _, v := range oracle.Meta.Inputs {
		d.Inputs = append(d.Inputs, draw(v.Shape))
	}
	for _, v := range oracle.Meta.Outputs {
		g := draw(v.Shape)
		d.GradOut = append(d.GradOut, &g)
	}
	want, err := oracle.Run(d.Inputs, d.GradOut)
	require.NoError(t, err, "seed %d\n%s", seed, text)
	for i := range want.Outputs {
		d.Outputs = append(d.Outputs, &want.Outputs[i])
	}
	d.GradIn = want.Gradients
	return m, text, d, moderate(d.Outputs) && moderate(d.GradIn)
}

// TestRandomGraphs holds compiled code of both pipelines against the interpreter, on
// random graphs and their gradients.
func TestRandomGraphs(t *testing.T) {
	n, compared := seeds(8, 60, 1000), int64(0)
	ways := ownEngines(t)[1:]
	for seed := int64(0); seed < n; seed++ {
		m, text, d, ok := randomCase(t, seed)
		if !ok {
			continue
		}
		compared++
		for _, o := range ways {
			p, err := engine.Compile(context.Background(), m, o)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			got, err := p.Run(d.Inputs, d.GradOut)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			for _, c := range engine.Compare(p.Meta, d, got) {
				require.True(t, c.OK, "seed %d, %s: %s: %s\n%s", seed, o.Pipeline, c.Name, c.Mismatch, text)
			}
		}
	}
	require.Greater(t, 2*compared, n, "most graphs overflow")
}

// TestRandomGraphsAtTheLoopLevel runs the loops of random graphs and of their gradients,
// in planned memory, on the interpreter. Memory starts as NaN, so that a place that is
// read before it is written shows.
func TestRandomGraphsAtTheLoopLevel(t *testing.T) {
	for seed := int64(0); seed < seeds(60, 300, 3000); seed++ {
		m, text, d, ok := randomCase(t, seed)
		if !ok {
			continue
		}
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			c := ir.CloneModule(m)
			require.NoError(t, engine.RunPipeline(c, pipeline, nil), "seed %d\n%s", seed, text)
			meta, err := engine.Signature(m)
			require.NoError(t, err)
			for _, v := range engine.Compare(meta, d, runLoops(t, c, d)) {
				require.True(t, v.OK, "seed %d, %s: %s: %s\n%s\n%s", seed, pipeline, v.Name, v.Mismatch, text, c)
			}
		}
	}
}

// runLoops runs a module at the loop level on the inputs and adjoints of d.
func runLoops(t *testing.T, m *ir.Module, d *engine.Data) *engine.Result {
	t.Helper()
	poisoned := func(n int) interp.Memory {
		return bytes.Repeat([]byte{0xff}, n) // NaN in every floating type
	}
	r := &engine.Result{Gradients: make([]*tensor.Tensor, len(d.Inputs))}
	like := func(x tensor.Tensor) tensor.Tensor {
		return tensor.Tensor{DType: x.DType, Shape: x.Shape, Data: poisoned(len(x.Data))}
	}
	var args []interp.Memory
	for _, x := range d.Inputs {
		args = append(args, x.Data)
	}
	inputs := args[:len(args):len(args)]
	for _, y := range d.Outputs {
		out := like(*y)
		r.Outputs = append(r.Outputs, out)
		args = append(args, out.Data)
	}
	workspace := poisoned(int(m.Op.Int(passes.WorkspaceMark, 0)))
	x := interp.New(m)
	require.NoError(t, x.CallLoops(passes.GraphName, append(args, workspace)), "%s", m)
	backward := m.Symbol(passes.BackwardName)
	args = inputs
	for _, k := range backward.Ints("cladopt.reads_results") {
		if int(k) < len(r.Outputs) {
			args = append(args, r.Outputs[k].Data) // what is not an output lies in the workspace
		}
	}
	for _, k := range backward.Ints("cladopt.adjoints_of") {
		args = append(args, d.GradOut[k].Data)
	}
	for _, k := range backward.Ints("cladopt.gradients_of") {
		g := like(d.Inputs[k])
		r.Gradients[k] = &g
		args = append(args, g.Data)
	}
	require.NoError(t, x.CallLoops(passes.BackwardName, append(args, workspace)), "%s", m)
	return r
}

// moderate reports whether all numbers are finite and none is great.
func moderate(values []*tensor.Tensor) bool {
	for _, x := range values {
		if x == nil {
			continue
		}
		for _, v := range tensor.Values[float64](*x) {
			if math.IsNaN(v) || math.Abs(v) > 1e6 {
				return false
			}
		}
	}
	return true
}
