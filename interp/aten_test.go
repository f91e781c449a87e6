package interp_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// TestElementwiseOps holds ops of one tensor against closed forms.
func TestElementwiseOps(t *testing.T) {
	forms := map[string]func(x float64) float64{
		"exp": math.Exp, "log": math.Log, "log1p": math.Log1p, "tanh": math.Tanh, "sin": math.Sin, "cos": math.Cos,
		"sqrt": math.Sqrt, "abs": math.Abs, "erf": math.Erf, "floor": math.Floor,
		"neg":        func(x float64) float64 { return -x },
		"relu":       func(x float64) float64 { return max(x, 0) },
		"sigmoid":    func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		"square":     func(x float64) float64 { return x * x },
		"reciprocal": func(x float64) float64 { return 1 / x },
	}
	in := []float64{-2.5, -1, -0.25, 0, 0.5, 1, 30, math.Inf(1), math.NaN()}
	for name, form := range forms {
		x := machine(t, `func.func @f(%x: tensor<3x3xf64>) -> tensor<3x3xf64> {
  %y = aten.`+name+` %x : tensor<3x3xf64>
  func.return %y : tensor<3x3xf64>
}`)
		got := call[float64](t, x, of([]int64{3, 3}, in...))
		for i, v := range in {
			want := form(v)
			if math.IsNaN(want) {
				require.True(t, math.IsNaN(got[i]), "%s(%v) is %v, expected NaN", name, v, got[i])
			} else if want != got[i] {
				require.InEpsilon(t, want, got[i], 1e-14, "%s(%v)", name, v)
			}
		}
	}
}

func TestBroadcasting(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<2x1xi64>, %y: tensor<3xi64>, %c: tensor<i1>) -> tensor<2x3xi64> {
  %s = aten.add %x, %y {alpha = 10 : i64} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %r = aten.where %c, %s, %x : (tensor<i1>, tensor<2x3xi64>, tensor<2x1xi64>) -> tensor<2x3xi64>
  func.return %r : tensor<2x3xi64>
}`)
	a, b := of([]int64{2, 1}, int64(1<<53), 2), of([]int64{3}, int64(0), 1, 2)
	require.Equal(t, []int64{1 << 53, 1<<53 + 10, 1<<53 + 20, 2, 12, 22}, call[int64](t, x, a, b, scalar(true)))
	require.Equal(t, []int64{1 << 53, 1 << 53, 1 << 53, 2, 2, 2}, call[int64](t, x, a, b, scalar(false)))
}

// TestStructuredOps runs ops that bring a lowering, loops or a decomposition.
func TestStructuredOps(t *testing.T) {
	x := machine(t, `func.func @f(%x: tensor<2x3xf64>, %i: tensor<2xi64>) -> (tensor<2x3xf64>, tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) {
  %p = aten.softmax %x {dim = 1 : i64} : tensor<2x3xf64>
  %s = aten.sum %x {dim = array<i64: 1>} : (tensor<2x3xf64>) -> tensor<2xf64>
  %t = aten.permute %x {dims = array<i64: 1, 0>} : (tensor<2x3xf64>) -> tensor<3x2xf64>
  %m = aten.matmul %x, %t : (tensor<2x3xf64>, tensor<3x2xf64>) -> tensor<2x2xf64>
  %g = aten.index_select %x, %i {dim = 1 : i64} : (tensor<2x3xf64>, tensor<2xi64>) -> tensor<2x2xf64>
  func.return %p, %s, %m, %g : tensor<2x3xf64>, tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
}`)
	in := []float64{1, 2, 3, -1, 0, 4}
	out, err := x.Call("f", []*tensor.Tensor{of([]int64{2, 3}, in...), of([]int64{2}, int64(2), 0)})
	require.NoError(t, err)
	for r := range 2 {
		total := 0.0
		for _, v := range in[3*r : 3*r+3] {
			total += math.Exp(v)
		}
		for c := range 3 {
			require.InEpsilon(t, math.Exp(in[3*r+c])/total, tensor.Values[float64](*out[0])[3*r+c], 1e-14)
		}
	}
	require.Equal(t, []float64{6, 3}, tensor.Values[float64](*out[1]))
	require.Equal(t, []float64{14, 11, 11, 17}, tensor.Values[float64](*out[2]))
	require.Equal(t, []float64{3, 1, 4, -1}, tensor.Values[float64](*out[3]))
}

// TestModuleStaysAsItIs: what ops lower to is built apart from the module, which
// prints the same afterwards and has no uses more.
func TestModuleStaysAsItIs(t *testing.T) {
	const text = `func.func @f(%x: tensor<2x3xf64>, %i: tensor<2xi64>) -> tensor<2x2xf64> {
  %y = aten.exp %x : tensor<2x3xf64>
  %p = aten.softmax %y {dim = 1 : i64} : tensor<2x3xf64>
  %z = aten.mul %p, %p : tensor<2x3xf64>
  %g = aten.index_select %z, %i {dim = 1 : i64} : (tensor<2x3xf64>, tensor<2xi64>) -> tensor<2x2xf64>
  func.return %g : tensor<2x2xf64>
}`
	ctx := dialects.Context()
	m, err := mlir.Parse(ctx, "test.mlir", []byte(text))
	require.NoError(t, err)
	before := m.String()
	call[float64](t, interp.New(m), of([]int64{2, 3}, 1.0, 2, 3, 4, 5, 6), of([]int64{2}, int64(0), 1))
	require.Equal(t, before, m.String())
	require.NoError(t, ir.Verify(ctx, m.Op))
	m.Op.Walk(func(op *ir.Op) {
		for _, r := range op.Results() {
			for _, u := range r.Uses() {
				require.NotNil(t, u.Owner().Block().Owner(), "a use of %s is left outside of the module", op.Name)
			}
		}
	})
}

// TestErrorsInsideOfAnOp name the op of the module, not only what it lowers to.
func TestErrorsInsideOfAnOp(t *testing.T) {
	x := machine(t, `func.func @g(%x: tensor<2xi64>, %y: tensor<2xi64>) -> tensor<2xi64> {
  %q = aten.remainder %x, %y : tensor<2xi64>
  func.return %q : tensor<2xi64>
}
func.func @f(%x: tensor<2xi64>, %y: tensor<2xi64>) -> tensor<2xi64> {
  %q = func.call @g(%x, %y) : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  func.return %q : tensor<2xi64>
}`)
	require.Equal(t, []int64{1, 0}, call[int64](t, x, of([]int64{2}, int64(7), 8), of([]int64{2}, int64(3), 2)))
	e := failure(t, x, 2, of([]int64{2}, int64(7), 8), of([]int64{2}, int64(3), 0))
	require.True(t, strings.HasPrefix(e.Op, "arith."), e.Op)
	require.Len(t, e.Notes, 2)
	require.Equal(t, "in aten.remainder", e.Notes[0].Message)
	require.Equal(t, "in @g, called here", e.Notes[1].Message)
	require.Equal(t, 6, e.Notes[1].Pos.Line)
}
