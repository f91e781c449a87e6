package passes_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

const (
	onTensor = "func.func @f(%x: tensor<2x3xf64>) -> TYPE {\n  %zero = aten.full {value = 0.0 : f64} : () -> tensor<2x3xf64>\n  %one = aten.full {value = 1.0 : f64} : () -> tensor<f64>\nOPS\n  func.return %r : TYPE\n}"
	onScalar = "func.func @f(%x: f64, %n: i64, %c: i1) -> TYPE {\n  %zero = arith.constant 0.0 : f64\n  %one = arith.constant 1.0 : f64\n" +
		"  %minus = arith.constant -1.0 : f64\n  %i0 = arith.constant 0 : i64\n  %i1 = arith.constant 1 : i64\nOPS\n  func.return %r : TYPE\n}"
)

// laws shows each law firing, and next to it what looks like it and must stay.
var laws = map[string]struct {
	frame, typ, fires string
	stays             []string
}{
	"x * 1 => x": {onTensor, "tensor<2x3xf64>", "%r = aten.mul %x, %one : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>", nil},
	"x / 1 => x": {onTensor, "tensor<2x3xf64>", "%r = aten.div %x, %one : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>",
		[]string{"%r = aten.div %x, %one {rounding_mode = \"floor\"} : (tensor<2x3xf64>, tensor<f64>) -> tensor<2x3xf64>"}},
	"x - 0 => x": {onTensor, "tensor<2x3xf64>", "%r = aten.sub %x, %zero : tensor<2x3xf64>",
		[]string{"%r = aten.sub %zero, %x : tensor<2x3xf64>"}},
	"x + 0 => x": {onTensor, "tensor<2x3xf64>", "%r = aten.add %x, %zero : tensor<2x3xf64>", nil},
	"x * 0 => 0": {onTensor, "tensor<2x3xf64>", "%r = aten.mul %x, %zero : tensor<2x3xf64>", nil},
	"x - x => 0": {onTensor, "tensor<2x3xf64>", "%r = aten.sub %x, %x : tensor<2x3xf64>",
		[]string{"%r = aten.sub %x, %x {alpha = 2.0 : f64} : tensor<2x3xf64>"}},
	"-(-x) => x":               {onTensor, "tensor<2x3xf64>", "%y = aten.neg %x : tensor<2x3xf64>\n  %r = aten.neg %y : tensor<2x3xf64>", nil},
	"abs(abs(x)) => abs(x)":    {onTensor, "tensor<2x3xf64>", "%y = aten.abs %x : tensor<2x3xf64>\n  %r = aten.abs %y : tensor<2x3xf64>", nil},
	"relu(relu(x)) => relu(x)": {onTensor, "tensor<2x3xf64>", "%y = aten.relu %x : tensor<2x3xf64>\n  %r = aten.relu %y : tensor<2x3xf64>", nil},
	"not(not(x)) => x": {onTensor, "tensor<2x3xi1>", "%b = aten.isnan %x : (tensor<2x3xf64>) -> tensor<2x3xi1>\n  %y = aten.logical_not %b : tensor<2x3xi1>\n  %r = aten.logical_not %y : tensor<2x3xi1>",
		[]string{"%y = aten.logical_not %x : (tensor<2x3xf64>) -> tensor<2x3xi1>\n  %r = aten.logical_not %y : tensor<2x3xi1>"}},
	"clone(x) => x": {onTensor, "tensor<2x3xf64>", "%r = aten.clone %x : tensor<2x3xf64>", nil},
	"to(x) => x": {onTensor, "tensor<2x3xf64>", "%r = aten.to %x {dtype = f64} : tensor<2x3xf64>",
		[]string{"%y = aten.to %x {dtype = f32} : (tensor<2x3xf64>) -> tensor<2x3xf32>\n  %r = aten.to %y {dtype = f64} : (tensor<2x3xf32>) -> tensor<2x3xf64>"}},
	"reshape(x) => x":                   {onTensor, "tensor<2x3xf64>", "%r = aten.reshape %x {shape = array<i64: 2, 3>} : tensor<2x3xf64>", nil},
	"reshape(reshape(x)) => reshape(x)": {onTensor, "tensor<3x2xf64>", "%y = aten.reshape %x {shape = array<i64: 6>} : (tensor<2x3xf64>) -> tensor<6xf64>\n  %r = aten.reshape %y {shape = array<i64: 3, 2>} : (tensor<6xf64>) -> tensor<3x2xf64>", nil},
	"permute(permute(x)) => permute(x)": {onTensor, "tensor<2x3xf64>", "%y = aten.permute %x {dims = array<i64: 1, 0>} : (tensor<2x3xf64>) -> tensor<3x2xf64>\n  %r = aten.permute %y {dims = array<i64: 1, 0>} : (tensor<3x2xf64>) -> tensor<2x3xf64>", nil},
	"permute identity": {onTensor, "tensor<2x3xf64>", "%r = aten.permute %x {dims = array<i64: 0, 1>} : tensor<2x3xf64>",
		[]string{"%y = aten.slice %x {dim = 1 : i64, end = 2 : i64, start = 0 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>\n  %z = aten.permute %y {dims = array<i64: 1, 0>} : tensor<2x2xf64>\n  %r = aten.cat %z, %x {dim = 1 : i64} : (tensor<2x2xf64>, tensor<2x3xf64>) -> tensor<2x5xf64>"}},
	"expand(x) => x":                 {onTensor, "tensor<2x3xf64>", "%r = aten.expand %x {shape = array<i64: 2, 3>} : tensor<2x3xf64>", nil},
	"expand(expand(x)) => expand(x)": {onTensor, "tensor<4x5x2x3xf64>", "%y = aten.expand %x {shape = array<i64: 5, 2, 3>} : (tensor<2x3xf64>) -> tensor<5x2x3xf64>\n  %r = aten.expand %y {shape = array<i64: 4, 5, 2, 3>} : (tensor<5x2x3xf64>) -> tensor<4x5x2x3xf64>", nil},
	"slice all": {onTensor, "tensor<2x3xf64>", "%r = aten.slice %x {dim = 1 : i64, end = 9 : i64, start = 0 : i64} : tensor<2x3xf64>",
		[]string{"%r = aten.slice %x {dim = 1 : i64, end = 9 : i64, start = 1 : i64} : (tensor<2x3xf64>) -> tensor<2x2xf64>"}},
	"mulf x, 1 => x":                {onScalar, "f64", "%r = arith.mulf %one, %x : f64", []string{"%r = arith.mulf %x, %zero : f64"}},
	"divf x, 1 => x":                {onScalar, "f64", "%r = arith.divf %x, %one : f64", []string{"%r = arith.divf %one, %x : f64"}},
	"subf x, 0 => x":                {onScalar, "f64", "%r = arith.subf %x, %zero : f64", []string{"%r = arith.subf %zero, %x : f64", "%r = arith.addf %x, %zero : f64"}},
	"negf(negf x) => x":             {onScalar, "f64", "%y = arith.negf %x : f64\n  %r = arith.negf %y : f64", nil},
	"mulf x, -1 => negf x":          {onScalar, "f64", "%r = arith.mulf %x, %minus : f64", nil},
	"addf x, (negf y) => subf x, y": {onScalar, "f64", "%s = math.sin %x : f64\n  %y = arith.negf %s : f64\n  %r = arith.addf %x, %y : f64", nil},
	"addi x, 0 => x":                {onScalar, "i64", "%r = arith.addi %i0, %n : i64", []string{"%r = arith.addi %i1, %n : i64"}},
	"muli x, 1 => x":                {onScalar, "i64", "%r = arith.muli %n, %i1 : i64", []string{"%r = arith.muli %n, %n : i64"}},
	"select c, x, x => x":           {onScalar, "f64", "%r = arith.select %c, %x, %x : f64", []string{"%r = arith.select %c, %x, %zero : f64"}},
}

