package passes

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
)

// Canonicalize applies the laws of arithmetic, and more if given.
func Canonicalize(more ...rewrite.Rule) *Pass { return CanonicalizeBy(append(Rules(), more...)) }

// CanonicalizeBy is the pass with the given laws alone.
func CanonicalizeBy(laws []rewrite.Rule) *Pass {
	return &Pass{
		Name: "canonicalize",
		Doc: "Applies laws until none matches: units and double negations go, renamings of renamings " +
			"become one, scalar constants are folded. Laws that hold for real numbers but not for floats fire on " +
			"integers only, unless fast-math is set. Removes pure ops that nothing uses.",
		Options: []Option{
			{Name: "fast-math", Default: "false", Doc: "let laws of real numbers fire on floats (x * 0 => 0 loses NaN)"},
		},
		Run: func(p *Run) error {
			rules, err := rewrite.NewSet(laws)
			if err != nil {
				return err
			}
			rules.Fold = foldScalar
			rules.FastMath = p.Bool("fast-math")
			if p.Trace != nil {
				rules.Trace = lineWriter(p.Trace)
			}
			_, err = rules.Apply(p.Module.Ctx, p.Root())
			return err
		},
	}
}

type lineWriter func(line string)

// Write passes one line on.
func (w lineWriter) Write(text []byte) (int, error) {
	n := len(text)
	if n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	w(string(text))
	return n, nil
}

// foldScalar computes a scalar op whose operands are all constants.
func foldScalar(b *ir.Builder, op *ir.Op) []*ir.Value {
	def := op.Def()
	if def == nil || def.Eval == nil || !op.Has(ir.Pure) || op.Has(ir.ConstantLike) || op.NumResults() != 1 || op.NumOperands() == 0 {
		return nil
	}
	in := make([]ir.Scalar, op.NumOperands())
	for i := range in {
		v, ok := arith.ConstantValue(op.Operand(i))
		if !ok {
			return nil
		}
		in[i] = v
	}
	out, err := def.Eval(op, in)
	if err != nil {
		return nil // left for run time, where the error has a place
	}
	return []*ir.Value{arith.ConstantOf(b, Round(out, op.Result(0).Type()), op.Result(0).Type())}
}

// Round brings a computed number to what type t can hold: f32 is rounded, integers
// wrap around.
func Round(v ir.Scalar, t ir.Type) ir.Scalar {
	switch t := t.(type) {
	case *ir.FloatType:
		if t == ir.F32 {
			v.F = float64(float32(v.F))
		}
	case *ir.IntegerType:
		switch bits := t.Bits(); {
		case bits == 1:
			v.I &= 1
		case bits < 64:
			v.I = v.I << (64 - bits) >> (64 - bits)
		}
	}
	return v
}

