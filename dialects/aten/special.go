package aten

import (
	gomath "math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// The error function and the gamma function's logarithm. math has an op for erf
// only; the others are series whose derivative follows from their terms.
const (
	OpErf     ir.OpName = "aten.erf"
	OpErfc    ir.OpName = "aten.erfc"
	OpLgamma  ir.OpName = "aten.lgamma"
	OpDigamma ir.OpName = "aten.digamma"
)

// Lgamma is the logarithm of the absolute value of the gamma function of x.
func Lgamma(b *ir.Builder, x *ir.Value) *ir.Value { return b.Emit(OpLgamma, x) }

func errorFunctionDefs() []*ir.OpDef {
	erf := floatUnary(OpErf, "error function", math.Erf)
	erf.Torch = append(erf.Torch, "aten::special_erf(Tensor self) -> Tensor")
	erfc := floatUnary(OpErfc, "complement of the error function", erfcLane)
	erfc.Torch = append(erfc.Torch, "aten::special_erfc(Tensor self) -> Tensor")
	return []*ir.OpDef{erf, erfc}
}

func gammaDefs() []*ir.OpDef {
	lgamma := floatUnary(OpLgamma, "logarithm of the absolute value of the gamma function", inDouble(lgammaLane))
	lgamma.Description = "Stirling's series after a shift to 7 or more, by reflection below 1/2; computed in f64."
	lgamma.Torch = append(lgamma.Torch, "aten::special_gammaln(Tensor self) -> Tensor")
	digamma := floatUnary(OpDigamma, "derivative of the logarithm of the gamma function", inDouble(digammaLane))
	digamma.Description = "The derivative of lgamma's series, term by term; computed in f64."
	digamma.Torch = append(digamma.Torch, "aten::special_digamma(Tensor self) -> Tensor", "aten::special_psi(Tensor self) -> Tensor")
	return []*ir.OpDef{lgamma, digamma}
}

// inDouble computes a lane in f64 whatever the type of x.
func inDouble(f lane1) lane1 {
	return func(b *ir.Builder, x *ir.Value) *ir.Value {
		return arith.Cast(b, f(b, arith.Cast(b, x, ir.F64)), x.Type())
	}
}

// erfcSeries is the Chebyshev series of log(erfc(x) exp(x^2) / t) in 2t - 1 for
// t = 2 / (2 + x), x >= 0; its error in erfc is 1e-16.
var erfcSeries = []float64{
	-6.51326859890854703e-01, 6.41969792356490210e-01, 1.94764732041858360e-02, -9.56151478680863226e-03,
	-9.46595344482036916e-04, 3.66839497852761447e-04, 4.25233248069077689e-05, -2.02785781125342418e-05,
	-1.62429000464702561e-06, 1.30365583558052324e-06, 1.56264417220661419e-08, -8.52380959149265415e-08,
	6.52905443909885149e-09, 5.05934349555146930e-09, -9.91364156493033066e-10, -2.27365122293183597e-10,
	9.64679110201552702e-11, 2.39403808303911459e-12, -6.88602752649755322e-12, 8.94487927309072531e-13,
	3.13092139934295813e-13, -1.12708223613672523e-13, 3.81090525518923205e-16, 7.10609761360923712e-15,
	-1.52302820145710434e-15, -9.45749457129123340e-17, 1.21023718922427899e-16, -2.81666308774717710e-17,
}

// erfcGone is where erfc is 0 in f64.
const erfcGone = 28

// erfcLane is 1 - erf(x) up to 1/2; above, where that would cancel, a series, which
// f32 needs the first terms of only.
func erfcLane(b *ir.Builder, x *ir.Value) *ir.Value {
	tail := arith.CmpF(b, arith.OGT, x, constant(b, 0.5, x))
	near := arith.SubF(b, constant(b, 1, x), math.Erf(b, x))
	series := erfcSeries
	if x.Type() == ir.Type(ir.F32) {
		series = series[:14]
	}
	gone := arith.CmpF(b, arith.OGT, x, constant(b, erfcGone, x))
	z := guarded(b, arith.AndI(b, tail, not(b, gone)), x, 1)
	two := constant(b, 2, x)
	t := arith.DivF(b, two, arith.AddF(b, two, z))
	// Clenshaw's recurrence.
	u := arith.SubF(b, arith.MulF(b, two, t), constant(b, 1, x))
	u2 := arith.MulF(b, two, u)
	d, dd := constant(b, series[len(series)-1], x), constant(b, 0, x)
	for i := len(series) - 2; i > 0; i-- {
		next := arith.AddF(b, arith.SubF(b, arith.MulF(b, u2, d), dd), constant(b, series[i], x))
		d, dd = next, d
	}
	sum := arith.AddF(b, arith.SubF(b, arith.MulF(b, u, d), dd), constant(b, series[0], x))
	far := arith.MulF(b, t, math.Exp(b, arith.SubF(b, sum, arith.MulF(b, z, z))))
	return arith.Select(b, gone, constant(b, 0, x), arith.Select(b, tail, far, near))
}

// stirling is the coefficients B(2k) / (2k (2k-1)) of Stirling's series.
var stirling = []float64{1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360, 1. / 156, -3617. / 122400}

// shift is how far arguments below it are moved up before Stirling's series is used:
// from 7 on, eight terms are exact in f64.
const shift = 7

// gammaArgument prepares x for a series: reflected says x < 1/2, when z is 1 - x, else
// z is x; moved says z < 7, when w is z + 7, else w is z. low is z where moved, else 1.
// fraction is x minus x rounded down where reflected, else 1/2.
func gammaArgument(b *ir.Builder, x *ir.Value) (reflected, moved, w, low, fraction *ir.Value) {
	reflected = arith.CmpF(b, arith.OLT, x, constant(b, 0.5, x))
	z := arith.Select(b, reflected, arith.SubF(b, constant(b, 1, x), x), x)
	moved = arith.CmpF(b, arith.OLT, z, constant(b, shift, x))
	w = arith.Select(b, moved, arith.AddF(b, z, constant(b, shift, x)), z)
	low = guarded(b, moved, z, 1)
	fraction = guarded(b, reflected, arith.SubF(b, x, math.Floor(b, x)), 0.5)
	return reflected, moved, w, low, fraction
}

// lgammaLane is (w - 1/2) (log w - 1) + (log 2 pi - 1) / 2 + sum c(k) w^(1-2k), less
// log(z (z+1) .. (z+6)) where z was moved up; log(pi / sin(pi x)) less that of 1 - x
// where it was reflected.
func lgammaLane(b *ir.Builder, x *ir.Value) *ir.Value {
	c := func(v float64) *ir.Value { return constant(b, v, x) }
	// At both infinities it is infinity, to which the series has no derivative.
	endless := arith.CmpF(b, arith.OEQ, arith.MulF(b, x, x), c(gomath.Inf(1)))
	reflected, moved, w, low, fraction := gammaArgument(b, guarded(b, not(b, endless), x, 1))
	r := arith.DivF(b, c(1), w)
	r2 := arith.MulF(b, r, r)
	sum := c(stirling[len(stirling)-1])
	for k := len(stirling) - 2; k >= 0; k-- {
		sum = arith.AddF(b, arith.MulF(b, sum, r2), c(stirling[k]))
	}
	v := arith.MulF(b, arith.SubF(b, w, c(0.5)), arith.SubF(b, math.Log(b, w), c(1)))
	v = arith.AddF(b, arith.AddF(b, v, c((gomath.Log(2*gomath.Pi)-1)/2)), arith.MulF(b, sum, r))
	product := low
	for k := 1; k < shift; k++ {
		product = arith.MulF(b, product, arith.AddF(b, low, c(float64(k))))
	}
	v = arith.SubF(b, v, arith.Select(b, moved, math.Log(b, product), c(0)))
	sine := math.Sin(b, arith.MulF(b, fraction, c(gomath.Pi)))
	v = arith.Select(b, reflected, arith.SubF(b, math.Log(b, arith.DivF(b, c(gomath.Pi), sine)), v), v)
	return arith.Select(b, endless, arith.MulF(b, x, x), v)
}

// digammaLane is log w - 1 / (2 w) - sum (2k-1) c(k) w^(-2k), less the sum of
// 1 / (z + k) where z was moved up; less pi / tan(pi x) where it was reflected.
func digammaLane(b *ir.Builder, x *ir.Value) *ir.Value {
	c := func(v float64) *ir.Value { return constant(b, v, x) }
	reflected, moved, w, low, fraction := gammaArgument(b, x)
	r := arith.DivF(b, c(1), w)
	r2 := arith.MulF(b, r, r)
	var sum *ir.Value
	for k := len(stirling); k > 0; k-- {
		term := c(stirling[k-1] * float64(2*k-1))
		if sum == nil {
			sum = term
		} else {
			sum = arith.AddF(b, arith.MulF(b, sum, r2), term)
		}
	}
	v := arith.SubF(b, math.Log(b, w), arith.MulF(b, r, c(0.5)))
	v = arith.SubF(b, v, arith.MulF(b, sum, r2))
	below := arith.DivF(b, c(1), low)
	for k := 1; k < shift; k++ {
		below = arith.AddF(b, below, arith.DivF(b, c(1), arith.AddF(b, low, c(float64(k)))))
	}
	v = arith.SubF(b, v, arith.Select(b, moved, below, c(0)))
	// The poles are where x is whole; only that at 0 has a sign.
	pole := arith.AndI(b, arith.CmpF(b, arith.OLT, x, c(0)), arith.CmpF(b, arith.OEQ, x, math.Floor(b, x)))
	cotangent := arith.DivF(b, c(gomath.Pi), math.Unary(b, math.OpTan, arith.MulF(b, fraction, c(gomath.Pi))))
	v = arith.Select(b, reflected, arith.SubF(b, v, cotangent), v)
	return arith.Select(b, pole, c(gomath.NaN()), v)
}