// module writes ops into a frame; the type of %r is that which its op gives.
func module(frame, typ, ops string) string {
	last := ops[strings.LastIndex(ops, "\n")+1:]
	if i := strings.LastIndex(last, "-> "); i >= 0 {
		typ = last[i+3:]
	} else if strings.Contains(last, "aten.") {
		typ = last[strings.LastIndex(last, " : ")+3:]
	}
	return strings.NewReplacer("OPS", "  "+ops, "TYPE", typ).Replace(frame)
}

// arguments of the frames, edge values among them.
func arguments(frame string) [][]*tensor.Tensor {
	x := tensor.Of([]int64{2, 3}, []float64{0.5, -1.75, math.NaN(), math.Inf(1), math.Inf(-1), 0})
	if frame == onTensor {
		return [][]*tensor.Tensor{{&x}}
	}
	var out [][]*tensor.Tensor
	for i, v := range tensor.Values[float64](x) {
		s, n, c := tensor.Scalar(v), tensor.Scalar(int64(i-3)), tensor.Scalar(i%2 == 0)
		out = append(out, []*tensor.Tensor{&s, &n, &c})
	}
	return out
}

// TestEveryLaw wants each law of canonicalize to fire where it should, not to where it
// must not, and to keep what the function computes.
func TestEveryLaw(t *testing.T) {
	var rules []string
	for _, r := range passes.Rules() {
		rules = append(rules, r.Law)
		law, ok := laws[r.Law]
		require.True(t, ok, "no example of the law %q", r.Law)
		canonical := func(text, pass string) (fired []string, m, c *ir.Module) {
			m = parse(t, text)
			c = ir.CloneModule(m)
			pm := &passes.Manager{Trace: func(line string) { fired = append(fired, line) }}
			require.NoError(t, engine.RunPipeline(c, pass, pm))
			return fired, m, c
		}
		is := func(line string) bool { return strings.HasSuffix(line, ": "+r.Law) }
		pass := "canonicalize"
		text := module(law.frame, law.typ, law.fires)
		if r.FastMath {
			fired, _, _ := canonical(text, pass)
			require.False(t, slices.ContainsFunc(fired, is), "%q fired on floats without fast-math", r.Law)
			pass = "canonicalize{fast-math=true}"
		}
		fired, m, c := canonical(text, pass)
		require.True(t, slices.ContainsFunc(fired, is), "%q did not fire: %v\n%s", r.Law, fired, text)
		if !r.FastMath {
			agree(t, law.frame, m, c)
		}
		for _, ops := range law.stays {
			fired, m, c := canonical(module(law.frame, law.typ, ops), pass)
			require.False(t, slices.ContainsFunc(fired, is), "%q fired on\n%s", r.Law, ops)
			agree(t, law.frame, m, c)
		}
	}
	for law := range laws {
		require.Contains(t, rules, law)
	}
}

