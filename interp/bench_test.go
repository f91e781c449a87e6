package interp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/tensor"

	tensors "github.com/cladopt/cladopt/dialects/tensor"
)

// scalarRate reports scalar ops a second: arithmetic, loads and stores.
func scalarRate(b *testing.B, perRun float64) {
	b.ReportMetric(perRun*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mops/s")
}

// BenchmarkLoops multiplies 64x64 matrices at the loop level: two loads, a product
// and a sum a step.
func BenchmarkLoops(b *testing.B) {
	const n = 64
	m := ir.NewModule(dialects.Context())
	t := ir.MemRef([]int64{n, n}, ir.F32)
	f := funcs.NewFunc(m, "f", ir.Func([]ir.Type{t, t, t}, nil))
	args := f.Body().Args()
	w := ir.NewBuilder(m.Ctx, f.Body())
	lo, hi, one := arith.ConstantI(w, 0, ir.Index), arith.ConstantI(w, n, ir.Index), arith.ConstantI(w, 1, ir.Index)
	zero := arith.ConstantF(w, 0, ir.F32)
	scf.For(w, lo, hi, one, nil, func(w *ir.Builder, i *ir.Value, _ []*ir.Value) []*ir.Value {
		scf.For(w, lo, hi, one, nil, func(w *ir.Builder, j *ir.Value, _ []*ir.Value) []*ir.Value {
			sum := scf.For(w, lo, hi, one, []*ir.Value{zero}, func(w *ir.Builder, k *ir.Value, c []*ir.Value) []*ir.Value {
				return []*ir.Value{arith.AddF(w, c[0], arith.MulF(w, memref.Load(w, args[0], i, k), memref.Load(w, args[1], k, j)))}
			})
			memref.Store(w, sum.Result(0), args[2], i, j)
			return nil
		})
		return nil
	})
	funcs.Return(w)
	require.NoError(b, ir.Verify(m.Ctx, m.Op))
	x := interp.New(m)
	mem := []interp.Memory{make([]byte, 4*n*n), make([]byte, 4*n*n), make([]byte, 4*n*n)}
	for b.Loop() {
		require.NoError(b, x.CallLoops("f", mem))
	}
	scalarRate(b, 4*n*n*n)
}

// BenchmarkGeneric is the same product as one nest on tensors.
func BenchmarkGeneric(b *testing.B) {
	const n = 64
	m := ir.NewModule(dialects.Context())
	t := ir.Tensor([]int64{n, n}, ir.F32)
	f := funcs.NewFunc(m, "f", ir.Func([]ir.Type{t, t}, []ir.Type{t}))
	w := ir.NewBuilder(m.Ctx, f.Body())
	init := linalg.Fill(w, arith.ConstantF(w, 0, ir.F32), tensors.Empty(w, []int64{n, n}, ir.F32))
	d := ir.AffineDim(0)
	maps := []*ir.AffineMap{ir.NewMap(3, d, d+2), ir.NewMap(3, d+2, d+1), ir.NewMap(3, d, d+1)}
	r := linalg.Generic(w, f.Body().Args(), []*ir.Value{init}, maps, []linalg.Iterator{linalg.Parallel, linalg.Parallel, linalg.Reduction},
		func(w *ir.Builder, a []*ir.Value) []*ir.Value {
			return []*ir.Value{arith.AddF(w, a[2], arith.MulF(w, a[0], a[1]))}
		})
	funcs.Return(w, r.Result(0))
	x := interp.New(m)
	a := tensor.Of([]int64{n, n}, make([]float32, n*n))
	for b.Loop() {
		_, err := x.Call("f", []*tensor.Tensor{&a, &a})
		require.NoError(b, err)
	}
	scalarRate(b, 4*n*n*n)
}

// BenchmarkElementwise runs x*y + relu(x) on 64k elements as aten ops.
func BenchmarkElementwise(b *testing.B) {
	const n = 1 << 16
	m := ir.NewModule(dialects.Context())
	t := ir.Tensor([]int64{n}, ir.F32)
	f := funcs.NewFunc(m, "f", ir.Func([]ir.Type{t, t}, []ir.Type{t}))
	w := ir.NewBuilder(m.Ctx, f.Body())
	x0, y0 := f.Body().Arg(0), f.Body().Arg(1)
	funcs.Return(w, aten.Add(w, aten.Mul(w, x0, y0), aten.Relu(w, x0)))
	x := interp.New(m)
	a := tensor.Of([]int64{n}, make([]float32, n))
	for b.Loop() {
		_, err := x.Call("f", []*tensor.Tensor{&a, &a})
		require.NoError(b, err)
	}
	scalarRate(b, (3+3+4)*n)
}
