package aten

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	mathdialect "github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

func testContext(t *testing.T) *ir.Context {
	t.Helper()
	ctx, err := ir.NewContext(Dialect(), arith.Dialect(), mathdialect.Dialect(), linalg.Dialect(), memref.Dialect(),
		scf.Dialect(), tensor.Dialect())
	require.NoError(t, err)
	return ctx
}

// oneLane is the scalar code of an op on tensors of rank 0, and that of its
// derivatives: it computes value and derivatives at points.
type oneLane struct {
	t      *testing.T
	body   *ir.Block
	result *ir.Value
	slopes []*ir.Value // nil: zero
}

func laneOf(t *testing.T, ctx *ir.Context, name ir.OpName, attrs []ir.NamedAttr, elems ...ir.Type) *oneLane {
	t.Helper()
	outer, body := ir.NewBlock(), ir.NewBlock(elems...)
	var operands []*ir.Value
	for _, e := range elems {
		operands = append(operands, outer.AddArg(ir.Tensor(nil, e)))
	}
	op, err := ir.NewBuilder(ctx, outer).Try(ir.State{Name: name, Operands: operands, Attrs: attrs})
	require.NoError(t, err, name)
	b := ir.NewBuilder(ctx, body)
	l := &oneLane{t: t, body: body}
	results := op.Def().Scalar(b, op, body.Args())
	require.Len(t, results, 1)
	l.result = results[0]
	require.Equal(t, elemOf(op.Result(0)), l.result.Type(), "%s: its lane has another type than its result", name)
	if ir.IsFloat(l.result.Type()) {
		l.slopes = linalg.ScalarVJP(b, results, body.Args(), []*ir.Value{arith.ConstantF(b, 1, l.result.Type())})
	}
	return l
}

// at runs the code; values have the precision of their types.
func (l *oneLane) at(args ...ir.Scalar) (value ir.Scalar, slopes []float64) {
	l.t.Helper()
	env := map[*ir.Value]ir.Scalar{}
	for i, a := range args {
		env[l.body.Arg(i)] = rounded(a, l.body.Arg(i).Type())
	}
	for op := l.body.First(); op != nil; op = op.Next() {
		var in []ir.Scalar
		for _, v := range op.Operands() {
			in = append(in, env[v])
		}
		out, err := op.Def().Eval(op, in)
		require.NoError(l.t, err, op.Name)
		env[op.Result(0)] = rounded(out, op.Result(0).Type())
	}
	for _, s := range l.slopes {
		if s == nil {
			slopes = append(slopes, 0)
		} else {
			slopes = append(slopes, env[s].F)
		}
	}
	return env[l.result], slopes
}

func rounded(v ir.Scalar, t ir.Type) ir.Scalar {
	switch t {
	case ir.Type(ir.F32):
		v.F = float64(float32(v.F))
	case ir.Type(ir.I1):
		v.I &= 1
	case ir.Type(ir.I8):
		v.I = int64(int8(v.I))
	}
	return v
}

func f(values ...float64) []ir.Scalar {
	var out []ir.Scalar
	for _, v := range values {
		out = append(out, ir.Scalar{F: v})
	}
	return out
}

func ints(values ...int64) []ir.Scalar {
	var out []ir.Scalar
	for _, v := range values {
		out = append(out, ir.Scalar{I: v})
	}
	return out
}

// num is a float attribute.
func num(name string, v float64) []ir.NamedAttr { return []ir.NamedAttr{attr(name, ir.F64Attr(v))} }

