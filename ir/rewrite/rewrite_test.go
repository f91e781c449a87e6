package rewrite_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/parser/mlir"
)

var x, y = rewrite.Var("x"), rewrite.Var("y")

func parse(t *testing.T, body string) *ir.Module {
	t.Helper()
	m, err := mlir.Parse(dialects.Context(), "t.mlir", []byte("func.func @f(%x: f32, %y: f32, %n: i32) -> f32 {\n"+body+"\n}"))
	require.NoError(t, err)
	return m
}

// apply runs rules on a body and returns the names of the ops that are left.
func apply(t *testing.T, set *rewrite.Set, body string) (left []ir.OpName, fired int) {
	t.Helper()
	m := parse(t, body)
	fired, err := set.Apply(m.Ctx, m.Op)
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
	for op := m.Symbol("f").Body().First(); op != nil; op = op.Next() {
		left = append(left, op.Name)
	}
	return left, fired
}

func set(t *testing.T, rules ...rewrite.Rule) *rewrite.Set {
	t.Helper()
	s, err := rewrite.NewSet(rules)
	require.NoError(t, err)
	return s
}

var unit = rewrite.Rule{Law: "x * 1 => x", From: rewrite.Op(arith.OpMulF, x, rewrite.Splat(1)), To: x}

func TestRuleFiresEverywhereAndDropsWhatIsUnused(t *testing.T) {
	left, fired := apply(t, set(t, unit), `%one = arith.constant 1.0 : f32
  %a = arith.mulf %x, %one : f32
  %b = arith.mulf %a, %one : f32
  %c = arith.mulf %b, %one : f32
  func.return %c : f32`)
	require.Equal(t, 3, fired)
	require.Equal(t, []ir.OpName{"func.return"}, left)
}

// TestCommutedOperands wants both orders of a commutative op to match, and one only of
// another.
func TestCommutedOperands(t *testing.T) {
	_, fired := apply(t, set(t, unit), "%one = arith.constant 1.0 : f32\n%a = arith.mulf %one, %x : f32\nfunc.return %a : f32")
	require.Equal(t, 1, fired)
	less := rewrite.Rule{Law: "x - 0 => x", From: rewrite.Op(arith.OpSubF, x, rewrite.Splat(0)), To: x}
	_, fired = apply(t, set(t, less), "%zero = arith.constant 0.0 : f32\n%a = arith.subf %zero, %x : f32\nfunc.return %a : f32")
	require.Zero(t, fired)
}

// TestVariableTwice wants a variable that stands twice to be the same value, and what a
// failed attempt bound to be forgotten for the next.
func TestVariableTwice(t *testing.T) {
	same := rewrite.Rule{Law: "max(x, x) => x", From: rewrite.Op(arith.OpMaxF, x, x), To: x}
	_, fired := apply(t, set(t, same), "%a = arith.maxf %x, %y : f32\nfunc.return %a : f32")
	require.Zero(t, fired)
	_, fired = apply(t, set(t, same), "%a = arith.maxf %x, %x : f32\nfunc.return %a : f32")
	require.Equal(t, 1, fired)
	// max(y, neg(y)): the first order binds y to neg and fails, the second must not see it.
	absolute := rewrite.Rule{Law: "max(-y, y) => |y|", From: rewrite.Op(arith.OpMaxF, rewrite.Op(arith.OpNegF, y), y), To: rewrite.Op(math.OpAbsF, y)}
	left, fired := apply(t, set(t, absolute), "%n1 = arith.negf %y : f32\n%a = arith.maxf %y, %n1 : f32\nfunc.return %a : f32")
	require.Equal(t, 1, fired)
	require.Equal(t, []ir.OpName{"math.absf", "func.return"}, left)
}

// TestReplacementOfAnotherTypeIsRefused keeps IR well-typed whatever a rule says.
func TestReplacementOfAnotherTypeIsRefused(t *testing.T) {
	wrong := rewrite.Rule{Law: "sitofp(x) => x", From: rewrite.Op(arith.OpSIToFP, x), To: x}
	left, fired := apply(t, set(t, wrong), "%a = arith.sitofp %n : i32 to f32\nfunc.return %a : f32")
	require.Zero(t, fired)
	require.Equal(t, []ir.OpName{"arith.sitofp", "func.return"}, left)
}

