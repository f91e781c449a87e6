package main

import (
	"bytes"
	"flag"
	"math"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/lit"
	"github.com/cladopt/cladopt/tensor"
	"github.com/cladopt/cladopt/tensor/safetensors"

	"example.org/hep-opt/hep"
)

var update = flag.Bool("update", false, "write testdata/dijet.safetensors")

// run is one run of the command.
func run(args ...string) (status int, out string) {
	var b bytes.Buffer
	status = cli.Main(config(), args, strings.NewReader(""), &b, &b)
	return status, b.String()
}

// TestLit runs the lit tests in process.
func TestLit(t *testing.T) {
	c := cli.LitConfig(config())
	files, err := c.Find("lit")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i, r := range c.RunAll(files) {
		t.Run(filepath.ToSlash(files[i]), func(t *testing.T) {
			if r.Status == lit.Unsupported {
				t.Skipf("SKIPPED: %s", r.Output)
			}
			require.Equal(t, lit.Pass, r.Status, r.Output)
		})
	}
}

// TestEveryOpAndPassHasALitTest keeps the suite whole.
func TestEveryOpAndPassHasALitTest(t *testing.T) {
	for _, op := range hep.Dialect().Ops {
		name := strings.TrimPrefix(string(op.Name), "hep.")
		require.FileExists(t, filepath.Join("lit/ops", strings.ReplaceAll(name, "_", "-")+".mlir"))
	}
	for _, p := range config().Passes {
		require.FileExists(t, filepath.Join("lit/passes", p.Name+".mlir"))
	}
}

// TestDijet holds an observed graph, run by each engine that is here, against formulas.
func TestDijet(t *testing.T) {
	const path = "testdata/dijet.safetensors"
	want := dijet()
	if *update {
		require.NoError(t, safetensors.Write(path, want))
	}
	got, err := safetensors.Read(path)
	require.NoError(t, err)
	require.Equal(t, want.Entries, got.Entries, "write it anew by go test . -update")
	status, out := run("check", "testdata/dijet.graph", path, "--engine=all")
	require.Zero(t, status, "%s", out)
	require.Contains(t, out, "ok   interp grad_input.3")
	t.Log(out) // with what was SKIPPED
}

// TestWidening wants the mass of fast particles to be lost without the pass, or the test
// above shows nothing.
func TestWidening(t *testing.T) {
	narrow := config()
	narrow.Prepare = ""
	var b bytes.Buffer
	status := cli.Main(narrow, []string{"check", "testdata/dijet.graph", "testdata/dijet.safetensors", "--engine=interp"}, strings.NewReader(""), &b, &b)
	require.Equal(t, cli.ExitFailure, status, "%s", b.String())
	require.Contains(t, b.String(), "FAIL interp output.1")
}

// dijet is the input of testdata/dijet.graph with the outputs and gradients that formulas
// give: the mass m of the sum of two four-vectors, and m times a difference of angles.
func dijet() *safetensors.File {
	const n = 6
	r := rand.New(rand.NewSource(1))
	var p, q [4 * n]float32
	var phi, psi, g0, g1 [n]float32
	for i := range n {
		boost := math.Pow(4, float64(i)) // the last pair is fast
		for _, v := range []*[4 * n]float32{&p, &q} {
			x, y, z := r.NormFloat64(), r.NormFloat64(), boost
			v[4*i], v[4*i+1], v[4*i+2] = float32(x), float32(y), float32(z)
			v[4*i+3] = float32(math.Sqrt(x*x + y*y + z*z + 25))
		}
		phi[i], psi[i] = float32(3*r.Float64()), float32(-3*r.Float64())
		g0[i], g1[i] = r.Float32(), r.Float32()
	}
	var product, masses, dphi, dpsi [n]float32
	var dp [4 * n]float32
	for i := range n {
		sum := func(k int) float64 { return float64(p[4*i+k] + q[4*i+k]) }
		m := math.Sqrt(sum(3)*sum(3) - sum(0)*sum(0) - sum(1)*sum(1) - sum(2)*sum(2))
		angle := math.Remainder(float64(phi[i])-float64(psi[i]), 2*math.Pi)
		product[i], masses[i] = float32(m*angle), float32(m)
		dm := float64(g0[i])*angle + float64(g1[i])
		for k := range 3 {
			dp[4*i+k] = float32(-sum(k) / m * dm)
		}
		dp[4*i+3] = float32(sum(3) / m * dm)
		dphi[i] = float32(float64(g0[i]) * m)
		dpsi[i] = -dphi[i]
	}
	f := &safetensors.File{}
	vectors, numbers := []int64{n, 4}, []int64{n}
	for _, e := range []struct {
		name   string
		shape  []int64
		values []float32
	}{
		{"grad_input.0", vectors, dp[:]}, {"grad_input.1", vectors, dp[:]}, {"grad_input.2", numbers, dphi[:]}, {"grad_input.3", numbers, dpsi[:]},
		{"grad_output.0", numbers, g0[:]}, {"grad_output.1", numbers, g1[:]},
		{"input.0", vectors, p[:]}, {"input.1", vectors, q[:]}, {"input.2", numbers, phi[:]}, {"input.3", numbers, psi[:]},
		{"output.0", numbers, product[:]}, {"output.1", numbers, masses[:]},
	} {
		f.Add(e.name, tensor.Of(e.shape, e.values))
	}
	return f
}