// requireClose allows a relative error, and the same absolute one below 1.
func requireClose(t *testing.T, want, got, tolerance float64, format string, args ...any) {
	t.Helper()
	if math.IsNaN(want) && math.IsNaN(got) || want == got {
		return
	}
	if !(math.Abs(want-got) <= tolerance*max(1, math.Abs(want))) || math.IsInf(want, 0) {
		t.Errorf("%s: got %v, want %v", fmt.Sprintf(format, args...), got, want)
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

var (
	everywhere = []float64{-20, -3.7, -1.3, -0.9, -0.2, -1e-5, 1e-5, 0.3, 0.6, 0.99, 1.5, 2.5, 4, 11, 30}
	positive   = []float64{1e-6, 0.1, 0.5, 0.9, 1, 1.7, 2, 3.3, 8, 40, 1e5}
	offGrid    = []float64{-3.7, -1.3, -0.9, -0.2, 0.3, 0.6, 1.7, 2.4}
	small      = []float64{-0.95, -0.4, -1e-6, 1e-6, 0.3, 0.99}
)

// TestLanesOfOneTensor holds values against Go's and derivatives against differences.
func TestLanesOfOneTensor(t *testing.T) {
	lgamma := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	for _, c := range []struct {
		name   ir.OpName
		attrs  []ir.NamedAttr
		want   func(x float64) float64
		points []float64
	}{
		{OpNeg, nil, func(x float64) float64 { return -x }, everywhere},
		{OpSqrt, nil, math.Sqrt, positive},
		{OpRsqrt, nil, func(x float64) float64 { return 1 / math.Sqrt(x) }, positive[1:]},
		{OpReciprocal, nil, func(x float64) float64 { return 1 / x }, positive[1:]},
		{OpSquare, nil, func(x float64) float64 { return x * x }, everywhere},
		{OpPow, num("exponent", 3), func(x float64) float64 { return x * x * x }, everywhere},
		{OpPow, num("exponent", 7), func(x float64) float64 { return math.Pow(x, 7) }, small},
		{OpPow, num("exponent", -2), func(x float64) float64 { return 1 / (x * x) }, positive[1:]},
		{OpPow, num("exponent", 0.5), math.Sqrt, positive[1:]},
		{OpPow, num("exponent", 1.7), func(x float64) float64 { return math.Pow(x, 1.7) }, positive[1:]},
		{OpPow, num("exponent", 0), func(float64) float64 { return 1 }, everywhere},
		{OpExp, nil, math.Exp, small}, {OpExp2, nil, math.Exp2, small}, {OpExpm1, nil, math.Expm1, small},
		{OpLog, nil, math.Log, positive[1:]}, {OpLog2, nil, math.Log2, positive[1:]},
		{OpLog10, nil, math.Log10, positive[1:]}, {OpLog1p, nil, math.Log1p, positive},
		{OpSin, nil, math.Sin, everywhere}, {OpCos, nil, math.Cos, everywhere}, {OpTan, nil, math.Tan, small},
		{OpAsin, nil, math.Asin, small}, {OpAcos, nil, math.Acos, small}, {OpAtan, nil, math.Atan, everywhere},
		{OpTanh, nil, math.Tanh, everywhere}, {OpSinh, nil, math.Sinh, []float64{-4, -1, -0.9, -1e-7, 0, 1e-3, 0.5, 1, 6}},
		{OpCosh, nil, math.Cosh, []float64{-4, -1, -0.9, -1e-7, 0, 1e-3, 0.5, 1, 6}},
		{OpAsinh, nil, math.Asinh, append([]float64{0, 1e12, -1e12}, everywhere...)},
		{OpAcosh, nil, math.Acosh, []float64{1.001, 1.5, 7, 1e5, 1e12}}, {OpAtanh, nil, math.Atanh, small[1:5]},
		{OpErf, nil, math.Erf, everywhere}, {OpErfc, nil, math.Erfc, everywhere},
		{OpLgamma, nil, lgamma, append([]float64{-0.5, -3.7, -20.25, 1e-3}, positive...)},
		{OpDigamma, nil, func(x float64) float64 { h := 1e-5; return (lgamma(x+h) - lgamma(x-h)) / (2 * h) }, []float64{-3.7, 0.3, 1, 2.5, 12}},
		{OpFloor, nil, math.Floor, offGrid}, {OpCeil, nil, math.Ceil, offGrid},
		{OpRound, nil, math.RoundToEven, offGrid}, {OpTrunc, nil, math.Trunc, offGrid},
		{OpFrac, nil, func(x float64) float64 { return x - math.Trunc(x) }, offGrid},
		{OpRelu, nil, func(x float64) float64 { return max(x, 0) }, everywhere},
		{OpRelu6, nil, func(x float64) float64 { return min(max(x, 0), 6) }, everywhere},
		{OpLeakyRelu, num("negative_slope", 0.1), func(x float64) float64 { return max(x, 0.1*x) }, everywhere},
		{OpElu, num("alpha", 0.7), func(x float64) float64 { return max(x, 0) + min(0.7*math.Expm1(x), 0) }, everywhere},
		{OpGelu, nil, func(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }, everywhere},
		{OpSigmoid, nil, sigmoid, everywhere},
		{OpLogSigmoid, nil, func(x float64) float64 { return math.Log(sigmoid(x)) }, everywhere[:13]},
		{OpSilu, nil, func(x float64) float64 { return x * sigmoid(x) }, everywhere},
		{OpMish, nil, func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) }, everywhere},
		{OpSoftplus, num("beta", 2), func(x float64) float64 { return math.Log1p(math.Exp(2*x)) / 2 }, everywhere[:13]},
		{OpHardsigmoid, nil, func(x float64) float64 { return min(max(x+3, 0), 6) / 6 }, everywhere},
		{OpHardswish, nil, func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }, everywhere},
		{OpHardtanh, nil, func(x float64) float64 { return min(max(x, -1), 1) }, everywhere},
		{OpSoftshrink, nil, func(x float64) float64 { return x - min(max(x, -0.5), 0.5) }, everywhere},
		{OpSign, nil, func(x float64) float64 { return math.Copysign(1, x) }, everywhere},
		{OpAbs, nil, math.Abs, everywhere},
	} {
		t.Run(fmt.Sprint(c.name, c.attrs), func(t *testing.T) {
			ctx := testContext(t)
			l := laneOf(t, ctx, c.name, c.attrs, ir.F64)
			single := laneOf(t, ctx, c.name, c.attrs, ir.F32)
			tolerance := 1e-11
			if c.name == OpDigamma {
				tolerance = 1e-8 // the tolerance of the difference it is held against
			}
			for _, x := range c.points {
				v, slopes := l.at(f(x)...)
				requireClose(t, c.want(x), v.F, tolerance, "at %v", x)
				h := 1e-6 * max(1, math.Abs(x))
				if x > 0 && x <= 1e-3 {
					h = x * 1e-4
				}
				if c.name != OpDigamma {
					plus, _ := l.at(f(x + h)...)
					minus, _ := l.at(f(x - h)...)
					requireClose(t, (plus.F-minus.F)/(2*h), slopes[0], 1e-5, "derivative at %v", x)
				}
				// f32 is held against the exact value at the f32 nearest to x.
				v32, slopes32 := single.at(f(x)...)
				requireClose(t, c.want(float64(float32(x))), v32.F, 4e-6, "f32 at %v", x)
				_, exact := l.at(f(float64(float32(x)))...)
				requireClose(t, exact[0], slopes32[0], 2e-5, "f32 derivative at %v", x)
			}
		})
	}
}