// Rules are the laws, each a line.
func Rules() []rewrite.Rule {
	x, y := rewrite.Var("x"), rewrite.Var("y")
	op := rewrite.Op
	noAlpha := func(o *ir.Op) bool { return o.Attr("alpha") == nil || o.Float("alpha", 1) == 1 }
	exact := func(o *ir.Op) bool { return o.Attr("rounding_mode") == nil }
	alphaOp := func(name ir.OpName, args ...rewrite.Pattern) rewrite.Pattern {
		return rewrite.OpWhen(name, noAlpha, args...)
	}
	rules := []rewrite.Rule{
		// Units. x + 0 changes -0.0 to 0.0 and is kept for floats.
		{Law: "x * 1 => x", From: op(aten.OpMul, x, rewrite.Splat(1)), To: x},
		{Law: "x / 1 => x", From: rewrite.OpWhen(aten.OpDiv, exact, x, rewrite.Splat(1)), To: x},
		{Law: "x - 0 => x", From: alphaOp(aten.OpSub, x, rewrite.Splat(0)), To: x},
		{Law: "x + 0 => x", From: alphaOp(aten.OpAdd, x, rewrite.Splat(0)), To: x, FastMath: true},
		{Law: "x * 0 => 0", From: op(aten.OpMul, x, rewrite.Splat(0)), To: zeroLikeRoot(), FastMath: true},
		{Law: "x - x => 0", From: alphaOp(aten.OpSub, x, x), To: zeroLikeRoot(), FastMath: true},

		// Involutions and idempotents.
		{Law: "-(-x) => x", From: op(aten.OpNeg, op(aten.OpNeg, x)), To: x},
		{Law: "abs(abs(x)) => abs(x)", From: op(aten.OpAbs, op(aten.OpAbs, x)), To: op(aten.OpAbs, x)},
		{Law: "relu(relu(x)) => relu(x)", From: op(aten.OpRelu, op(aten.OpRelu, x)), To: op(aten.OpRelu, x)},
		{Law: "not(not(x)) => x", From: op(aten.OpLogicalNot, op(aten.OpLogicalNot, x)), To: x},

		// Copies and casts that change nothing; the type check of the driver keeps the rest.
		{Law: "clone(x) => x", From: op(aten.OpClone, x), To: x, When: notStrided("x")},
		{Law: "to(x) => x", From: op(aten.OpTo, x), To: x},

		// Renamings.
		{Law: "reshape(x) => x", From: op(aten.OpReshape, x), To: x},
		{Law: "reshape(reshape(x)) => reshape(x)", From: op(aten.OpReshape, op(aten.OpReshape, x)), To: reshapeToRoot()},
		{Law: "permute(permute(x)) => permute(x)", From: op(aten.OpPermute, op(aten.OpPermute, x)), To: composedPermute()},
		{Law: "permute identity", From: op(aten.OpPermute, x), To: x, When: identityPermute},
		{Law: "expand(x) => x", From: op(aten.OpExpand, x), To: x},
		{Law: "expand(expand(x)) => expand(x)", From: op(aten.OpExpand, op(aten.OpExpand, x)), To: expandToRoot()},
		{Law: "slice all", From: op(aten.OpSlice, x), To: x},
	}
	// The same units for scalars, inside the bodies of loop nests.
	rules = append(rules,
		rewrite.Rule{Law: "mulf x, 1 => x", From: op(arith.OpMulF, x, rewrite.Splat(1)), To: x},
		rewrite.Rule{Law: "divf x, 1 => x", From: op(arith.OpDivF, x, rewrite.Splat(1)), To: x},
		rewrite.Rule{Law: "subf x, 0 => x", From: op(arith.OpSubF, x, rewrite.Splat(0)), To: x},
		rewrite.Rule{Law: "negf(negf x) => x", From: op(arith.OpNegF, op(arith.OpNegF, x)), To: x},
		rewrite.Rule{Law: "mulf x, -1 => negf x", From: op(arith.OpMulF, x, rewrite.Splat(-1)), To: op(arith.OpNegF, x)},
		rewrite.Rule{Law: "addf x, (negf y) => subf x, y", From: op(arith.OpAddF, x, op(arith.OpNegF, y)), To: op(arith.OpSubF, x, y)},
		rewrite.Rule{Law: "addi x, 0 => x", From: op(arith.OpAddI, x, rewrite.Splat(0)), To: x},
		rewrite.Rule{Law: "muli x, 1 => x", From: op(arith.OpMulI, x, rewrite.Splat(1)), To: x},
		rewrite.Rule{Law: "select c, x, x => x", From: op(arith.OpSelect, y, x, x), To: x},
	)
	return rules
}

// zeroLikeRoot is a constant 0 of the type of what is replaced.
func zeroLikeRoot() rewrite.Pattern {
	return rewrite.Do("0", func(b *ir.Builder, m *rewrite.Match) *ir.Value {
		t, ok := m.Root.Result(0).Type().(*ir.TensorType)
		if !ok || !ir.Static(t.Shape()) {
			return nil
		}
		return aten.Full(b, ir.Scalar{}, t.Shape(), t.Elem())
	})
}

// notStrided keeps the copy of an argument that has strides: check-contiguity
// made it, or the graph's writer wanted it.
func notStrided(name string) func(m *rewrite.Match) bool {
	return func(m *rewrite.Match) bool {
		t, ok := m.Value(name).Type().(*ir.TensorType)
		return ok && t.Encoding() == nil
	}
}

func reshapeToRoot() rewrite.Pattern {
	return rewrite.Do("reshape(x)", func(b *ir.Builder, m *rewrite.Match) *ir.Value {
		shape := ir.ShapeOf(m.Root.Result(0).Type())
		if !ir.Static(shape) {
			return nil
		}
		return aten.Reshape(b, m.Value("x"), shape)
	})
}

func expandToRoot() rewrite.Pattern {
	return rewrite.Do("expand(x)", func(b *ir.Builder, m *rewrite.Match) *ir.Value {
		shape := ir.ShapeOf(m.Root.Result(0).Type())
		if !ir.Static(shape) {
			return nil
		}
		return aten.Expand(b, m.Value("x"), shape)
	})
}

func composedPermute() rewrite.Pattern {
	return rewrite.Do("permute(x)", func(b *ir.Builder, m *rewrite.Match) *ir.Value {
		outer, inner := m.Root.Ints("dims"), m.Root.Operand(0).Def().Ints("dims")
		if len(outer) != len(inner) {
			return nil
		}
		dims := make([]int64, len(outer))
		for i, d := range outer {
			if d < 0 || int(d) >= len(inner) {
				return nil
			}
			dims[i] = inner[d]
		}
		return aten.Permute(b, m.Value("x"), dims)
	})
}

func identityPermute(m *rewrite.Match) bool {
	for i, d := range m.Root.Ints("dims") {
		if d != int64(i) {
			return false
		}
	}
	return true
}
