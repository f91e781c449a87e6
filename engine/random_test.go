package engine_test

import (
	"context"
	"math"
	"math/rand"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// TestRandomGraphs holds compiled code of both pipelines against the interpreter, on
// random graphs and their gradients.
func TestRandomGraphs(t *testing.T) {
	n := int64(8)
	switch {
	case os.Getenv("CLADOPT_SOAK") != "":
		n = 1000
	case os.Getenv("CLADOPT_LONG") != "":
		n = 60
	}
	ways := engines(t)
	compared := 0
	for seed := int64(0); seed < n; seed++ {
		r := rand.New(rand.NewSource(seed))
		text := randomir.Aten(r, 30)
		m, err := mlir.Parse(dialects.Context(), "random.mlir", []byte(text))
		require.NoError(t, err)
		oracle, err := engine.Compile(context.Background(), m, ways[0])
		require.NoError(t, err, "seed %d\n%s", seed, text)
		draw := func(shape []int64) tensor.Tensor {
			x, err := tensor.New(tensor.F64, shape)
			require.NoError(t, err)
			for k := range tensor.Values[float64](x) {
				tensor.Values[float64](x)[k] = 2*r.Float64() - 1
			}
			return x
		}
		d := &engine.Data{}
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
		if !moderate(d.Outputs) || !moderate(d.GradIn) {
			continue // sums of numbers beyond all others have no digits to compare
		}
		compared++
		for _, o := range ways[1:] {
			p, err := engine.Compile(context.Background(), m, o)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			got, err := p.Run(d.Inputs, d.GradOut)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			for _, c := range engine.Compare(p.Meta, d, got) {
				require.True(t, c.OK, "seed %d, %s: %s: %s\n%s", seed, o.Pipeline, c.Name, c.Mismatch, text)
			}
		}
	}
	require.Greater(t, 2*compared, int(n), "most graphs overflow")
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