func agree(t *testing.T, frame string, m, c *ir.Module) {
	t.Helper()
	for _, args := range arguments(frame) {
		same(t, results(t, m, "f", args), results(t, c, "f", args), 0, "%s\n%s", m, c)
	}
}

// TestFoldingIsTheInterpreter wants constants to be folded to what the interpreter
// computes, at run time, from the same numbers.
func TestFoldingIsTheInterpreter(t *testing.T) {
	values := map[string][]string{
		"f64": {"0.0", "-0.0", "1.5", "-2.25", "1.0e300", "0x7FF0000000000000", "0x7FF8000000000000"},
		"f32": {"0.0", "0.1", "-2.25", "1.0e38", "0xFF800000"},
		"i64": {"0", "1", "-7", "9223372036854775807", "-9223372036854775808"},
		"i8":  {"0", "1", "-7", "127", "-128"},
	}
	ops := map[string][]string{
		"f64": {"arith.addf", "arith.subf", "arith.mulf", "arith.divf", "arith.maxf", "arith.minf", "math.atan2", "math.powf"},
		"i64": {"arith.addi", "arith.subi", "arith.muli", "arith.andi", "arith.ori", "arith.xori", "arith.maxsi", "arith.minsi"},
	}
	ops["f32"], ops["i8"] = ops["f64"], ops["i64"]
	for typ, list := range values {
		for _, op := range ops[typ] {
			for _, x := range list {
				for _, y := range list {
					constant := fmt.Sprintf("func.func @f() -> %[1]s {\n  %%x = arith.constant %[2]s : %[1]s\n  %%y = arith.constant %[3]s : %[1]s\n  %%r = %[4]s %%x, %%y : %[1]s\n  func.return %%r : %[1]s\n}", typ, x, y, op)
					m := parse(t, constant)
					want := results(t, m, "f", nil)
					require.NoError(t, engine.RunPipeline(m, "canonicalize", nil))
					require.NotContains(t, m.String(), op, "it was not folded")
					same(t, want, results(t, m, "f", nil), 0, "%s", constant)
				}
			}
		}
	}
}