func TestConditions(t *testing.T) {
	body := "%a = arith.addf %x, %y : f32\nfunc.return %a : f32"
	rule := rewrite.Rule{Law: "x + y => x", From: rewrite.Op(arith.OpAddF, x, y), To: x, When: func(m *rewrite.Match) bool { return m.Value("y").Index() == 7 }}
	_, fired := apply(t, set(t, rule), body)
	require.Zero(t, fired)
	rule.When = nil
	rule.FastMath = true
	s := set(t, rule)
	_, fired = apply(t, s, body)
	require.Zero(t, fired, "a law of real numbers fired on floats")
	s.FastMath = true
	_, fired = apply(t, s, body)
	require.Equal(t, 1, fired)
	s.Disabled = map[string]bool{rule.Law: true}
	_, fired = apply(t, s, body)
	require.Zero(t, fired)
	unless := rewrite.Rule{Law: "when", From: rewrite.OpWhen(arith.OpAddF, func(op *ir.Op) bool { return op.Attr("go") != nil }, x, y), To: x}
	_, fired = apply(t, set(t, unless), body)
	require.Zero(t, fired)
	_, fired = apply(t, set(t, unless), "%a = arith.addf %x, %y {go} : f32\nfunc.return %a : f32")
	require.Equal(t, 1, fired)
}

// TestRulesThatDoNotEnd wants a swap that matches what it makes to be an error that names
// the law, not a hang.
func TestRulesThatDoNotEnd(t *testing.T) {
	swap := rewrite.Rule{Law: "x - y => y - x", From: rewrite.Op(arith.OpSubF, x, y), To: rewrite.Op(arith.OpSubF, y, x)}
	m := parse(t, "%a = arith.subf %x, %y : f32\nfunc.return %a : f32")
	_, err := set(t, swap).Apply(m.Ctx, m.Op)
	require.ErrorContains(t, err, "does not come to an end")
	require.ErrorContains(t, err, swap.Law)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
}

func TestARuleMustStartWithAnOp(t *testing.T) {
	_, err := rewrite.NewSet([]rewrite.Rule{{Law: "x => x", From: x, To: x}})
	require.ErrorContains(t, err, `rule "x => x"`)
}

// TestTraceAndFold wants each firing as a line with its place, and folds before rules.
func TestTraceAndFold(t *testing.T) {
	s := set(t, unit)
	var trace bytes.Buffer
	s.Trace = &trace
	s.Fold = func(b *ir.Builder, op *ir.Op) []*ir.Value {
		if op.Name != arith.OpNegF {
			return nil
		}
		return []*ir.Value{op.Operand(0)}
	}
	_, fired := apply(t, s, "%one = arith.constant 1.0 : f32\n%a = arith.mulf %x, %one : f32\n%b = arith.negf %a : f32\nfunc.return %b : f32")
	require.Equal(t, 2, fired)
	require.Contains(t, trace.String(), "t.mlir:3:6: arith.mulf: x * 1 => x\n")
	require.Contains(t, trace.String(), "t.mlir:4:6: arith.negf: constant folding\n")
}

// TestRulesReachNestedRegions wants ops inside of loops to be rewritten, and to see
// what stands around them.
func TestRulesReachNestedRegions(t *testing.T) {
	m := parse(t, `%one = arith.constant 1.0 : f32
  %c = arith.cmpf olt, %x, %y : f32
  %r = scf.if %c -> f32 {
    %a = arith.mulf %x, %one : f32
    scf.yield %a : f32
  } else {
    scf.yield %y : f32
  }
  func.return %r : f32`)
	fired, err := set(t, unit).Apply(m.Ctx, m.Op)
	require.NoError(t, err)
	require.Equal(t, 1, fired)
	require.NotContains(t, m.String(), "mulf")
	require.NotContains(t, m.String(), "constant")
}

// TestEraseDead removes chains from the end, and keeps what has an effect.
func TestEraseDead(t *testing.T) {
	m := parse(t, `%c = arith.constant 0 : index
  %m = memref.alloc() : memref<1xf32>
  %a = arith.negf %x : f32
  %b = arith.negf %a : f32
  memref.store %x, %m[%c] : memref<1xf32>
  func.return %x : f32`)
	require.Equal(t, 2, rewrite.EraseDead(m.Op))
	require.Contains(t, m.String(), "memref.store")
	require.NotContains(t, m.String(), "negf")
	require.Zero(t, rewrite.EraseDead(m.Op))
}

// TestSplat reads constants of scalars and tensors, and nothing else.
func TestSplat(t *testing.T) {
	m := parse(t, "%a = arith.constant 2.5 : f32\n%b = arith.constant 3 : i32\n%c = aten.full {value = 4.0 : f64} : () -> tensor<2xf64>\nfunc.return %x : f32")
	var got []float64
	for op := m.Symbol("f").Body().First(); op.NumResults() == 1; op = op.Next() {
		v, ok := rewrite.SplatValue(op.Result(0))
		require.True(t, ok)
		got = append(got, v.F)
	}
	require.Equal(t, []float64{2.5, 3, 4}, got)
	_, ok := rewrite.SplatValue(m.Symbol("f").Body().Arg(0))
	require.False(t, ok)
}