// TestKinks holds values and derivatives where they are a convention against ATen's.
func TestKinks(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name         ir.OpName
		attrs        []ir.NamedAttr
		x            float64
		value, slope float64
	}{
		{OpRelu, nil, 0, 0, 0}, {OpRelu, nil, nan, nan, 1}, {OpRelu, nil, inf, inf, 1}, {OpRelu, nil, -inf, 0, 0},
		{OpRelu6, nil, 0, 0, 0}, {OpRelu6, nil, 6, 6, 0}, {OpRelu6, nil, nan, nan, 0},
		{OpHardtanh, nil, -1, -1, 0}, {OpHardtanh, nil, 1, 1, 0},
		{OpLeakyRelu, num("negative_slope", 0.1), 0, 0, 0.1}, {OpLeakyRelu, nil, nan, nan, 0.01},
		{OpElu, nil, 0, 0, 1}, {OpElu, num("alpha", 2), 0, 0, 2}, {OpElu, nil, 1000, 1000, 1}, {OpElu, nil, -1000, -1, 0},
		{OpElu, nil, nan, nan, 1},
		{OpSigmoid, nil, 0, 0.5, 0.25}, {OpSigmoid, nil, -1000, 0, 0}, {OpSigmoid, nil, 1000, 1, 0}, {OpSigmoid, nil, nan, nan, nan},
		{OpSilu, nil, 0, 0, 0.5}, {OpSilu, nil, -1000, 0, 0}, {OpSilu, nil, 1000, 1000, 1},
		{OpLogSigmoid, nil, 0, -math.Ln2, 0.5}, {OpLogSigmoid, nil, -1000, -1000, 1}, {OpLogSigmoid, nil, 1000, 0, 0},
		{OpMish, nil, 0, 0, 0.6}, {OpMish, nil, 1000, 1000, 1}, {OpMish, nil, -1000, 0, 0},
		{OpSoftplus, nil, 0, math.Ln2, 0.5}, {OpSoftplus, nil, 1000, 1000, 1}, {OpSoftplus, nil, -1000, 0, 0}, {OpSoftplus, nil, 20.5, 20.5, 1},
		{OpTanh, nil, 1000, 1, 0}, {OpAsinh, nil, 0, 0, 1}, {OpSinh, nil, 0, 0, 1}, {OpCosh, nil, 0, 1, 0}, {OpAcosh, nil, 1, 0, inf},
		{OpAbs, nil, 0, 0, 0}, {OpSign, nil, 0, 0, 0}, {OpSign, nil, nan, 0, 0}, {OpSqrt, nil, 0, 0, inf},
		{OpHardsigmoid, nil, -3, 0, 0}, {OpHardsigmoid, nil, 3, 1, 0}, {OpHardsigmoid, nil, nan, nan, 0},
		{OpHardswish, nil, -inf, nan, 0}, {OpHardswish, nil, inf, inf, 1}, {OpHardswish, nil, -3, 0, 0}, {OpHardswish, nil, 3, 3, 1},
		{OpHardshrink, nil, 0.5, 0, 0}, {OpHardshrink, nil, 0.6, 0.6, 1}, {OpSoftshrink, nil, -0.5, 0, 0}, {OpSoftshrink, nil, nan, nan, 0},
		{OpThreshold, append(num("threshold", 1), attr("value", ir.F64Attr(5))), 1, 5, 0},
		{OpClamp, append(num("max", 1), attr("min", ir.F64Attr(-1))), 1, 1, 0}, {OpClamp, num("min", 2), 2, 2, 0},
		{OpClamp, num("min", 2), 1, 2, 0}, {OpClamp, num("max", 2), nan, nan, 0},
		{OpClamp, append(num("max", 1), attr("min", ir.F64Attr(3))), 2, 1, 0}, // min > max: max
		{OpPow, num("exponent", 0), 0, 1, 0}, {OpPow, num("exponent", 2), 0, 0, 0}, {OpPow, num("exponent", 1), 0, 0, 1},
		{OpPow, num("exponent", 0.5), 0, 0, inf}, {OpPow, num("exponent", -1), 0, inf, -inf},
		{OpLgamma, nil, 0, inf, nan}, {OpLgamma, nil, inf, inf, inf},
		{OpAsin, nil, 1, math.Pi / 2, inf}, {OpAcos, nil, -1, math.Pi, -inf}, {OpAcos, nil, 1, 0, -inf}, {OpAtanh, nil, 0, 0, 1},
		{OpErfc, nil, 30, 0, 0}, {OpErfc, nil, inf, 0, 0}, {OpDigamma, nil, -2, nan, nan}, {OpErfc, nil, -30, 2, 0},
	} {
		ctx := testContext(t)
		for _, elem := range []ir.Type{ir.F32, ir.F64} {
			value, slopes := laneOf(t, ctx, c.name, c.attrs, elem).at(f(c.x)...)
			requireClose(t, c.value, value.F, 1e-6, "%s %v at %v in %s", c.name, c.attrs, c.x, elem)
			if c.name != OpLgamma { // at its poles ATen's is NaN or infinite by version
				requireClose(t, c.slope, slopes[0], 1e-6, "derivative of %s %v at %v in %s", c.name, c.attrs, c.x, elem)
			}
		}
	}
}

// TestLanesOfSeveralTensors holds values, and derivatives by ATen's conventions.
func TestLanesOfSeveralTensors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	mode := func(m string) []ir.NamedAttr { return []ir.NamedAttr{attr("rounding_mode", ir.StringAttr(m))} }
	for _, c := range []struct {
		name   ir.OpName
		attrs  []ir.NamedAttr
		args   []float64
		value  float64
		slopes []float64
	}{
		{OpAdd, nil, []float64{2, 3}, 5, []float64{1, 1}}, {OpAdd, num("alpha", 2), []float64{2, 3}, 8, []float64{1, 2}},
		{OpSub, num("alpha", 2), []float64{2, 3}, -4, []float64{1, -2}}, {OpRsub, num("alpha", 2), []float64{2, 3}, -1, []float64{-2, 1}},
		{OpMul, nil, []float64{2, 3}, 6, []float64{3, 2}}, {OpDiv, nil, []float64{3, 2}, 1.5, []float64{0.5, -0.75}},
		{OpDiv, mode("floor"), []float64{-3, 2}, -2, []float64{0, 0}}, {OpDiv, mode("trunc"), []float64{-3, 2}, -1, []float64{0, 0}},
		{OpDiv, mode("floor"), []float64{1, 0}, inf, []float64{0, 0}}, {OpDiv, mode("floor"), []float64{-7.5, 2.5}, -3, []float64{0, 0}},
		{OpFmod, nil, []float64{-7, 3}, -1, []float64{1, 2}}, {OpRemainder, nil, []float64{-7, 3}, 2, []float64{1, 3}},
		{OpRemainder, nil, []float64{7, -3}, -2, []float64{1, 3}},
		{OpMaximum, nil, []float64{1, 1}, 1, []float64{0.5, 0.5}}, {OpMaximum, nil, []float64{2, 1}, 2, []float64{1, 0}},
		{OpMinimum, nil, []float64{2, 1}, 1, []float64{0, 1}}, {OpFmax, nil, []float64{1, 1}, 1, []float64{0.5, 0.5}},
		{OpFmax, nil, []float64{nan, 1}, 1, []float64{0, 1}}, {OpFmin, nil, []float64{2, nan}, 2, []float64{1, 0}},
		{OpClampMin, nil, []float64{1, 1}, 1, []float64{0.5, 0.5}}, {OpClampMin, nil, []float64{0, 1}, 1, []float64{0, 1}},
		{OpClampMax, nil, []float64{2, nan}, nan, []float64{1, 1}}, {OpClampMax, nil, []float64{nan, 2}, nan, []float64{1, 1}},
		{OpPow, nil, []float64{2, 3}, 8, []float64{12, 8 * math.Ln2}}, {OpPow, nil, []float64{0, 2}, 0, []float64{0, 0}},
		{OpPow, nil, []float64{0, 0}, 1, []float64{0, 0}},
		{OpAtan2, nil, []float64{1, 1}, math.Pi / 4, []float64{0.5, -0.5}},
		{OpXlogy, nil, []float64{2, 3}, 2 * math.Log(3), []float64{math.Log(3), 2. / 3}},
		{OpXlogy, nil, []float64{0, 0}, 0, []float64{0, nan}}, {OpXlogy, nil, []float64{0, inf}, 0, []float64{0, 0}}, {OpXlogy, nil, []float64{0, 2}, 0, []float64{math.Ln2, 0}},
		{OpXlogy, nil, []float64{0, nan}, nan, []float64{nan, nan}},
		{OpLogaddexp, nil, []float64{1, 1}, 1 + math.Ln2, []float64{0.5, 0.5}}, {OpLogaddexp, nil, []float64{1000, 0}, 1000, []float64{1, 0}},
		{OpLogaddexp, nil, []float64{-inf, -inf}, -inf, []float64{1, 0}}, {OpLogaddexp, nil, []float64{0, -inf}, 0, []float64{1, 0}},
		{OpAddcmul, num("value", 0.5), []float64{1, 2, 3}, 4, []float64{1, 1.5, 1}},
		{OpAddcdiv, num("value", 0.5), []float64{1, 3, 2}, 1.75, []float64{1, 0.25, -0.375}},
		{OpLerp, nil, []float64{1, 3, 0.25}, 1.5, []float64{0.75, 0.25, 2}}, {OpLerp, nil, []float64{1, 3, 0.75}, 2.5, []float64{0.25, 0.75, 2}},
	} {
		ctx := testContext(t)
		for _, elem := range []ir.Type{ir.F32, ir.F64} {
			elems := make([]ir.Type, len(c.args))
			for i := range elems {
				elems[i] = elem
			}
			v, slopes := laneOf(t, ctx, c.name, c.attrs, elems...).at(f(c.args...)...)
			requireClose(t, c.value, v.F, 1e-6, "%s %v at %v in %s", c.name, c.attrs, c.args, elem)
			for i := range slopes {
				requireClose(t, c.slopes[i], slopes[i], 1e-6, "derivative %d of %s %v at %v in %s", i, c.name, c.attrs, c.args, elem)
			}
		}
	}
}

// TestLanesOfIntegers holds integer and boolean arithmetic.
func TestLanesOfIntegers(t *testing.T) {
	mode := func(m string) []ir.NamedAttr { return []ir.NamedAttr{attr("rounding_mode", ir.StringAttr(m))} }
	ctx := testContext(t)
	for _, c := range []struct {
		name  ir.OpName
		attrs []ir.NamedAttr
		elem  ir.Type
		args  []int64
		want  int64
	}{
		{OpAdd, []ir.NamedAttr{attr("alpha", ir.I64Attr(3))}, ir.I64, []int64{2, 5}, 17},
		{OpAdd, nil, ir.I8, []int64{127, 1}, -128},
		{OpAdd, nil, ir.I1, []int64{1, 1}, 1}, {OpMul, nil, ir.I1, []int64{1, 0}, 0}, {OpMaximum, nil, ir.I1, []int64{1, 0}, 1},
		{OpDiv, mode("floor"), ir.I64, []int64{-7, 2}, -4}, {OpDiv, mode("trunc"), ir.I64, []int64{-7, 2}, -3},
		{OpRemainder, nil, ir.I64, []int64{-7, 3}, 2}, {OpFmod, nil, ir.I64, []int64{-7, 3}, -1},
		{OpPow, []ir.NamedAttr{attr("exponent", ir.I64Attr(10))}, ir.I64, []int64{3}, 59049},
		{OpAbs, nil, ir.I32, []int64{-4}, 4}, {OpSign, nil, ir.I32, []int64{-4}, -1}, {OpRelu, nil, ir.I64, []int64{-4}, 0},
		{OpFloor, nil, ir.I64, []int64{-4}, -4},
		{OpClamp, []ir.NamedAttr{attr("min", ir.I64Attr(2))}, ir.I64, []int64{1}, 2},
		{OpLt, nil, ir.I1, []int64{0, 1}, 1}, {OpGt, nil, ir.I1, []int64{1, 0}, 1}, {OpLt, nil, ir.I64, []int64{-1, 1}, 1},
		{OpIsNaN, nil, ir.I64, []int64{1}, 0}, {OpIsFinite, nil, ir.I64, []int64{1}, 1},
		{OpLogicalAnd, nil, ir.I64, []int64{2, 4}, 1}, {OpLogicalXor, nil, ir.I64, []int64{2, 4}, 0}, {OpLogicalNot, nil, ir.I64, []int64{2}, 0},
		{"aten.bitwise_not", nil, ir.I1, []int64{1}, 0}, {"aten.bitwise_not", nil, ir.I64, []int64{5}, -6},
		{"aten.bitwise_and", nil, ir.I64, []int64{6, 3}, 2},
		{OpTo, []ir.NamedAttr{attr("dtype", ir.TypeAttr{Type: ir.I1})}, ir.I64, []int64{7}, 1},
	} {
		elems := make([]ir.Type, len(c.args))
		for i := range elems {
			elems[i] = c.elem
		}
		v, _ := laneOf(t, ctx, c.name, c.attrs, elems...).at(ints(c.args...)...)
		require.Equal(t, c.want, v.I, "%s %v of %v", c.name, c.attrs, c.args)
	}
	// Functions of floats take integers as f32.
	v, _ := laneOf(t, ctx, OpDiv, nil, ir.I64, ir.I64).at(ints(7, 2)...)
	require.Equal(t, 3.5, v.F)
	v, _ = laneOf(t, ctx, OpExp, nil, ir.I64).at(ints(0)...)
	require.Equal(t, 1.0, v.F)
	// where takes a boolean and two of any type.
	v, slopes := laneOf(t, ctx, OpWhere, nil, ir.I1, ir.F32, ir.F32).at(ir.Scalar{I: 1}, ir.Scalar{F: 2}, ir.Scalar{F: 3})
	require.Equal(t, 2.0, v.F)
	require.Equal(t, []float64{0, 1, 0}, slopes)
}
